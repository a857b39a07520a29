import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/engine/indicators/baseline-methods.js';
import { wakeUpDelayMs } from '../../src/engine/indicators/paned-window.js';
import type { Instant, Window } from '../../src/engine/indicators/window.js';
import { EventReference } from '../../src/engine/reference.js';
import type { Baseline } from '../../src/model/baseline.js';
import { ExpressionError, type Value } from '../../src/model/expression/expression.js';
import type { WindowIndicator } from '../../src/model/model.js';
import { PaneClock } from '../../src/model/pane-clock.js';
import { open, rewritten } from './windows.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEY = 'subject:a';

describe('a number against the ones before it', () => {
  const EIGHT = [2, 4, 4, 4, 5, 5, 7, 9];

  it('zscore: mean and sample deviation', () => {
    const spread = Math.sqrt(32 / 7);
    expect(compare('zscore', EIGHT, 10)).toEqual({ expected: 5, spread, score: 5 / spread });
  });

  it('mad: median and scaled median deviation', () => {
    const { expected, spread, score } = compare('mad', EIGHT, 10);
    expect([expected, spread]).toEqual([4.5, 1.4826 * 0.5]);
    expect(score).toBeCloseTo(7.4194, 4);
  });

  it('ewma: weight 0.3 for the newest', () => {
    // 10, then 10 + 0.3 * 10 = 13, then 13 - 0.3 * 3 = 12.1; variance 0.7 * 30 = 21, then 0.7 * (21 + 2.7) = 16.59.
    const { expected, spread, score } = compare('ewma', [10, 20, 10], 20);
    expect(expected).toBeCloseTo(12.1, 12);
    expect(spread).toBeCloseTo(Math.sqrt(16.59), 12);
    expect(score).toBeCloseTo(7.9 / Math.sqrt(16.59), 12);
  });

  it('cusum: what lies more than half a deviation above the mean, added up', () => {
    // Deviations -1, 0, 1, 2 less 0.5 each: 0, 0, 0.5, 2.
    expect(compare('cusum', [1, 2, 3], 4)).toEqual({ expected: 2, spread: 1, score: 2 });
  });

  it('c1: the seven before', () => {
    const spread = Math.sqrt(28 / 6);
    expect(compare('c1', [100, 1, 2, 3, 4, 5, 6, 7], 10)).toEqual({ expected: 4, spread, score: 6 / spread });
  });

  it('c2: the seven before the last two', () => {
    const spread = Math.sqrt(28 / 6);
    expect(compare('c2', [1, 2, 3, 4, 5, 6, 7, 50, 60], 10)).toEqual({
      expected: 4,
      spread,
      score: 6 / spread,
    });
  });

  it('c3: what c2 is above 1, over three', () => {
    // The bases of the last three are 0 2 0 2 0 2 0 and 2 0 2 0 2 0 2 in turn: means 6/7 and 8/7, variance 8/7.
    const spread = Math.sqrt(8 / 7);
    const { expected, score } = compare('c3', [0, 2, 0, 2, 0, 2, 0, 2, 0, 4, 1], 5);
    expect(expected).toBe(6 / 7);
    expect(score).toBeCloseTo((4 - 6 / 7) / spread - 1 + ((5 - 6 / 7) / spread - 1), 12);
  });

  it.each(['zscore', 'mad', 'ewma', 'cusum', 'c1', 'c2', 'c3'] as const)(
    '%s has no score without spread',
    (method) => {
      const same = Array.from({ length: 12 }, () => 0.1);
      const { expected, spread, score } = compare(method, same, 5);
      expect([expected, spread, score]).toEqual([expect.closeTo(0.1, 12), 0, null]);
      expect(compare(method, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], null).score).toBe(null);
    },
  );
});

const ZSCORE: Baseline = { method: 'zscore', byWeekday: false, panesMin: 2 };

/** A baseline over 14 panes of a day, in a zone that is at UTC: pane n holds day n; day 0 is a Thursday. */
function baseline(
  settings: Partial<Baseline> = {},
  more: Partial<WindowIndicator> = {},
  notation = 'count',
): Window {
  return open(notation, 'time', {
    panes: new PaneClock(DAY, 'UTC'),
    overMs: 14 * DAY,
    baseline: { ...ZSCORE, ...settings },
    ...more,
  });
}

function referenceAt(instant: number, id = `e${instant}`): EventReference {
  return new EventReference(id, 0, instant, instant, 0, instant + 16 * DAY);
}

function instantAt(clock: number, registered = NaN): Instant {
  return { clock, key: KEY, registered, gapsWithin: () => 0 };
}

function figureAt(window: Window, clock: number, registered = NaN): Value {
  window.expire(clock);
  return window.compute(instantAt(clock, registered));
}

/** So many events on each day from day 0 on. */
function fill(window: Window, perDay: readonly number[]): EventReference[] {
  return perDay.flatMap((count, day) =>
    Array.from({ length: count }, (_, index) => {
      const reference = referenceAt(day * DAY + index, `e${day}-${index}`);
      window.add(reference, true, day * DAY + index);
      return reference;
    }),
  );
}

describe('a baseline', () => {
  it('compares the last closed pane with the ones before, whatever the open one holds', () => {
    const window = baseline();
    fill(window, [1, 3, 2, 6]);
    expect(figureAt(window, 4 * DAY - 1)).toEqual({ now: 2, expected: 2, spread: Math.SQRT2, score: 0 });
    expect(figureAt(window, 4 * DAY)).toEqual({ now: 6, expected: 2, spread: 1, score: 4 });
    window.add(referenceAt(4 * DAY), true, 4 * DAY);
    expect(figureAt(window, 4 * DAY + 1)).toEqual({ now: 6, expected: 2, spread: 1, score: 4 });
  });

  it('is null until there are enough panes, of which empty ones count from the first event', () => {
    const window = baseline({ panesMin: 3 });
    expect(figureAt(window, 0)).toBe(null);
    fill(window, [2]);
    expect(figureAt(window, 4 * DAY - 1)).toBe(null);
    const spread = Math.sqrt(4 / 3);
    expect(figureAt(window, 4 * DAY)).toEqual({ now: 0, expected: 2 / 3, spread, score: -2 / 3 / spread });
  });

  it('counts empty panes from the registration, if that came first', () => {
    const window = baseline();
    fill(window, [0, 0, 0, 3]);
    expect(figureAt(window, 4 * DAY, 1.5 * DAY)).toEqual({ now: 3, expected: 0, spread: 0, score: null });
    expect(figureAt(window, 4 * DAY)).toBe(null);
    expect(figureAt(window, 4 * DAY, 3.5 * DAY)).toBe(null);
    expect(figureAt(baseline(), 3 * DAY, 0.5 * DAY)).toEqual({ now: 0, expected: 0, spread: 0, score: null });
  });

  it('leaves out panes without a figure', () => {
    const window = baseline({}, {}, 'avg');
    for (const [day, value] of [
      [0, 4],
      [2, 8],
      [5, 12],
    ] as const)
      window.add(referenceAt(day * DAY), value, day * DAY);
    expect(figureAt(window, 5 * DAY)).toEqual({ now: null, expected: 6, spread: Math.sqrt(8), score: null });
    expect(figureAt(window, 6 * DAY)).toEqual({
      now: 12,
      expected: 6,
      spread: Math.sqrt(8),
      score: 6 / Math.sqrt(8),
    });
  });

  it('compares with panes of the same day of the week', () => {
    const window = baseline({ byWeekday: true }, { overMs: 28 * DAY });
    fill(window, [1, 50, 50, 50, 50, 50, 50, 3, 50, 50, 50, 50, 50, 50, 8]);
    expect(figureAt(window, 15 * DAY)).toEqual({
      now: 8,
      expected: 2,
      spread: Math.SQRT2,
      score: 6 / Math.SQRT2,
    });
    expect(figureAt(window, 16 * DAY)).toMatchObject({ now: 0, expected: 50, spread: 0 });
    expect(figureAt(window, 14 * DAY)).toBe(null);
  });

  it('looks back over its window only, and still knows that the key is older', () => {
    const window = baseline({}, { overMs: 3 * DAY });
    fill(window, [9, 1, 3, 6]);
    expect(figureAt(window, 4 * DAY)).toEqual({
      now: 6,
      expected: 2,
      spread: Math.SQRT2,
      score: 4 / Math.SQRT2,
    });
    for (const one of [window, rewritten(window, baseline({}, { overMs: 3 * DAY }))]) {
      expect(figureAt(one, 20 * DAY)).toEqual({ now: 0, expected: 0, spread: 0, score: null });
    }
  });

  it('is folded anew when an event comes late or is taken back', () => {
    const window = baseline({ method: 'ewma' });
    const held = fill(window, [1, 3, 2, 6, 0]);
    const before = figureAt(window, 4 * DAY);
    const late = referenceAt(DAY + 5, 'late');
    window.add(late, true, 4 * DAY + 1);
    const other = baseline({ method: 'ewma' });
    fill(other, [1, 4, 2, 6]);
    expect(figureAt(window, 4 * DAY + 1)).toEqual(figureAt(other, 4 * DAY));
    expect(figureAt(window, 4 * DAY + 1)).not.toEqual(before);
    expect(window.remove(late, 4 * DAY + 2)).toBe(true);
    expect(figureAt(window, 4 * DAY + 2)).toEqual(before);
    expect(window.remove(held[0] as EventReference, 4 * DAY + 2)).toBe(true);
    expect(figureAt(window, 4 * DAY + 2)).toMatchObject({ now: 6 });
    expect(figureAt(window, 4 * DAY + 2)).not.toEqual(before);
  });

  it('learns from an event of before its window that the key is older', () => {
    const window = baseline({}, { overMs: 3 * DAY });
    fill(window, [0, 0, 0, 0, 0, 4]);
    expect(figureAt(window, 6 * DAY)).toBe(null);
    const old = referenceAt(DAY);
    expect(window.add(old, true, 6 * DAY)).toBe(true);
    expect(figureAt(window, 6 * DAY)).toEqual({ now: 4, expected: 0, spread: 0, score: null });
    expect(window.remove(old, 6 * DAY)).toBe(true);
    expect(figureAt(window, 6 * DAY)).toBe(null);
  });

  it('forgets that the key is older when that is taken back', () => {
    const window = baseline({}, { overMs: 3 * DAY });
    const [first] = fill(window, [1, 0, 0, 0, 0, 4]);
    expect(figureAt(window, 6 * DAY)).toEqual({ now: 4, expected: 0, spread: 0, score: null });
    expect(window.remove(first as EventReference, 6 * DAY)).toBe(true);
    expect(figureAt(window, 6 * DAY)).toBe(null);
  });

  it('is the error of a closed pane until that one leaves', () => {
    const window = baseline({}, { overMs: 4 * DAY });
    window.add(referenceAt(0), true, 0);
    window.add(referenceAt(DAY), new ExpressionError('EXPR_TYPE', 'no number'), DAY);
    expect(figureAt(window, 2 * DAY - 1)).toBe(null);
    expect(figureAt(window, 4 * DAY)).toMatchObject({ code: 'EXPR_TYPE' });
    expect(figureAt(window, 6 * DAY - 1)).toMatchObject({ code: 'EXPR_TYPE' });
    expect(figureAt(window, 6 * DAY)).toEqual({ now: 0, expected: 0, spread: 0, score: null });
  });

  it('wakes its key after each edge while there is anything, and once when there are enough empty panes', () => {
    const delayMs = wakeUpDelayMs(KEY, DAY);
    const window = baseline();
    expect(window.nextChange(instantAt(0))).toBe(Infinity);
    expect(window.nextChange(instantAt(5 * HOUR, 3 * HOUR))).toBe(3 * DAY + delayMs);
    expect(window.nextChange(instantAt(3 * DAY + delayMs, 3 * HOUR))).toBe(Infinity);
    fill(window, [1]);
    expect(window.nextChange(instantAt(5 * HOUR))).toBe(DAY + delayMs);
    expect(window.nextChange(instantAt(DAY))).toBe(2 * DAY + delayMs);
    figureAt(window, 17 * DAY);
    expect(window.nextChange(instantAt(17 * DAY))).toBe(Infinity);
  });
});

interface Happening {
  readonly lateHours: number;
  readonly value: number;
  readonly pauseHours: number;
  readonly revokes: number | null;
  readonly looks: boolean;
  readonly rewrites: boolean;
}

const HAPPENING: fc.Arbitrary<Happening> = fc.record({
  lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
  value: fc.integer({ min: 0, max: 5 }),
  pauseHours: fc.integer({ min: 0, max: 40 }),
  revokes: fc.option(fc.nat(), { freq: 3 }),
  looks: fc.boolean(),
  rewrites: fc.boolean(),
});

describe.each([
  ['sum', false],
  ['avg', false],
  ['count', true],
] as const)('a baseline of %s, by weekday %s, whatever came before', (notation, byWeekday) => {
  it('is what a fresh one over the same entries says', () => {
    const fresh = () => baseline({ byWeekday, method: 'ewma' }, { overMs: 21 * DAY }, notation);
    fc.assert(
      fc.property(fc.array(HAPPENING, { maxLength: 40 }), (happenings) => {
        let window = fresh();
        let clock = 0;
        let kept: { reference: EventReference; value: number }[] = [];
        for (const [index, one] of happenings.entries()) {
          clock += one.pauseHours * HOUR;
          const reference = referenceAt(clock - one.lateHours * HOUR, `e${index}`);
          if (window.add(reference, one.value, clock)) kept.push({ reference, value: one.value });
          const taken = one.revokes === null ? undefined : kept[one.revokes % kept.length];
          // What is known no more cannot be taken back.
          if (taken !== undefined && taken.reference.keepUntil > clock) {
            window.remove(taken.reference, clock);
            kept = kept.filter((other) => other !== taken);
          }
          if (one.looks) figureAt(window, clock);
          if (one.rewrites) window = rewritten(window, fresh());
        }
        const again = fresh();
        for (const { reference, value } of kept) again.add(reference, value, reference.time);
        expect(figureAt(window, clock)).toEqual(figureAt(again, clock));
      }),
    );
  });
});
