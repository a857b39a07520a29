// The metrics of a running system, by Prometheus naming.
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { StateSize } from '../pipeline/key-cache.js';
import type { Embedded } from './embedded.js';
import { addDeliveries, addEnds, addEvents, addLabelled } from './stage-metrics.js';

/** The metrics of an embedded run; figures are read when they are asked for. */
export function openMetrics(embedded: Embedded): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number | Promise<number>) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  };
  const { ingest, evaluate, alert, deliver, folder, models } = embedded;
  gauge('fenghuo_evaluate_lag_records', 'Records of the events log that wait for evaluate.', () =>
    embedded.lag(),
  );
  gauge(
    'fenghuo_evaluate_clock_seconds',
    'Clock of the engine, seconds since the epoch.',
    () => evaluate.clock / 1000,
  );
  gauge('fenghuo_rules_priming', '1 while new indicators wait for their history, else 0.', () =>
    evaluate.telling === null ? 0 : 1,
  );
  gauge('fenghuo_rules_folder_faulty', '1 while the watched folder of rules has errors, else 0.', () =>
    models.watched.faulty ? 1 : 0,
  );
  gauge(
    'fenghuo_rules_folder_refused_total',
    'How often the watched folder of rules was refused since the start.',
    () => models.watched.refused,
  );
  gauge('fenghuo_evaluate_cached_keys', 'Keys held in memory.', () => evaluate.cachedKeys);
  gaugeWarnings(gauge, alert);
  gaugeIngest(gauge, ingest);
  addEvents(registry, () => evaluate);
  addDeliveries(registry, () => deliver);
  addEnds(registry, folder.logs);
  addReasons(registry, embedded);
  addState(registry, embedded);
  addSeals(registry, embedded);
  return registry;
}

type Gauging = (name: string, help: string, read: () => number) => void;

/** What arrives otherwise than expected. */
function gaugeIngest(gauge: Gauging, ingest: Embedded['ingest']): void {
  gauge(
    'fenghuo_ingest_held_back_events',
    'Events stamped ten seconds after the last tick.',
    () => ingest.heldBack,
  );
  gauge(
    'fenghuo_ingest_ignored_recordedtime_events',
    'Events whose recordedtime was ignored.',
    () => ingest.ignoredRecordedTimes,
  );
}

/** What stands, and what of it departments have not been told. */
function gaugeWarnings(gauge: Gauging, alert: Embedded['alert']): void {
  gauge('fenghuo_warnings_current', 'Warnings whose level is not none.', () => alert.current);
  gauge(
    'fenghuo_warnings_withheld',
    'Warnings that rest on a silent source and were sent to nobody.',
    () => alert.withheld,
  );
  gauge('fenghuo_sources_silent', 'Sources of which too many keys are silent.', () => alert.silentSources);
}

/** Why events do not count as they came: refused, and what operators hear of. */
function addReasons(registry: Registry, { ingest, folder }: Embedded): void {
  addLabelled(
    registry,
    'fenghuo_events_refused_total',
    'Dead letters since the start, by code.',
    ['code'],
    () => ingest.refused,
  );
  addLabelled(
    registry,
    'fenghuo_operator_alerts_by_code_total',
    'Alerts for the operators since the start, by code.',
    ['code'],
    () => folder.operators.counts,
  );
}

/** What the store holds of keys, by stratum; bytes over keys is what a key takes. */
function addState(registry: Registry, { evaluate }: Embedded): void {
  const gauge = (name: string, help: string, read: (size: StateSize) => number) => {
    new Gauge({
      name,
      help,
      labelNames: ['stratum'],
      registers: [registry],
      collect() {
        for (const [stratum, size] of evaluate.stateSizes.entries()) {
          this.set({ stratum: String(stratum) }, read(size));
        }
      },
    });
  };
  new Gauge({
    name: 'fenghuo_model_keys',
    help: 'Keys that a model holds, by model.',
    labelNames: ['model'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [model, keys] of evaluate.modelKeys) this.set({ model }, keys);
    },
  });
  gauge('fenghuo_state_keys', 'Keys of which anything is known, by stratum.', ({ keys }) => keys);
  gauge('fenghuo_state_bytes', 'Bytes of the records of all keys, by stratum.', ({ bytes }) => bytes);
}

/** Seals made, and those that wait for their holders. */
function addSeals(registry: Registry, { seals: { sealing, handOvers } }: Embedded): void {
  new Gauge({
    name: 'fenghuo_seals',
    help: 'Seals of the evidence.',
    registers: [registry],
    collect() {
      this.set(sealing.seals);
    },
  });
  new Gauge({
    name: 'fenghuo_seals_waiting',
    help: 'Seals that a holder does not have yet, by holder.',
    labelNames: ['holder'],
    registers: [registry],
    collect() {
      for (const { holder, position } of handOvers) this.set({ holder }, sealing.seals - position);
    },
  });
  new Gauge({
    name: 'fenghuo_seal_holder_failing',
    help: '1 while a holder does not take the next seal, else 0, by holder.',
    labelNames: ['holder'],
    registers: [registry],
    collect() {
      for (const { holder, failing } of handOvers) this.set({ holder }, failing ? 1 : 0);
    },
  });
}
