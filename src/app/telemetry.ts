// What the metrics of a process in all roles read.
import { dirname, join } from 'node:path';
import type { Registry } from 'prom-client';
import type { ReleasedCounts } from '../pipeline/retention/release-events.js';
import type { Embedded } from './embedded.js';
import { embeddedLags } from './embedded-lags.js';
import { lastBackup } from './last-backup.js';
import type { FailureCounts } from './log.js';
import { byLabels, openRegistry, type Sample } from './metrics.js';
import { StoreSizes } from './store-sizes.js';
import { arrivals, deliveries, disk, ends, evaluations, seals, storesUp, warnings } from './stage-metrics.js';

/** The metrics of an embedded run; figures are read when they are asked for. @param failures by `stage code` */
export function openMetrics(
  embedded: Embedded,
  failures: FailureCounts,
  released: () => ReleasedCounts = () => new Map(),
): Registry {
  const { ingest, evaluate, alert, folder, models } = embedded;
  const dataDir = dirname(folder.inboxDir);
  const sizes = new StoreSizes({ lmdb: join(dataDir, 'lmdb'), warehouse: folder.warehouseDir });
  const readings = {
    ...arrivals(() => ingest.arrived),
    ...evaluations(() => evaluate),
    ...deliveries(() => embedded.deliver),
    ...seals(() => embedded.seals),
    ...ends(folder.logs, () => folder.operators.counts),
    ...warnings(() => alert),
    ...disk(dataDir),
    fenghuo_store_size_bytes: () => sizes.read(),
    ...storesUp({ warehouse: () => embedded.archive.answers() }),
    fenghuo_events_released_total: () => byLabels(released()),
    fenghuo_deadlines_missed_total: () => byLabels(alert.missed),
    fenghuo_evaluate_clock_timestamp_seconds: (): Sample[] =>
      Number.isFinite(evaluate.clock) ? [[['events', '0'], evaluate.clock / 1_000]] : [],
    fenghuo_log_lag_records: async (): Promise<Sample[]> =>
      (await embeddedLags(embedded)).map(({ role, log, partition, records }) => [
        [role, log, String(partition)],
        records,
      ]),
    fenghuo_stage_failures_total: () => byLabels(failures),
    fenghuo_backup_last_success_timestamp_seconds: async () =>
      ((await lastBackup(folder.values)) ?? 0) / 1_000,
    fenghuo_rules_info: (): Sample[] => [[[embedded.rules.revision], 1]],
    fenghuo_rules_priming: () => (evaluate.telling === null ? 0 : 1),
    fenghuo_rules_reloads_total: () => byLabels(models.watched.read),
    fenghuo_rules_folder_faulty: () => (models.watched.faulty ? 1 : 0),
  };
  return openRegistry('embedded', readings, embedded.rounds);
}
