// Comparisons and densest spans over panes, against a count of every event at every look.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PaneClock } from '../../src/model/pane-clock.js';
import type { EventReference } from '../../src/engine/reference.js';
import { DAY, eventAt, figureAt, open, OVER, rewritten } from './windows.js';

const EVERY = DAY / 2;
const ZONE = 'Asia/Shanghai';
/** Panes of half a day begin at 4:00 and 16:00 UTC. */
const endOf = (instant: number) => (Math.floor((instant - DAY / 6) / EVERY) + 1) * EVERY + DAY / 6;
const at = (day: number) => Math.round(day * DAY);

type Entry = readonly [instant: number, value: number];
type Figure = (values: readonly Entry[]) => number | null;

const values = (entries: readonly Entry[]) => entries.map(([, value]) => value);
const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
const over = (list: readonly number[], figure: (list: readonly number[]) => number) =>
  list.length === 0 ? null : figure(list);
const FIGURES: { readonly [notation: string]: Figure } = {
  count: (entries) => entries.length,
  sum: (entries) => sum(values(entries)),
  avg: (entries) => over(values(entries), (list) => sum(list) / list.length),
  min: (entries) => over(values(entries), (list) => Math.min(...list)),
  max: (entries) => over(values(entries), (list) => Math.max(...list)),
  distinct: (entries) => new Set(values(entries)).size,
  'quantile 0.5': (entries) =>
    over(values(entries), (list) => {
      const sorted = [...list].sort((a, b) => a - b);
      const one = (index: number) => sorted[index] as number;
      return (one(Math.floor((list.length - 1) / 2)) + one(Math.ceil((list.length - 1) / 2))) / 2;
    }),
};

const paned = (more: object, keepsEntries: boolean) => ({
  panes: new PaneClock(EVERY, ZONE),
  keepsEntries,
  ...more,
});

const within = (entries: readonly Entry[], after: number, to: number) =>
  entries.filter(([instant]) => endOf(instant) > after && endOf(instant) <= to);

function versusOf(figure: Figure, entries: readonly Entry[], clock: number) {
  const now = figure(within(entries, clock - OVER, Infinity));
  const before = figure(within(entries, clock - 2 * OVER, clock - OVER));
  if (now === null || before === null) return { now, before, change: null, ratio: null };
  return { now, before, change: now - before, ratio: before === 0 ? null : now / before };
}

function densestOf(figure: Figure, entries: readonly Entry[], clock: number, span: number) {
  const known = within(entries, clock - OVER, Infinity);
  if (known.length === 0) return figure([]);
  const figures = known.flatMap(([last]) => figure(within(known, endOf(last) - span, endOf(last))) ?? []);
  return figures.length === 0 ? null : Math.max(...figures);
}

/** Steps: time passes, an event comes (so many days late), one is taken back, the window goes to bytes and back. */
const step = fc.record({
  passes: fc.integer({ min: 0, max: 40 }).map((sixths) => sixths / 6),
  late: fc.integer({ min: 0, max: 150 }).map((sixths) => sixths / 6),
  value: fc.integer({ min: -3, max: 9 }),
  takes: fc.option(fc.nat(), { freq: 4 }),
  restores: fc.integer({ min: 0, max: 7 }).map((dice) => dice === 0),
});

function live(
  notation: string,
  more: { readonly versus?: true; readonly densestMs?: number; readonly keptMs: number },
  keepsEntries: boolean,
  judge: (entries: readonly Entry[], clock: number) => unknown,
  steps: readonly { passes: number; late: number; value: number; takes: number | null; restores: boolean }[],
): void {
  const opened = () => open(notation, 'time', paned(more, keepsEntries));
  let window = opened();
  const known: { readonly entry: Entry; readonly reference: EventReference }[] = [];
  let day = 100;
  for (const [index, { passes, late, value, takes, restores }] of steps.entries()) {
    day += passes;
    const reference = eventAt(day - late, `e${index}`);
    if (window.add(reference, value, at(day))) known.push({ entry: [at(day - late), value], reference });
    if (takes !== null && keepsEntries && known.length > 0) {
      const [taken] = known.splice(takes % known.length, 1);
      if (taken !== undefined) window.remove(taken.reference, at(day));
    }
    if (restores) window = rewritten(window, opened());
    expect(figureAt(window, day)).toEqual(
      judge(
        known.map(({ entry }) => entry),
        at(day),
      ),
    );
  }
}

const kinds = Object.keys(FIGURES).flatMap((notation) =>
  [true, false].map((keeps) => [notation, keeps] as const),
);

describe('versus over panes', () => {
  it.each(kinds)('%s, events known: %s', (notation, keeps) => {
    const figure = FIGURES[notation] as Figure;
    const judge = (entries: readonly Entry[], clock: number) => versusOf(figure, entries, clock);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        live(notation, { versus: true, keptMs: 2 * OVER }, keeps, judge, steps);
      }),
      { numRuns: 150 },
    );
  });

  it('says when a pane changes windows, and wakes the key no earlier and at most five minutes later', () => {
    const window = open('count', 'time', paned({ versus: true, keptMs: 2 * OVER }, true));
    window.add(eventAt(100), true, 100 * DAY);
    const due = (day: number) => {
      window.expire(at(day));
      const instant = {
        clock: at(day),
        key: 'subject:sim:a',
        registered: NaN,
        gapsWithin: () => 0,
      };
      return window.nextChange(instant) - (endOf(100 * DAY) - 100 * DAY);
    };
    for (const [day, edge] of [
      [100, 110],
      [110, 110],
      [111, 120],
    ] as const) {
      expect(due(day)).toBeGreaterThanOrEqual(edge * DAY);
      expect(due(day)).toBeLessThan(edge * DAY + 300_000);
    }
    expect(due(121)).toBe(Infinity);
  });
});

describe('densest over panes', () => {
  it.each(kinds)('%s, events known: %s', (notation, keeps) => {
    const figure = FIGURES[notation] as Figure;
    const judge = (entries: readonly Entry[], clock: number) => densestOf(figure, entries, clock, 3 * EVERY);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        live(notation, { densestMs: 3 * EVERY, keptMs: OVER }, keeps, judge, steps);
      }),
      { numRuns: 150 },
    );
  });
});
