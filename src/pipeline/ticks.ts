// What says that time has passed: a tick, and before it a gap where none came for long.
import type { LogRecord } from '../events/event.js';

/** Ticks missing for longer leave a gap record. */
const GAP_MS = 60_000;

/** The records for an instant up to which every source was read. @param last the tick before; -Infinity for none */
export function tickAfter(last: number, at: number): LogRecord[] {
  const isGap = last !== -Infinity && at - last > GAP_MS;
  return isGap
    ? [
        { kind: 'gap', from: last, at },
        { kind: 'tick', at },
      ]
    : [{ kind: 'tick', at }];
}
