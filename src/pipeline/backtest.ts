// Backtest: history through the same engine that runs live, with every key in memory.
import { MemoryKeyStore } from '../engine/key-state.js';
import type { Output, ScoreEvidence, Transition } from '../engine/output.js';
import { Strata } from '../engine/strata.js';
import { CodedError } from '../events/coded-error.js';
import type { Event, Json } from '../events/event.js';
import { pseudonymise } from '../events/pseudonym.js';
import { formatInstant } from '../events/timestamp.js';
import type { RuleSet } from '../model/ruleset.js';
import { inOrderOfArrival, type EventSource, type RefusedEvent } from './arrivals.js';
import { Tally, type BacktestSummary } from './backtest-summary.js';
import { SortRoom } from './event-buffer.js';
import { Masking } from './masking.js';

export type { EventSource, RefusedEvent } from './arrivals.js';
export type { BacktestSummary, WarningCount } from './backtest-summary.js';

export const SORT_LIMIT = 2_000_000;
export const SOURCES_MAX = 10_000;

export interface BacktestOptions {
  readonly rules: RuleSet;
  readonly sources: readonly EventSource[];
  /** Transitions before this instant are not reported, though the events before it count; epoch ms. */
  readonly fromMs?: number | undefined;
  /** Events that arrive after this instant are not read, and the run ends with a tick there; epoch ms. */
  readonly toMs?: number | undefined;
  /** Events held at a time to be sorted; `SORT_LIMIT` unless given. */
  readonly sortLimit?: number | undefined;
  /** At least 16 random bytes: personal values become pseudonyms, as in a live run, under this key. */
  readonly pseudonymKey: Uint8Array;
  /** Receives transitions in order; a promise holds the run back. */
  readonly onTransition: (transition: BacktestTransition) => void | Promise<void>;
  readonly onRefused: (refused: RefusedEvent) => void;
}

/** One line of the result. Names stand in the order in which they are written. */
export interface BacktestTransition {
  /** `<warning>/<ordinal>`, as a live run over the same log has it. */
  readonly id: string;
  readonly model: string;
  readonly scope: string;
  readonly key: string;
  readonly level: string;
  readonly previous: string;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly clock: string;
  readonly indicators: { readonly [name: string]: Json };
  /** Of a model that has one. */
  readonly score?: ScoreEvidence;
  readonly params: { readonly [name: string]: Json };
  readonly reason: string;
  /** Sources on whose silence it rests: a live run withholds it while they are silent. Absent where there is none. */
  readonly rests_on?: readonly string[];
  readonly revision: string;
}

/**
 * Runs rules over history. The result depends on the events alone: not on their order in the sources, nor on how they
 * are split over them.
 * @throws CodedError BACKTEST_SORT_LIMIT, and what reading a source throws
 */
export async function backtest(options: BacktestOptions): Promise<BacktestSummary> {
  const { rules, sources, pseudonymKey, onTransition, fromMs = -Infinity, toMs = Infinity } = options;
  if (sources.length > SOURCES_MAX) {
    throw new CodedError('USAGE', `${sources.length} sources of events; at most ${SOURCES_MAX}.`);
  }
  const tally = new Tally();
  const masking = new Masking();
  let reported: BacktestTransition[] = [];
  let stepping: Event | undefined;
  const emit = (output: Output): void => {
    if (output.kind !== 'transition') tally.heard(output, stepping);
    else if (output.clock >= fromMs) {
      tally.warned(output);
      reported.push(lineOf(output, masking));
    }
  };
  const report = async (): Promise<void> => {
    const lines = reported;
    reported = [];
    for (const line of lines) {
      const waiting = onTransition(line);
      if (waiting !== undefined) await waiting;
    }
  };
  const strata = new Strata(rules, { namespace: 'live', store: () => new MemoryKeyStore(), emit });
  const onRefused = (refused: RefusedEvent): void => {
    tally.refusedFor(refused.code);
    options.onRefused(refused);
  };
  const room = new SortRoom(options.sortLimit ?? SORT_LIMIT);
  let offset = 0;
  for await (const events of inOrderOfArrival(sources, { toMs, room, onRefused })) {
    for (const event of events) {
      stepping = pseudonymise(event, pseudonymKey).event;
      strata.step(stepping, offset++);
    }
    await report();
  }
  if (toMs !== Infinity) strata.step({ kind: 'tick', at: toMs }, offset);
  strata.end();
  await report();
  return tally.summary(strata);
}

function lineOf(transition: Transition, masking: Masking): BacktestTransition {
  const { warning, ordinal, model, scope, key, level, previous, reason, revision } = transition;
  return {
    id: `${warning}/${ordinal}`,
    model,
    scope,
    key,
    level,
    previous,
    clock: formatInstant(transition.clock),
    indicators: masking.masked(transition.indicators),
    ...(transition.score === undefined ? {} : { score: transition.score }),
    params: transition.params,
    reason,
    ...(transition.restsOn === undefined ? {} : { rests_on: transition.restsOn }),
    revision,
  };
}
