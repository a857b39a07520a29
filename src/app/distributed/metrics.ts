// What the metrics of one process of a deployment on servers read.
import { dirname } from 'node:path';
import type { Registry } from 'prom-client';
import type { FailureCounts } from '../log.js';
import { byLabels, openRegistry, type Sample } from '../metrics.js';
import {
  arrivals,
  deliveries,
  disk,
  ends,
  evaluations,
  seals,
  storesUp,
  warnings,
} from '../stage-metrics.js';
import type { Distributed } from './distributed.js';

/** Figures are read when they are asked for. @param failures by `stage code` */
export function openProcessMetrics(process: Distributed, failures: FailureCounts): Registry {
  const { folder } = process;
  const { alertSide: alert } = process;
  const readings = {
    ...arrivals(() => process.arrived),
    ...evaluations(() => process.evaluated),
    ...deliveries(() => alert?.delivering.deliver ?? null),
    ...seals(() => alert?.seals ?? null),
    ...ends(folder.logs, () => folder.operators.counts),
    ...warnings(() => process.remote),
    ...disk(dirname(folder.inboxDir)),
    ...storesUp(process.stores),
    fenghuo_events_released_total: () => byLabels(process.retaining.released),
    fenghuo_deadlines_missed_total: () => byLabels(alert?.alert.missed),
    fenghuo_evaluate_clock_timestamp_seconds: (): Sample[] =>
      process.clocks
        .filter(({ clock }) => Number.isFinite(clock))
        .map(({ log, partition, clock }) => [[log, String(partition)], clock / 1_000]),
    fenghuo_log_lag_records: async (): Promise<Sample[]> =>
      (await process.lags()).map(({ role, log, partition, records }) => [
        [role, log, String(partition)],
        records,
      ]),
    fenghuo_raw_lag_records: (): Sample[] =>
      [...process.rawLag].map(([place, records]) => [place.split('/'), records]),
    fenghuo_last_tick_timestamp_seconds: () =>
      Number.isFinite(process.lastTick) ? process.lastTick / 1_000 : null,
    fenghuo_stage_failures_total: () => byLabels(failures),
    fenghuo_rules_info: (): Sample[] => [[[process.rules.revision], 1]],
    fenghuo_rules_priming: () => process.awaitsHistory,
  };
  return openRegistry('servers', readings, process.rounds);
}
