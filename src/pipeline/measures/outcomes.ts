// Outcomes: what really happened to a subject and when, as labels that somebody else wrote; and which warnings foresaw them.
import type { Level } from '../../model/model.js';
import { keyOf, reached, type RaisedWarning } from './raised.js';

/** Outcomes of one run that are held in memory. */
export const OUTCOMES_MAX = 2_000_000;

export interface Outcome {
  readonly scope: string;
  /** The key's id without its scope. */
  readonly key: string;
  /** When it happened, epoch ms. */
  readonly time: number;
  /** What happened, such as `fire`. */
  readonly kind: string;
  /** Id of the event that tells of it, where there is one. */
  readonly event: string | null;
}

/** What is known of the time in which warnings and outcomes are compared; epoch ms. */
export interface Observed {
  /** Warnings raised and outcomes from here on count. */
  readonly fromMs: number;
  /** When the run ended: later outcomes tell whether a warning was right, and nobody could foresee them to their end. */
  readonly endMs: number;
  /** Outcomes are known up to and with this instant, the end of the run or later. */
  readonly untilMs: number;
  /** A warning is right where an outcome follows within so long, and an outcome foreseen where one stood so long before. */
  readonly horizonMs: number;
}

/** Outcomes by key, ascending in time, as far as they are known. */
export class OutcomeBook {
  /** The kinds of key to which anything happened. */
  readonly scopes: ReadonlySet<string>;
  /** Those of the run itself. */
  readonly inSpan: readonly Outcome[];
  private readonly byKey = new Map<string, Outcome[]>();

  constructor(outcomes: readonly Outcome[], { fromMs, endMs, untilMs }: Observed) {
    const known = outcomes.filter(({ time }) => time >= fromMs && time <= untilMs);
    this.inSpan = known.filter(({ time }) => time <= endMs);
    this.scopes = new Set(known.map(({ scope }) => scope));
    for (const outcome of known) {
      const key = keyOf(outcome);
      const list = this.byKey.get(key);
      if (list === undefined) this.byKey.set(key, [outcome]);
      else list.push(outcome);
    }
    for (const list of this.byKey.values()) list.sort((a, b) => a.time - b.time);
  }

  /** The first outcome on a key after an instant; undefined where none is known. */
  firstAfter(key: string, instant: number): Outcome | undefined {
    return this.byKey.get(key)?.find(({ time }) => time > instant);
  }

  /** The last outcome on a key at an instant or before; undefined where none is known. */
  lastUpTo(key: string, instant: number): Outcome | undefined {
    return this.byKey.get(key)?.findLast(({ time }) => time <= instant);
  }
}

/** A warning as it was judged. */
export interface JudgedWarning {
  readonly warning: RaisedWarning;
  readonly key: string;
  /** When it came to the level that was asked for. */
  readonly at: number;
  /** True where an outcome followed in time; null where the horizon ends after what is known. */
  readonly right: boolean | null;
  /** The first outcome after it, where that makes it right. */
  readonly outcome: Outcome | null;
}

/** An outcome, and the earliest warning within the horizon before it. */
export interface ForeseenOutcome {
  readonly outcome: Outcome;
  readonly key: string;
  readonly by: JudgedWarning | null;
  /** From that warning to the outcome; null where nothing warned. */
  readonly leadMs: number | null;
}

export interface Judged {
  readonly warnings: readonly JudgedWarning[];
  readonly outcomes: readonly ForeseenOutcome[];
}

/**
 * Sets warnings against outcomes on the same key. A warning at `a` is right where an outcome lies in (a, a + horizon]. One
 * whose horizon ends after what is known, and that nothing followed yet, is not judged: it is neither right nor wrong
 * (censored), or late warnings would all look false. An outcome at `t` is foreseen by the warnings in [t - horizon, t);
 * its lead time is that from the earliest of them. A warning at the instant of the outcome foresees nothing.
 * @param least warnings count from when they came to this level
 */
export function judge(
  warnings: readonly RaisedWarning[],
  outcomes: OutcomeBook,
  { endMs, horizonMs, untilMs }: Observed,
  least: Level,
): Judged {
  const judged: JudgedWarning[] = [];
  const byKey = new Map<string, JudgedWarning[]>();
  for (const warning of warnings) {
    const at = reached(warning, least);
    if (at === Infinity || at > endMs || !outcomes.scopes.has(warning.scope)) continue;
    const key = keyOf(warning);
    const followed = outcomes.firstAfter(key, at);
    const isRight = followed !== undefined && followed.time <= at + horizonMs;
    const right = isRight ? true : at + horizonMs <= untilMs ? false : null;
    const one = { warning, key, at, right, outcome: isRight ? followed : null };
    judged.push(one);
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [one]);
    else list.push(one);
  }
  for (const list of byKey.values()) list.sort((a, b) => a.at - b.at);
  const foreseen = outcomes.inSpan.map((outcome): ForeseenOutcome => {
    const { time } = outcome;
    const key = keyOf(outcome);
    const by = byKey.get(key)?.find(({ at }) => at >= time - horizonMs && at < time) ?? null;
    return { outcome, key, by, leadMs: by === null ? null : time - by.at };
  });
  return { warnings: judged, outcomes: foreseen };
}
