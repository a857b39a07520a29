// The metrics of one process of a deployment on servers, by Prometheus naming.
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { addDeliveries, addEnds, addEvents, addLabelled } from '../stage-metrics.js';
import { within } from '../within.js';
import type { Distributed } from './distributed.js';

/** Logs that do not answer for so long are not waited for. */
const LAGS_MS = 2_000;

/** Figures are read when they are asked for. */
export function openProcessMetrics(process: Distributed): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  process.rounds.register(registry);
  new Gauge({
    name: 'fenghuo_log_lag_records',
    help: 'Records that wait for a worker of this process, by role, log and partition.',
    labelNames: ['role', 'log', 'partition'],
    registers: [registry],
    async collect() {
      this.reset();
      // Other figures are asked for most of all while a server is down.
      const lags = await within(LAGS_MS, process.lags(), []).catch(() => []);
      for (const { role, log, partition, records } of lags) {
        this.set({ role, log, partition: String(partition) }, records);
      }
    },
  });
  new Gauge({
    name: 'fenghuo_raw_lag_records',
    help: 'Records of topics of other systems that are not taken, by topic and partition, of those read here.',
    labelNames: ['topic', 'partition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [place, records] of process.rawLag) {
        const [topic = '', partition = ''] = place.split('/');
        this.set({ topic, partition }, records);
      }
    },
  });
  new Gauge({
    name: 'fenghuo_evaluate_clock_seconds',
    help: 'Clock of a partition, seconds since the epoch, by log.',
    labelNames: ['log', 'partition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { log, partition, clock } of process.clocks) {
        if (Number.isFinite(clock)) this.set({ log, partition: String(partition) }, clock / 1000);
      }
    },
  });
  new Gauge({
    name: 'fenghuo_warnings_current',
    help: 'Warnings whose level is not none.',
    registers: [registry],
    collect() {
      this.set(process.currentWarnings);
    },
  });
  addIntake(registry, process);
  addEvents(registry, () => process.evaluated);
  if (process.delivering !== null) {
    const { deliver } = process.delivering;
    addDeliveries(registry, () => deliver);
  }
  addEnds(registry, process.folder.logs);
  return registry;
}

/** What arrives at this process. */
function addIntake(registry: Registry, process: Distributed): void {
  new Gauge({
    name: 'fenghuo_last_tick_seconds',
    help: 'The newest tick that this process knows, seconds since the epoch.',
    registers: [registry],
    collect() {
      const { lastTick } = process;
      if (Number.isFinite(lastTick)) this.set(lastTick / 1000);
    },
  });
  new Gauge({
    name: 'fenghuo_ingest_held_back_events',
    help: 'Events stamped ten seconds after the last tick.',
    registers: [registry],
    collect() {
      this.set(process.heldBack);
    },
  });
  addLabelled(
    registry,
    'fenghuo_events_refused_total',
    'Dead letters since the start, by code.',
    ['code'],
    () => process.refused,
  );
  addLabelled(
    registry,
    'fenghuo_operator_alerts_by_code_total',
    'Alerts for the operators that this process said since its start, by code.',
    ['code'],
    () => process.folder.operators.counts,
  );
}
