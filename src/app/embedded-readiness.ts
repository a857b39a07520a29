// Whether a process in all roles is ready: caught up, its clock passing, its stores taking what is written.
import type { ReadyCheck } from '../ports/front.js';
import { check, clockCheck, type ReadyBounds } from './readiness.js';

/** What is seen of an embedded run. */
export interface EmbeddedSeen extends ReadyBounds {
  readonly isReplaying: boolean;
  readonly isLive: boolean;
  readonly isFailing: boolean;
  /** Records of the events log that wait for evaluate; null where the store does not say. */
  readonly lag: number | null;
  /** Of evaluate, epoch ms; -Infinity before the first record. */
  readonly clock: number;
  readonly now: number;
  /** Whether the clock of the machine is behind the log. */
  readonly isClockBehind: boolean;
  readonly isStoreRefusing: boolean;
  /** Null where it runs without a warehouse. */
  readonly hasWarehouse: boolean | null;
}

/** All checks, those that hold included. */
export function embeddedReadiness(seen: EmbeddedSeen): ReadyCheck[] {
  const { isReplaying, isLive, lag, lagMax, hasWarehouse } = seen;
  const waits = lag === null ? {} : { lag_records: lag };
  // Before time passes, a clock that stands is where the log ends.
  const passing = clockCheck(
    isLive ? seen.clock : seen.now,
    seen.now,
    seen.clockBehindMaxMs,
    seen.isClockBehind,
  );
  return [
    check('replay', !isReplaying, isReplaying ? waits : {}),
    check('backlog', isReplaying || isLive, waits),
    check('pipeline', !seen.isFailing),
    check('evaluate', lag === null || lag <= lagMax, waits),
    isLive ? passing : check('clock', passing.ok),
    check('store', !seen.isStoreRefusing && lag !== null),
    ...(hasWarehouse === null ? [] : [check('warehouse', hasWarehouse)]),
  ];
}
