// The level state machine: which levels of a model are on for a key, as a function of its conditions over time.
import { UNKNOWN_ALERT_MS } from './limits.js';

/** What a condition says at an instant. */
export type Truth = 'true' | 'false' | 'unknown';

/**
 * One level. While `on` is false, the span counts how long its condition has been true without a break (`for`);
 * while `on` is true, how long it may have gone off (`hold`). `unknown` freezes the span.
 */
export interface LevelState {
  on: boolean;
  /** Ms of the span that passed before `runningSince`. */
  elapsed: number;
  /** Clock from which the span runs; NaN while it is frozen or there is none. */
  runningSince: number;
  /** Clock since when the condition is unknown; NaN otherwise. */
  unknownSince: number;
}

export function openLevel(): LevelState {
  return { on: false, elapsed: 0, runningSince: NaN, unknownSince: NaN };
}

/** Whether nothing would be lost by forgetting the state. */
export function isIdle(state: LevelState): boolean {
  return !state.on && isResting(state);
}

/** Whether the level is not on its way anywhere. */
export function isResting(state: LevelState): boolean {
  return state.elapsed === 0 && Number.isNaN(state.runningSince) && Number.isNaN(state.unknownSince);
}

/** What one level needs to know at one instant. */
export interface LevelStep {
  readonly clock: number;
  /** C(L): the condition of the level or of any graver one. */
  readonly condition: Truth;
  /** The level's `clear`, `true` where it has none. */
  readonly clear: Truth;
  readonly forMs: number;
  readonly holdMs: number;
  /** An event of one of the model's indicators was taken back at this instant: `hold` is skipped. */
  readonly withdrawn: boolean;
}

/**
 * Moves one level by one instant.
 * @returns true when an operator should hear that the level has been unknown for an hour
 */
export function moveLevel(state: LevelState, step: LevelStep): boolean {
  // Off needs the condition false and `clear` true; either unknown leaves it open, a `clear` that is false resets.
  const leaving: Truth =
    step.condition === 'true' || step.clear === 'false'
      ? 'false'
      : step.condition === 'false' && step.clear === 'true'
        ? 'true'
        : 'unknown';
  const counted = state.on ? leaving : step.condition;
  if (counted === 'unknown') return freeze(state, step.clock);
  state.unknownSince = NaN;
  if (counted === 'false') {
    state.elapsed = 0;
    state.runningSince = NaN;
    return false;
  }
  if (Number.isNaN(state.runningSince)) state.runningSince = step.clock;
  const span = state.elapsed + (step.clock - state.runningSince);
  const needed = state.on ? (step.withdrawn ? 0 : step.holdMs) : step.forMs;
  if (span >= needed) {
    state.on = !state.on;
    state.elapsed = 0;
    state.runningSince = NaN;
  }
  return false;
}

/** The next clock at which the level changes if its conditions stay as they are; Infinity if never. */
export function levelDue(state: LevelState, forMs: number, holdMs: number, clock: number): number {
  if (!Number.isNaN(state.unknownSince)) {
    const alert = state.unknownSince + UNKNOWN_ALERT_MS;
    return alert > clock ? alert : Infinity;
  }
  if (Number.isNaN(state.runningSince)) return Infinity;
  return state.runningSince + (state.on ? holdMs : forMs) - state.elapsed;
}

function freeze(state: LevelState, clock: number): boolean {
  if (!Number.isNaN(state.runningSince)) {
    state.elapsed += clock - state.runningSince;
    state.runningSince = NaN;
  }
  if (Number.isNaN(state.unknownSince)) {
    state.unknownSince = clock;
    return false;
  }
  return clock - state.unknownSince === UNKNOWN_ALERT_MS;
}
