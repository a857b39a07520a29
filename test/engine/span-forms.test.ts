import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Window } from '../../src/engine/indicators/window.js';
import { WINDOW_ENTRIES_MAX } from '../../src/engine/limits.js';
import type { EventReference } from '../../src/engine/reference.js';
import { ExpressionError, type Value } from '../../src/model/expression/expression.js';
import { DAY, eventAt, figureAt, open, OVER, rewritten } from './windows.js';

const HOUR = DAY / 24;

const versus = (notation: string) => open(notation, 'time', { versus: true, keptMs: 2 * OVER });
const densest = (notation: string, spanMs: number) => open(notation, 'time', { densestMs: spanMs });

/** A window that got one event at each of the days, in that order. */
function fed(window: Window, entries: readonly (readonly [day: number, value: Value])[]): Window {
  for (const [day, value] of entries) window.add(eventAt(day), value, Math.round(day * DAY));
  return window;
}

function dueOf(window: Window, day: number): number {
  window.expire(day * DAY);
  const instant = { clock: day * DAY, key: 'subject:sim:a', registered: NaN, gapsWithin: () => 0 };
  return window.nextChange(instant) / DAY;
}

describe('versus: previous', () => {
  // Ten days on day 15: days 6 to 15 against days -4 to 5.
  const days = (...values: readonly Value[]) => values.map((value, index) => [index * 2, value] as const);
  test.each<[string, readonly (readonly [number, Value])[], Value]>([
    ['count', [], { now: 0, before: 0, change: 0, ratio: null }],
    ['count', days(1, 1, 1, 1, 1), { now: 2, before: 3, change: -1, ratio: 2 / 3 }],
    ['sum', days(5, 0, 5, 20, 30), { now: 50, before: 10, change: 40, ratio: 5 }],
    ['sum', days(1, -1, 0, 7), { now: 7, before: 0, change: 7, ratio: null }],
    ['avg', days(2, 4, 6, 10), { now: 10, before: 4, change: 6, ratio: 2.5 }],
    ['avg', days(2, 4, 6), { now: null, before: 4, change: null, ratio: null }],
    ['min', days(3, 2, 9, 8, 6), { now: 6, before: 2, change: 4, ratio: 3 }],
    ['max', days(3, 2, 9, 8, 6), { now: 8, before: 9, change: -1, ratio: 8 / 9 }],
    ['distinct', days('a', 'b', 'a', 'c'), { now: 1, before: 2, change: -1, ratio: 0.5 }],
    [
      'stddev',
      days(1, 2, 3, 10, 14),
      { now: Math.sqrt(8), before: 1, change: Math.sqrt(8) - 1, ratio: Math.sqrt(8) },
    ],
    ['quantile 0.5', days(1, 2, 9, 10, 14), { now: 12, before: 2, change: 10, ratio: 6 }],
    [
      'share',
      days(true, false, false, true),
      { now: 1, before: 1 / 3, change: 1 - 1 / 3, ratio: 1 / (1 / 3) },
    ],
    ['trend', days(0, 2, 4, 4, 2), { now: -1, before: 1, change: -2, ratio: -1 }],
    ['changes', days('a', 'b', 'a', 'c', 'c'), { now: 0, before: 2, change: -2, ratio: 0 }],
    ['increase', days(1, 3, 4, 8, 2), { now: 2, before: 3, change: -1, ratio: 2 / 3 }],
  ])('%s of %j', (notation, entries, figure) => {
    expect(figureAt(fed(versus(notation), entries), 15)).toEqual(figure);
  });

  it('moves an event to the window before when it is as old as the window, and lets it go after another', () => {
    const window = fed(versus('count'), [[1, true]]);
    expect(figureAt(window, 10.999)).toMatchObject({ now: 1, before: 0 });
    expect(dueOf(window, 10.999)).toBe(11);
    expect(figureAt(window, 11)).toMatchObject({ now: 0, before: 1 });
    expect(dueOf(window, 11)).toBe(21);
    expect(figureAt(window, 20.999)).toMatchObject({ now: 0, before: 1 });
    expect(figureAt(window, 21)).toMatchObject({ now: 0, before: 0 });
    expect(dueOf(window, 21)).toBe(Infinity);
  });

  it('counts a late event where it belongs, and takes events back from both windows', () => {
    const window = fed(versus('sum'), [
      [1, 10],
      [12, 5],
    ]);
    expect(figureAt(window, 13)).toMatchObject({ now: 5, before: 10 });
    const late = eventAt(2);
    expect(window.add(late, 7, 13 * DAY)).toBe(true);
    expect(figureAt(window, 13)).toMatchObject({ now: 5, before: 17 });
    expect(window.remove(late, 14 * DAY)).toBe(true);
    expect(figureAt(window, 14)).toMatchObject({ now: 5, before: 10 });
    // An earlier event than the one that was taken back, after it had gone to the window before.
    expect(window.add(eventAt(1.5), 3, 14 * DAY)).toBe(true);
    expect(figureAt(window, 14)).toMatchObject({ now: 5, before: 13 });
    expect(window.add(eventAt(-7), 3, 14 * DAY)).toBe(false);
  });

  it('is an error while one of its windows holds one, and over its limit until the dropped entry would have left', () => {
    const failed = fed(versus('sum'), [[1, new ExpressionError('EXPR_TYPE', 'no number')]]);
    expect(figureAt(failed, 15)).toMatchObject({ code: 'EXPR_TYPE' });
    expect(figureAt(failed, 21)).toMatchObject({ now: 0, before: 0 });
    const full = versus('count');
    for (let index = 0; index <= WINDOW_ENTRIES_MAX; index++) {
      full.add(eventAt(1 + index / WINDOW_ENTRIES_MAX, `e${index}`), true, 2 * DAY);
    }
    expect(figureAt(full, 2)).toMatchObject({ code: 'LIMIT_WINDOW' });
    expect(figureAt(full, 15)).toMatchObject({ code: 'LIMIT_WINDOW' });
    expect(figureAt(full, 21)).toMatchObject({ now: 0, before: WINDOW_ENTRIES_MAX });
  });
});

describe('densest', () => {
  const hours = (...list: readonly (readonly [hour: number, value: Value])[]) =>
    list.map(([hour, value]) => [hour / 24, value] as const);
  test.each<[string, readonly (readonly [number, Value])[], Value]>([
    ['count', [], 0],
    ['sum', [], 0],
    ['avg', [], null],
    ['count', hours([0, 1], [5, 1], [40, 1], [50, 1], [63, 1], [90, 1]), 3],
    // A span holds its end and not its beginning.
    ['count', hours([0, 1], [24, 1]), 1],
    ['count', hours([0, 1], [23.999, 1]), 2],
    ['sum', hours([0, 5], [30, 2], [40, 2], [50, 2]), 6],
    ['sum', hours([0, -5], [30, -2]), -2],
    ['sum', hours([0, -5], [1, 3]), -2],
    ['avg', hours([0, 1], [10, 9], [20, 8], [40, 2]), 6],
    ['min', hours([0, 1], [10, 9], [40, 8]), 8],
    ['max', hours([0, 1], [10, 9], [40, 8]), 9],
    ['distinct', hours([0, 'a'], [1, 'a'], [2, 'b'], [40, 'a'], [41, 'b'], [42, 'c']), 3],
    ['stddev', hours([0, 1], [100, 4], [110, 6]), Math.SQRT2],
    ['stddev', hours([0, 1], [100, 4]), null],
    ['quantile 0.5', hours([0, 1], [10, 9], [40, 6]), 6],
    ['share', hours([0, false], [1, true], [40, true], [41, false]), 1],
    ['trend', hours([0, 0], [12, 1], [100, 5], [112, 8]), 6],
    ['changes', hours([0, 'a'], [1, 'b'], [2, 'a'], [100, 'b'], [101, 'c']), 2],
    ['increase', hours([0, 1], [1, 3], [100, 8], [101, 2]), 2],
  ])('%s of %j', (notation, entries, figure) => {
    expect(figureAt(fed(densest(notation, DAY), entries), 9)).toBe(figure);
  });

  it('takes events of one instant together', () => {
    const window = densest('avg', DAY);
    window.add(eventAt(1, 'a'), 9, DAY);
    window.add(eventAt(1, 'b'), 1, DAY);
    expect(figureAt(window, 1)).toBe(5);
    window.add(eventAt(1, 'c'), 2, 2 * DAY);
    expect(figureAt(window, 2)).toBe(4);
  });

  it('changes with late, revoked and leaving events', () => {
    const middle = eventAt(3);
    const window = densest('count', 2 * DAY);
    window.add(eventAt(2), true, 2 * DAY);
    window.add(middle, true, 3 * DAY);
    window.add(eventAt(8), true, 8 * DAY);
    expect(figureAt(window, 8)).toBe(2);
    window.add(eventAt(3.5), true, 8 * DAY);
    expect(figureAt(window, 8)).toBe(3);
    expect(dueOf(window, 8)).toBe(12);
    expect(figureAt(window, 12)).toBe(2);
    expect(window.remove(middle, 12.5 * DAY)).toBe(true);
    expect(figureAt(window, 12.5)).toBe(1);
    expect(figureAt(window, 18)).toBe(0);
  });
});

/** What may happen to a window, by hour; `at` is the hour of the event. */
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      at: fc.integer({ min: 0, max: 250 }),
      value: fc.integer({ min: -3, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const) }) },
);

const AGGREGATES = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'distinct',
  'stddev',
  'quantile 0.3',
  'share',
  'trend',
  'changes',
  'increase',
];

interface Entry {
  readonly reference: EventReference;
  readonly value: Value;
}

/** The plain figure over some entries. */
function plain(notation: string, entries: readonly Entry[]): Value {
  const window = open(notation, 'time', { overMs: 1e12, keptMs: 1e12 });
  for (const { reference, value } of entries) window.add(reference, value, 0);
  return figureAt(window, 100);
}

const numberOf = (value: Value) => (typeof value === 'number' ? value : null);

function judge(
  empty: () => Window,
  notation: string,
  keptHours: number,
  acts: readonly (typeof act extends fc.Arbitrary<infer A> ? A : never)[],
  expected: (entries: readonly Entry[], clock: number) => Value,
) {
  let window = empty();
  let entries: Entry[] = [];
  let hour = 0;
  for (const [serial, one] of acts.entries()) {
    if (one.kind === 'wait') hour += one.hours;
    else if (one.kind === 'restore') window = rewritten(window, empty());
    else if (one.kind === 'add') {
      hour = Math.max(hour, one.at - 200);
      const reference = eventAt(Math.min(one.at, hour) / 24, `e${serial}`);
      const value = notation === 'share' ? one.value > 3 : one.value;
      const admitted = window.add(reference, value, hour * HOUR);
      expect(admitted).toBe(reference.time > (hour - keptHours) * HOUR);
      if (admitted) entries.push({ reference, value });
    } else if (entries.length > 0) {
      const [gone] = entries.splice(one.which % entries.length, 1);
      if (gone !== undefined) window.remove(gone.reference, hour * HOUR);
    }
    entries = entries.filter(({ reference }) => reference.time > (hour - keptHours) * HOUR);
    entries.sort((a, b) => a.reference.time - b.reference.time || (a.reference.id < b.reference.id ? -1 : 1));
    expect(figureAt(window, hour / 24)).toEqual(expected(entries, hour * HOUR));
  }
}

describe.each(AGGREGATES)('%s, whatever comes, goes and is restored,', (notation) => {
  it('agrees with plain windows when compared with the window before', () => {
    const overHours = 48;
    const empty = () =>
      open(notation, 'time', { versus: true, overMs: overHours * HOUR, keptMs: 2 * overHours * HOUR });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        judge(empty, notation, 2 * overHours, acts, (entries, clock) => {
          const middle = clock - overHours * HOUR;
          const now = numberOf(
            plain(
              notation,
              entries.filter(({ reference }) => reference.time > middle),
            ),
          );
          const before = numberOf(
            plain(
              notation,
              entries.filter(({ reference }) => reference.time <= middle),
            ),
          );
          const both = now !== null && before !== null;
          return {
            now,
            before,
            change: both ? now - before : null,
            ratio: both && before !== 0 ? now / before : null,
          };
        });
      }),
      { numRuns: 60 },
    );
  });

  it('agrees with the largest of plain windows when asked for the densest span', () => {
    const [overHours, spanHours] = [72, 20];
    const empty = () =>
      open(notation, 'time', {
        densestMs: spanHours * HOUR,
        overMs: overHours * HOUR,
        keptMs: overHours * HOUR,
      });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        judge(empty, notation, overHours, acts, (entries) => {
          const figures = entries.flatMap(({ reference: end }) => {
            const within = entries.filter(
              ({ reference }) => reference.time <= end.time && reference.time > end.time - spanHours * HOUR,
            );
            const figure = plain(notation, within);
            return typeof figure === 'number' ? [figure] : [];
          });
          if (entries.length === 0) return plain(notation, []);
          return figures.length === 0 ? null : Math.max(...figures);
        });
      }),
      { numRuns: 60 },
    );
  });
});
