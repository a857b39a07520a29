// Backtest: history through the same engine that runs live, under one or several sets of rules at once.
import { CodedError } from '../../events/coded-error.js';
import type { Event, LogRecord } from '../../events/event.js';
import { pseudonymise } from '../../events/pseudonym.js';
import type { RunStore } from '../../ports/run-store.js';
import { inOrderOfArrival, type EventSource, type RefusedEvent } from '../arrivals.js';
import { SortRoom } from '../event-buffer.js';
import { BacktestRun, type BacktestRunOptions, type BacktestTransition } from './run.js';
import type { BacktestSummary } from './summary.js';

export type { EventSource, RefusedEvent } from '../arrivals.js';
export type { BacktestTransition } from './run.js';
export type { BacktestSummary, WarningCount } from './summary.js';

export const SORT_LIMIT = 2_000_000;
export const SOURCES_MAX = 10_000;

/** Records in the order in which they count. */
export type Arriving = AsyncIterable<readonly LogRecord[]>;

export interface BacktestOptions {
  readonly rules: BacktestRunOptions['rules'];
  readonly sources: readonly EventSource[];
  /** Transitions before this instant are not reported, though the events before it count; epoch ms. */
  readonly fromMs?: number | undefined;
  /** Events that arrive after this instant are not read, and the run ends with a tick there; epoch ms. */
  readonly toMs?: number | undefined;
  /** Events held at a time to be sorted; `SORT_LIMIT` unless given. */
  readonly sortLimit?: number | undefined;
  /** Takes what does not fit in memory to be sorted; without it that is an error. */
  readonly runs?: RunStore | undefined;
  /** At least 16 random bytes: personal values become pseudonyms, as in a live run, under this key. */
  readonly pseudonymKey: Uint8Array;
  /** Receives transitions in order; a promise holds the run back. */
  readonly onTransition: (transition: BacktestTransition) => void | Promise<void>;
  readonly onRefused: (refused: RefusedEvent) => void;
}

/**
 * Runs rules over history. The result depends on the events alone: not on their order in the sources, nor on how they
 * are split over them.
 * @throws CodedError BACKTEST_SORT_LIMIT, and what reading a source throws
 */
export async function backtest(options: BacktestOptions): Promise<BacktestSummary> {
  const { rules, fromMs = -Infinity, toMs = Infinity, onTransition } = options;
  const run = new BacktestRun({ rules, fromMs, onTransition });
  const onRefused = (refused: RefusedEvent) => {
    run.refused(refused.code);
    options.onRefused(refused);
  };
  await runOver(eventsOf({ ...options, toMs, onRefused }), [run], { toMs });
  return run.summary();
}

export interface EventsOptions {
  readonly sources: readonly EventSource[];
  readonly toMs: number;
  readonly sortLimit?: number | undefined;
  readonly runs?: RunStore | undefined;
  readonly pseudonymKey: Uint8Array;
  readonly onRefused: (refused: RefusedEvent) => void;
  /** Hears of each event that is read, in no particular order, and whether nothing said when it arrived. */
  readonly onRead?: ((event: Event, isAssumed: boolean) => void) | undefined;
}

/** The events of sources in order of arrival, their personal values hidden. @throws CodedError as `backtest` does */
export async function* eventsOf(options: EventsOptions): AsyncGenerator<readonly Event[]> {
  const { sources, toMs, runs, onRefused, onRead, pseudonymKey } = options;
  if (sources.length > SOURCES_MAX) {
    throw new CodedError('USAGE', `${sources.length} sources of events; at most ${SOURCES_MAX}.`);
  }
  const room = new SortRoom(options.sortLimit ?? SORT_LIMIT);
  for await (const events of inOrderOfArrival(sources, { toMs, room, runs, onRefused, onRead })) {
    yield events.map((event) => pseudonymise(event, pseudonymKey).event);
  }
}

export interface RunOverOptions {
  /** The run ends with a tick there; Infinity for with the last record. */
  readonly toMs: number;
  /** Hears after each batch how many events were stepped, and the instant that was reached. */
  readonly onProgress?: ((events: number, clock: number) => void) | undefined;
}

/** Steps records through every run, each for itself, to the end. @returns how many events there were */
export async function runOver(
  arriving: Arriving,
  runs: readonly BacktestRun[],
  { toMs, onProgress }: RunOverOptions,
): Promise<number> {
  let offset = 0;
  let events = 0;
  for await (const records of arriving) {
    for (const record of records) {
      if (record.kind === 'event') events++;
      for (const run of runs) run.step(record, offset);
      offset++;
    }
    for (const run of runs) await run.report();
    onProgress?.(events, records[records.length - 1]?.at ?? NaN);
  }
  for (const run of runs) {
    if (toMs !== Infinity) run.step({ kind: 'tick', at: toMs }, offset);
    run.end();
    await run.report();
  }
  return events;
}
