// Windows outside of an engine: opened by operator, fed with values at days.
import { ByteReader } from '../../src/engine/byte-reader.js';
import { ByteWriter } from '../../src/engine/byte-writer.js';
import { openWindow } from '../../src/engine/indicators/open.js';
import type { Instant, Window } from '../../src/engine/indicators/window.js';
import { EventReference } from '../../src/engine/reference.js';
import type { Value } from '../../src/model/expression/expression.js';
import type { WindowIndicator, WindowOperator } from '../../src/model/model.js';

export const DAY = 86_400_000;
/** Every window of the tests spans ten days. */
export const OVER = 10 * DAY;

/** Opens a window in the notation `trend`, `quantile 0.95`. */
export function open(
  notation: string,
  basis: 'time' | 'arrival' = 'time',
  more: Partial<WindowIndicator> = {},
): Window {
  const [operator, q] = notation.split(' ');
  const indicator: WindowIndicator = {
    kind: 'window',
    name: 'figure',
    index: 0,
    operator: operator as WindowOperator,
    from: ['sensor-reading'],
    warningsOf: null,
    alsoAsked: [],
    where: null,
    argument: null,
    end: 'last',
    q: Number(q ?? 0.5),
    overMs: OVER,
    keptMs: OVER,
    basis,
    panes: null,
    keepsEntries: true,
    approx: false,
    baseline: null,
    versus: false,
    densestMs: null,
    sequence: null,
    type: { type: 'dyn' },
    nullable: true,
    identity: notation,
    ...more,
  };
  return openWindow(indicator);
}

/** The reference of an event at a day that arrived when it happened. */
export function eventAt(day: number, id = `e${day}`): EventReference {
  const at = Math.round(day * DAY);
  return new EventReference(id, 4, at, at, 0, at + OVER);
}

/** The figure at a day. */
export function figureAt(window: Window, day: number): Value {
  const clock = Math.round(day * DAY);
  window.expire(clock);
  const instant: Instant = { clock, key: 'subject:sim:a', registered: NaN, gapsWithin: () => 0 };
  return window.compute(instant);
}

/** A window after it went to bytes and back, into an empty one of the same definition. */
export function rewritten(window: Window, empty: Window): Window {
  const held: EventReference[] = [];
  window.each((reference) => {
    if (reference.place === 0) reference.place = held.push(reference);
  });
  const writer = new ByteWriter();
  window.encode(writer);
  for (const reference of held) reference.place = 0;
  empty.decode(new ByteReader(writer.finish()), held);
  return empty;
}
