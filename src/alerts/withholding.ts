// What departments were not told at once, and why: a silence, a group, a digest, a cap, or that it was over before.
import type { UntoldReason } from '../events/withheld.js';
import type { Level } from '../model/model.js';
import { reasonOf, type WithheldReason } from './silence.js';
import type { AlertState } from './state.js';

/** Why a message waits for others, or for its hour; or that nobody needs it any more. */
export type HeldReason = Exclude<UntoldReason, WithheldReason>;

/** One thing that was not told. Instants are epoch ms. */
export interface Withholding {
  readonly at: number;
  readonly reason: UntoldReason;
  readonly warning: string;
  /** Of the transition; null where a message that stands for many waits. */
  readonly ordinal: number | null;
  readonly level: Level;
  /** Who was not told; null where nobody was. */
  readonly department: string | null;
  /** What it waits for, where nobody was told: see `Withheld`. */
  readonly sources?: readonly string[];
  /** When it goes out by itself; what comes meanwhile may take its place. */
  readonly due?: number;
}

/**
 * What a transition left untold; null where departments were told, or had nothing to be told.
 * @param before the state of the warning before the step; undefined where there was none
 * @param after the state that the step gave
 */
export function withheldIn(
  before: AlertState | undefined,
  after: AlertState | undefined,
): Withholding | null {
  const entry = after?.history.at(-1);
  if (after?.withheld === undefined || entry?.withheld === undefined) return null;
  if (before?.latest.transition.ordinal === after.latest.transition.ordinal) return null;
  const { sources } = after.withheld;
  return {
    at: entry.clock,
    reason: reasonOf(sources),
    warning: after.warning,
    ordinal: entry.ordinal,
    level: entry.level,
    department: null,
    sources,
  };
}
