import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ByteWriter } from '../../src/engine/byte-writer.js';
import { wakeUpDelayMs } from '../../src/engine/indicators/paned-window.js';
import type { Instant, Window } from '../../src/engine/indicators/window.js';
import { PANED_VALUES_MAX } from '../../src/engine/limits.js';
import { EventReference } from '../../src/engine/reference.js';
import { ExpressionError, type Value } from '../../src/model/expression/expression.js';
import type { WindowIndicator } from '../../src/model/model.js';
import { PaneClock } from '../../src/model/pane-clock.js';
import { open, rewritten } from './windows.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEY = 'device:d1';

/** Windows of ten days in panes of one, in a zone that is at UTC: pane n holds day n. */
function paned(notation: string, more: Partial<WindowIndicator> = {}): Window {
  return open(notation, 'time', { panes: new PaneClock(DAY, 'UTC'), keepsEntries: false, ...more });
}

function referenceAt(instant: number, id = `e${instant}`): EventReference {
  return new EventReference(id, 4, instant, instant, 0, instant + 100 * DAY);
}

function instantAt(clock: number, key = KEY): Instant {
  return { clock, key, registered: NaN, gapsWithin: () => 0 };
}

function figureAt(window: Window, clock: number): Value {
  window.expire(clock);
  return window.compute(instantAt(clock));
}

/** Values at noon of days 0, 1, 2, ...; seen in the evening of day 9, when all panes lie in the window. */
function over(notation: string, values: readonly Value[], more: Partial<WindowIndicator> = {}): Value {
  const window = paned(notation, more);
  values.forEach((value, day) =>
    window.add(referenceAt(day * DAY + 12 * HOUR), value, day * DAY + 12 * HOUR),
  );
  return figureAt(window, 9 * DAY + 20 * HOUR);
}

const FIGURES: readonly (readonly [notation: string, values: Value[], figure: Value])[] = [
  ['count', [], 0],
  ['count', [true, true, true], 3],
  ['sum', [], 0],
  ['sum', [0.1, 0.2, 0.3, -0.3, -0.2], 0.1],
  ['avg', [], null],
  ['avg', [1, 2, 6], 3],
  ['min', [], null],
  ['min', [4, -2, 7], -2],
  ['max', [4, -2, 7], 7],
  ['distinct', ['a', 'b', 'a', 1, '1'], 4],
  ['stddev', [5], null],
  ['stddev', [2, 4, 4, 4, 5, 5, 7, 9], Math.sqrt(32 / 7)],
  ['share', [], null],
  ['share', [true, false, false, true, false], 0.4],
  ['trend', [3], null],
  ['trend', [9, 7, 5], -2],
  ['quantile 0.25', [4, 3, 2, 1], 1.75],
  ['quantile 0.5', [], null],
];

describe('the figure over panes', () => {
  for (const [notation, values, figure] of FIGURES) {
    test(`${notation} of ${JSON.stringify(values)} is ${JSON.stringify(figure)}`, () => {
      expect(over(notation, values)).toBe(figure);
      expect(over(notation, values, { keepsEntries: true })).toBe(figure);
    });
  }
});

describe('a pane', () => {
  it('counts whole until its end lies a window behind, and then not at all', () => {
    const window = paned('count');
    window.add(referenceAt(1), true, 1);
    window.add(referenceAt(DAY - 1), true, DAY - 1);
    window.add(referenceAt(DAY), true, DAY);
    expect(figureAt(window, 10 * DAY + 1)).toBe(3);
    expect(figureAt(window, 11 * DAY - 1)).toBe(3);
    expect(figureAt(window, 11 * DAY)).toBe(1);
    expect(figureAt(window, 12 * DAY)).toBe(0);
  });

  it('takes a late event as long as it counts', () => {
    const window = paned('count');
    expect(window.add(referenceAt(0), true, 11 * DAY - 1)).toBe(true);
    expect(figureAt(window, 11 * DAY - 1)).toBe(1);
    expect(window.admits(referenceAt(0), 11 * DAY)).toBe(false);
    expect(window.add(referenceAt(0, 'late'), true, 11 * DAY)).toBe(false);
  });

  it('keeps no reference where nothing can be taken back', () => {
    const window = paned('count');
    const held: EventReference[] = [];
    for (let index = 0; index < 1_000; index++) window.add(referenceAt(index), true, index);
    window.each((reference) => held.push(reference));
    expect(held).toEqual([]);
    expect(window.remove(referenceAt(3), 1_000)).toBe(false);
    const writer = new ByteWriter();
    window.encode(writer);
    expect(writer.finish().length).toBeLessThan(20);
  });
});

describe('the wake-up', () => {
  it('comes after the edge by a hash of the key, within five minutes or a pane', () => {
    expect(wakeUpDelayMs('', DAY)).toBe(0);
    // MurmurHash3_x86_32 of "hello" is 613153351.
    expect(wakeUpDelayMs('hello', DAY)).toBe(613_153_351 % 300_000);
    expect(wakeUpDelayMs('hello', 60_000)).toBe(613_153_351 % 60_000);
    const delays = Array.from({ length: 1_000 }, (_, index) => wakeUpDelayMs(`device:${index}`, 60_000));
    expect(Math.max(...delays)).toBeLessThan(60_000);
    expect(new Set(delays.map((delayMs) => Math.floor(delayMs / 1_000))).size).toBe(60);
  });

  it('is that of the oldest pane, and never for an empty window', () => {
    const window = paned('count');
    expect(window.nextChange(instantAt(0))).toBe(Infinity);
    window.add(referenceAt(2 * DAY + 5), true, 2 * DAY + 5);
    const due = 13 * DAY + wakeUpDelayMs(KEY, DAY);
    expect(window.nextChange(instantAt(2 * DAY + 5))).toBe(due);
    expect(figureAt(window, 13 * DAY)).toBe(0);
    expect(window.nextChange(instantAt(13 * DAY))).toBe(Infinity);
  });
});

describe('the limit', () => {
  it('is an error until the pane that something was left out of has left', () => {
    const window = paned('count', { keepsEntries: true });
    for (let index = 0; index <= PANED_VALUES_MAX; index++)
      window.add(referenceAt(index, `e${index}`), true, index);
    window.add(referenceAt(DAY), true, DAY);
    for (const one of [window, rewritten(window, paned('count', { keepsEntries: true }))]) {
      expect(figureAt(one, 2 * DAY)).toMatchObject({ code: 'LIMIT_PANES' });
    }
    // Nothing found room on the next day either.
    expect(figureAt(window, 12 * DAY - 1)).toMatchObject({ code: 'LIMIT_PANES' });
    expect(figureAt(window, 12 * DAY)).toBe(0);
  });

  it('of exact different values is 10,000 a window', () => {
    const window = paned('distinct');
    for (let index = 0; index < 10_000; index++) window.add(referenceAt(index), index, index);
    expect(figureAt(window, DAY)).toBe(10_000);
    window.add(referenceAt(DAY), 'one more', DAY);
    expect(figureAt(window, DAY)).toMatchObject({ code: 'LIMIT_PANES' });
    expect(figureAt(window, 11 * DAY)).toBe(1);
  });

  it('binds the values that a quantile of readings keeps, stored and read again', () => {
    const window = paned('quantile 0.5');
    for (let index = 0; index < PANED_VALUES_MAX; index++) window.add(referenceAt(index), index, index);
    expect(figureAt(window, DAY)).toBe((PANED_VALUES_MAX - 1) / 2);
    for (const one of [window, rewritten(window, paned('quantile 0.5'))]) {
      one.add(referenceAt(DAY), 1, DAY);
      expect(figureAt(one, DAY)).toMatchObject({ code: 'LIMIT_PANES' });
    }
  });

  it('does not bind counts of readings', () => {
    const window = paned('avg');
    for (let index = 0; index < 200_000; index++) window.add(referenceAt(index), index % 10, index);
    expect(figureAt(window, DAY)).toBe(4.5);
  });
});

interface Happening {
  readonly lateHours: number;
  readonly value: Value;
  readonly pauseHours: number;
  readonly revokes: number | null;
  readonly looks: boolean;
  readonly rewrites: boolean;
}

const happening = (value: fc.Arbitrary<Value>): fc.Arbitrary<Happening> =>
  fc.record({
    lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
    value,
    pauseHours: fc.integer({ min: 0, max: 30 }),
    revokes: fc.option(fc.nat(), { freq: 3 }),
    looks: fc.boolean(),
    rewrites: fc.boolean(),
  });

/** Lets it all happen; returns the figure at the end and what an exact window over the same panes would hold. */
function live(fresh: () => Window, happenings: readonly Happening[], takesBack: boolean) {
  let window = fresh();
  let clock = 0;
  let kept: { reference: EventReference; value: Value }[] = [];
  for (const [index, one] of happenings.entries()) {
    clock += one.pauseHours * HOUR;
    const reference = referenceAt(clock - one.lateHours * HOUR, `e${(index * 7) % 5}-${index}`);
    if (window.add(reference, one.value, clock)) kept.push({ reference, value: one.value });
    const taken = one.revokes === null || !takesBack ? undefined : kept[one.revokes % kept.length];
    if (taken !== undefined) {
      window.remove(taken.reference, clock);
      kept = kept.filter((other) => other !== taken);
    }
    if (one.looks) figureAt(window, clock);
    if (one.rewrites) window = rewritten(window, fresh());
  }
  const left = kept
    .filter(({ reference }) => (Math.floor(reference.time / DAY) + 1) * DAY > clock - 10 * DAY)
    .sort((a, b) => a.reference.time - b.reference.time || (a.reference.id < b.reference.id ? -1 : 1));
  return { figure: figureAt(window, clock), left };
}

const NUMBERS = fc.oneof(
  fc.integer({ min: -3, max: 5 }),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((value) => (Math.abs(value) < 1e-9 ? 0 : value)),
);
const CASES: readonly (readonly [
  notation: string,
  values: fc.Arbitrary<Value>,
  more: Partial<WindowIndicator>,
])[] = [
  ['count', fc.constant(true), {}],
  ['sum', NUMBERS, {}],
  ['avg', NUMBERS, {}],
  ['min', NUMBERS, {}],
  ['max', NUMBERS, {}],
  ['distinct', fc.constantFrom<Value>('a', 'b', 1, '1', true), {}],
  ['distinct', fc.constantFrom<Value>('a', 'b', 1, '1', true), { approx: true }],
  ['stddev', NUMBERS, {}],
  ['share', fc.boolean(), {}],
  ['trend', NUMBERS, {}],
  ['quantile 0.3', NUMBERS, {}],
];

describe.each(CASES)('panes of %s', (notation, values, more) => {
  it.each([true, false])(
    'are as good as all their entries, bit by bit, whether they keep them (%s) or not',
    (keepsEntries) => {
      const fresh = () => paned(notation, { ...more, keepsEntries });
      fc.assert(
        fc.property(fc.array(happening(values), { maxLength: 40 }), (happenings) => {
          const { figure, left } = live(fresh, happenings, keepsEntries);
          const exact = open(notation, 'time', { overMs: 1_000 * DAY, keptMs: 1_000 * DAY });
          for (const { reference, value } of left) exact.add(reference, value, 0);
          expect(figure).toBe(exact.compute(instantAt(0)));
        }),
      );
    },
  );

  it('are the error of the earliest entry that has one, until that pane leaves', () => {
    const errors = ['first', 'second'].map((message) => new ExpressionError('EXPR_TYPE', message));
    for (const keepsEntries of [true, false]) {
      const fresh = () => paned(notation, { ...more, keepsEntries });
      let window = fresh();
      const second = referenceAt(DAY + 9);
      window.add(second, errors[1] as Value, DAY + 9);
      window.add(referenceAt(DAY + 5), errors[0] as Value, DAY + 10);
      window.add(referenceAt(3 * DAY), fc.sample(values, 1)[0] as Value, 3 * DAY);
      window = rewritten(window, fresh());
      expect(figureAt(window, 4 * DAY)).toMatchObject({ message: 'first' });
      expect(figureAt(window, 12 * DAY - 1)).toMatchObject({ message: 'first' });
      expect(figureAt(window, 12 * DAY)).not.toBeInstanceOf(ExpressionError);
    }
  });
});
