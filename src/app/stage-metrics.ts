// Metrics of the stages, the same in every mode: read when they are asked for, and left out where they cannot be read then.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { EngineCounters } from '../engine/context.js';
import type { Logs } from '../ports/log.js';
import type { Delivering } from './delivering.js';
import { within } from './within.js';

/** What evaluate counted since the start. */
export interface Evaluated {
  /** Undefined before the first record. */
  readonly counters: EngineCounters | undefined;
  /** By `verdict code`. */
  readonly verdicts: ReadonlyMap<string, number>;
}

type Deliver = Delivering['deliver'];

/** Counts by the values of the labels, one blank between them; undefined before the first record. */
type Counts = () => ReadonlyMap<string, number> | undefined;

/** A store that does not answer for so long is not waited for. */
const READ_MS = 2_000;

/** Events on their way through evaluate, and why they do not count as they came: late, taken back, incomplete. */
export function addEvents(registry: Registry, read: () => Evaluated): void {
  addTotal(
    registry,
    'fenghuo_events_evaluated_total',
    'Events stepped since the start.',
    () => read().counters?.events ?? 0,
  );
  addTotal(
    registry,
    'fenghuo_evaluations_total',
    'Evaluations of a model on a key.',
    () => read().counters?.evaluations ?? 0,
  );
  addLabelled(
    registry,
    'fenghuo_events_late_total',
    'Events outside a window on arrival, by model.',
    ['model'],
    () => read().counters?.late,
  );
  addLabelled(
    registry,
    'fenghuo_event_verdicts_total',
    'Events that did not simply count: duplicates, revocations taken, refused or met by no event (tombstone).',
    ['verdict', 'code'],
    () => read().verdicts,
  );
  addLabelled(
    registry,
    'fenghuo_fields_missing_total',
    'Reads of a field that the event or the profile lacks, by model and field.',
    ['model', 'field'],
    () => read().counters?.missing,
  );
}

/** How deliveries and the channels fare; names of channels are those of the configuration. */
export function addDeliveries(registry: Registry, read: () => Deliver): void {
  addTotal(
    registry,
    'fenghuo_deliveries_total',
    'Deliveries taken by their channels.',
    () => read().delivered,
  );
  addTotal(
    registry,
    'fenghuo_deliveries_undeliverable_total',
    'Deliveries that were given up.',
    () => read().undeliverable,
  );
  addLabelled(
    registry,
    'fenghuo_delivery_attempts_total',
    'Messages handed to a channel since the start, by channel and outcome.',
    ['channel', 'outcome'],
    () => read().attempts,
  );
  const gauge = (name: string, help: string, of: (count: { waiting: number; open: number }) => number) => {
    new Gauge({
      name,
      help,
      labelNames: ['channel'],
      registers: [registry],
      collect() {
        for (const [channel, count] of read().counts) this.set({ channel }, of(count));
      },
    });
  };
  gauge(
    'fenghuo_delivery_queue_messages',
    'Messages that wait for a channel, by channel.',
    ({ waiting }) => waiting,
  );
  gauge(
    'fenghuo_delivery_open_circuits',
    'Endpoints that are left alone after failures, by channel.',
    ({ open }) => open,
  );
}

/** What logs hold that somebody has to look at; of several processes on the same logs each says the same. */
export function addEnds(registry: Registry, logs: Pick<Logs, 'dead-letters' | 'operator'>): void {
  addTotal(
    registry,
    'fenghuo_dead_letters_total',
    'Events that were refused, and deliveries that were given up.',
    () => logs['dead-letters'].end(0),
  );
  addTotal(registry, 'fenghuo_operator_alerts_total', 'Alerts for the operators.', () =>
    logs.operator.end(0),
  );
}

/** The values of the labels are names of models and their fields, or codes: their number is bounded by the rules. */
export function addLabelled(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: Counts,
): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const [text, count] of read() ?? []) {
        const values = text.split(' ');
        this.inc(Object.fromEntries(labelNames.map((label, index) => [label, values[index] ?? ''])), count);
      }
    },
  });
}

function addTotal(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | Promise<number>,
): void {
  let known = 0;
  new Counter({
    name,
    help,
    registers: [registry],
    async collect() {
      // Figures are asked for most of all while a server is down: what was known last stands until it answers.
      known = await within(READ_MS, Promise.resolve(read()), known).catch(() => known);
      this.reset();
      this.inc(Math.max(0, known));
    },
  });
}
