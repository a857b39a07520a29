// The timers that fall due in a batch.
import { STORE_LIMITS } from '../events/store-limits.js';
import type { StateStore, TimerEntry } from '../ports/state.js';

const TIMERS_PER_BATCH = 20_000;

export interface DueTimers {
  readonly timers: readonly TimerEntry[];
  /** The instant up to which all of them are at hand where they are too many for one batch, else null. */
  readonly until: number | null;
}

/** The timers of all strata that fall due up to an instant. */
export async function dueTimers(
  state: StateStore,
  namespace: string,
  horizon: number,
  most = TIMERS_PER_BATCH,
): Promise<DueTimers> {
  if (horizon === -Infinity) return { timers: [], until: null };
  const due = await state.due(namespace, horizon, most);
  const last = due[due.length - 1];
  if (due.length < most || last === undefined) return { timers: due, until: null };
  const whole = due.filter((timer) => timer.due < last.due);
  // More timers at one instant than a batch holds: they must be decided together all the same.
  const timers = whole.length > 0 ? whole : await state.due(namespace, last.due, STORE_LIMITS.readEntries);
  return { timers, until: Math.min(timers[timers.length - 1]?.due ?? last.due, horizon) };
}
