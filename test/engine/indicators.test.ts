import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { WINDOW_NUMBER_MAX, WINDOW_NUMBER_MIN } from '../../src/engine/limits.js';
import type { EventReference } from '../../src/engine/reference.js';
import { ExpressionError, type Value } from '../../src/model/expression/expression.js';
import { DAY, eventAt, figureAt, open } from './windows.js';

/** One value a day from day 0 on, seen on day 9: all of them lie in the window. */
function figureOver(notation: string, values: readonly Value[]): Value {
  const window = open(notation);
  values.forEach((value, day) => window.add(eventAt(day), value, day * DAY));
  return figureAt(window, 9);
}

const FIGURES: readonly (readonly [notation: string, values: Value[], figure: Value])[] = [
  ['stddev', [], null],
  ['stddev', [5], null],
  ['stddev', [5, 5], 0],
  ['stddev', [0.1, 0.1, 0.1], 0],
  ['stddev', [1, 2], Math.SQRT1_2],
  ['stddev', [2, 4, 4, 4, 5, 5, 7, 9], Math.sqrt(32 / 7)],
  ['stddev', [1, 1, 1, 0, 0, 0, 0, 0, 0], 0.5],
  ['stddev', [1e15 + 1, 1e15 + 2, 1e15 + 3], 1],
  ['stddev', [-1e-9, 0, 1e-9], 1e-9],

  ['quantile 0.5', [], null],
  ['quantile 0.5', [7], 7],
  ['quantile 0.95', [7], 7],
  ['quantile 0.5', [10, 9], 9.5],
  ['quantile 0.5', [100, 9, 20], 20],
  ['quantile 0', [3, 1, 2], 1],
  ['quantile 1', [3, 1, 2], 3],
  ['quantile 0.25', [4, 3, 2, 1], 1.75],
  ['quantile 0.9', [0, 0, 10, 0, 0], 6],
  ['quantile 0.3', [0.1, 0.1, 0.1], 0.1],

  ['trend', [], null],
  ['trend', [5], null],
  ['trend', [5, 5, 5], 0],
  ['trend', [0.1, 0.1, 0.1], 0],
  ['trend', [1, 2, 3, 4], 1],
  ['trend', [9, 7, 5], -2],
  ['trend', [0, 1, 0], 0],
  ['trend', [0, 3, 0, 6], 1.5],
  ['trend', [1e15, 1e15 + 1, 1e15 + 2], 1],

  ['first', [], null],
  ['first', ['a', 'b'], 'a'],
  ['first', [null, 'b'], null],

  ['new', [], null],
  ['new', ['a'], true],
  ['new', ['a', 'b'], true],
  ['new', ['a', 'b', 'a'], false],
  ['new', ['a', 'a', 'b'], true],
  ['new', [1, '1'], true],
  [
    'new',
    [
      { x: 1, y: 2 },
      { y: 2, x: 1 },
    ],
    false,
  ],
  ['new', [['a'], ['a', 'b']], true],

  ['changes', [], 0],
  ['changes', ['a'], 0],
  ['changes', ['a', 'a', 'a'], 0],
  ['changes', ['a', 'b', 'b', 'a'], 2],
  ['changes', [1, '1', true], 2],
  ['changes', [{ x: 1, y: 2 }, { y: 2, x: 1 }, { x: 1 }], 1],

  ['increase', [], 0],
  ['increase', [7], 0],
  ['increase', [7, 7], 0],
  ['increase', [7, 9, 12], 5],
  ['increase', [7, 9, 3, 4], 6],
  ['increase', [7, 0, 2], 2],
  ['increase', [7, 2, 1], 3],
  ['increase', [-5, 3, -2, 4], 14],
  ['increase', [0.1, 0.2, 0.3], 0.3 - 0.1],
  ['increase', [2 ** 53 - 1, 1, 2 ** 53 - 1], 2 ** 53 - 1],
];

describe('the figure over a window', () => {
  for (const [notation, values, figure] of FIGURES) {
    test(`${notation} of ${JSON.stringify(values)} is ${JSON.stringify(figure)}`, () => {
      expect(figureOver(notation, values)).toBe(figure);
    });
  }
});

/** Values by day of arrival; what a late, a revoked and an expired event do to the figure. */
const LIVES: readonly (readonly [notation: string, steps: readonly Value[]])[] = [
  // The figure after: 3 events; a late one before them; the middle one revoked; the first two expired; all expired.
  ['stddev', [Math.sqrt(37 / 3), Math.sqrt(25 / 3), Math.sqrt(37 / 3), null, null]],
  ['quantile 0.5', [4, 4.5, 5, 8, null]],
  ['trend', [3.5, 1.2, 19 / 14, null, null]],
  ['first', [1, 5, 5, 8, null]],
  ['new', [true, true, true, true, null]],
  ['changes', [2, 3, 2, 0, 0]],
  ['increase', [8 - 1, 1 + 7, 1 + 7, 0, 0]],
];

describe('an event that comes late, is revoked or expires', () => {
  for (const [notation, [plain, late, revoked, expired, empty]] of LIVES) {
    test(`changes ${notation}`, () => {
      const window = open(notation);
      const middle = eventAt(3);
      window.add(eventAt(2), 1, 2 * DAY);
      window.add(middle, 4, 3 * DAY);
      window.add(eventAt(4), 8, 4 * DAY);
      expect(figureAt(window, 4)).toBe(plain);
      expect(window.add(eventAt(1), 5, 5 * DAY)).toBe(true);
      expect(figureAt(window, 5)).toBe(late);
      expect(window.remove(middle, 6 * DAY)).toBe(true);
      expect(figureAt(window, 6)).toBe(revoked);
      expect(figureAt(window, 12)).toBe(expired);
      expect(figureAt(window, 14)).toBe(empty);
      expect(window.add(eventAt(3.5), 9, 14 * DAY)).toBe(false);
    });
  }
});

describe('the order of events', () => {
  test('is by id where they are placed at the same instant', () => {
    for (const [notation, figure] of [
      ['first', 'x'],
      ['changes', 2],
    ] as const) {
      const window = open(notation);
      for (const [id, value] of [
        ['b', 'y'],
        ['c', 'x'],
        ['a', 'x'],
      ] as const)
        window.add(eventAt(1, id), value, DAY);
      expect(figureAt(window, 2)).toBe(figure);
    }
  });
});

describe('the deviation', () => {
  it('depends on the numbers alone, whichever event brings which', () => {
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map(asEntry), {
      minLength: 2,
      maxLength: 10,
    });
    const shuffled = numbers.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(figureOver('stddev', list)).toBe(figureOver('stddev', other));
      }),
    );
  });
});

const OPERATORS = ['stddev', 'quantile 0.5', 'quantile 0.29', 'trend', 'first', 'new', 'changes', 'increase'];

/** What each figure is, written down once more without any state. */
const NAIVE: { readonly [notation: string]: (values: readonly number[], days: readonly number[]) => Value } =
  {
    stddev: (values) => {
      const mean = values.reduce((total, value) => total + value, 0) / values.length;
      const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
      return values.length < 2 ? null : Math.sqrt(squares / (values.length - 1));
    },
    'quantile 0.5': (values) => quantileOf(values, 0.5),
    'quantile 0.29': (values) => quantileOf(values, 0.29),
    trend: (values, days) => {
      if (new Set(days).size < 2) return null;
      const mean = (list: readonly number[]) => list.reduce((total, one) => total + one, 0) / list.length;
      const fromMean = days.map((day) => day - mean(days));
      const products = fromMean.map(
        (distance, index) => distance * ((values[index] as number) - mean(values)),
      );
      return mean(products) / mean(fromMean.map((distance) => distance ** 2));
    },
    first: (values) => values[0] ?? null,
    new: (values) =>
      values.length === 0 ? null : values.indexOf(values.at(-1) as number) === values.length - 1,
    changes: (values) => values.filter((value, index) => index > 0 && value !== values[index - 1]).length,
    increase: (values) =>
      values.reduce((total, value, index) => {
        const before = index === 0 ? value : (values[index - 1] as number);
        return total + (value >= before ? value - before : Math.max(0, value));
      }, 0),
  };

function quantileOf(values: readonly number[], q: number): Value {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  return below === undefined || above === undefined ? null : below + (above - below) * (rank % 1);
}

interface Happening {
  readonly lateHours: number;
  readonly value: number;
  readonly pauseHours: number;
  /** Which of the events so far is taken back, if any. */
  readonly revokes: number | null;
  /** Whether the figure is asked for, which keeps it. */
  readonly looks: boolean;
}

const happening = (value: fc.Arbitrary<number>): fc.Arbitrary<Happening> =>
  fc.record({
    lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
    value,
    pauseHours: fc.integer({ min: 0, max: 30 }),
    revokes: fc.option(fc.nat(), { freq: 3 }),
    looks: fc.boolean(),
  });

/** As the engine lets a number into a window. */
function asEntry(value: number): number {
  return Math.abs(value) < WINDOW_NUMBER_MIN ? 0 : value;
}

/** Lets it all happen to one window; returns that window, what is left in it by order, and the day of the end. */
function live(notation: string, happenings: readonly Happening[]) {
  const window = open(notation);
  let hour = 0;
  let kept: { reference: EventReference; value: number }[] = [];
  for (const [index, { lateHours, value, pauseHours, revokes, looks }] of happenings.entries()) {
    hour += pauseHours;
    const clock = (hour / 24) * DAY;
    window.expire(clock);
    const reference = eventAt((hour - lateHours) / 24, `e${(index * 7) % 5}-${index}`);
    if (window.add(reference, value, clock)) kept.push({ reference, value });
    const taken = revokes === null ? undefined : kept[revokes % kept.length];
    if (taken !== undefined) {
      window.remove(taken.reference, clock);
      kept = kept.filter((one) => one !== taken);
    }
    if (looks) figureAt(window, hour / 24);
  }
  const left = kept
    // In whole hours: days are fractions, which would round to either side of the edge.
    .filter(({ reference }) => reference.time > (hour - 240) * (DAY / 24))
    .sort((a, b) => a.reference.time - b.reference.time || (a.reference.id < b.reference.id ? -1 : 1));
  return { window, left, day: hour / 24 };
}

describe.each(OPERATORS)('%s, whatever came before', (notation) => {
  it('depends on the known entries alone, bit by bit', () => {
    const values = fc.oneof(
      fc.integer({ min: -3, max: 5 }),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      fc.double({ noNaN: true, min: -WINDOW_NUMBER_MAX, max: WINDOW_NUMBER_MAX }),
    );
    fc.assert(
      fc.property(fc.array(happening(values.map(asEntry)), { maxLength: 40 }), (happenings) => {
        const { window, left, day } = live(notation, happenings);
        const fresh = open(notation);
        for (const { reference, value } of left) fresh.add(reference, value, day * DAY);
        expect(figureAt(window, day)).toBe(figureAt(fresh, day));
      }),
    );
  });

  it('is what the definition says', () => {
    const whole = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(fc.array(happening(whole), { maxLength: 40 }), (happenings) => {
        const { window, left, day } = live(notation, happenings);
        const expected = NAIVE[notation]?.(
          left.map(({ value }) => value),
          left.map(({ reference }) => reference.time / DAY),
        );
        const figure = figureAt(window, day);
        if (typeof expected === 'number') expect(figure).toBeCloseTo(expected, 9);
        else expect(figure).toBe(expected);
      }),
    );
  });

  it('is the error of an entry until that entry leaves', () => {
    const window = open(notation);
    window.add(eventAt(1), 1, DAY);
    window.add(eventAt(2), new ExpressionError('EXPR_TYPE', 'no number'), 2 * DAY);
    window.add(eventAt(3), 2, 3 * DAY);
    expect(figureAt(window, 3)).toMatchObject({ code: 'EXPR_TYPE' });
    expect(figureAt(window, 11.5)).toMatchObject({ code: 'EXPR_TYPE' });
    expect(figureAt(window, 12)).toBe(NAIVE[notation]?.([2], [3]));
  });
});
