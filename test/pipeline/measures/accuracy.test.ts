import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Level } from '../../../src/model/model.js';
import { accuracyOf, precisionAt } from '../../../src/pipeline/measures/accuracy.js';
import { judge, OutcomeBook, type Outcome } from '../../../src/pipeline/measures/outcomes.js';
import type { RaisedWarning } from '../../../src/pipeline/measures/raised.js';

const DAY = 86_400_000;
const OBSERVED = { fromMs: 0, endMs: 100 * DAY, untilMs: 100 * DAY, horizonMs: 30 * DAY };
const OPTIONS = { seed: 1, replicates: 200 };

function warning(key: string, day: number, more: Partial<RaisedWarning> = {}): RaisedWarning {
  const raised = day * DAY;
  const steps = [{ at: raised, level: 'yellow' as Level }];
  const names = { warning: `${key}@${day}`, model: 'a/a', scope: 'subject', key, item: 'i' };
  return { ...names, raised, ended: Infinity, level: 'yellow', steps, evidence: [], ...more };
}
const outcome = (key: string, day: number, kind = 'fire'): Outcome => {
  return { scope: 'subject', key, time: day * DAY, kind, event: null };
};
const measured = (
  warnings: readonly RaisedWarning[],
  outcomes: readonly Outcome[],
  least: Level = 'blue',
  observed = OBSERVED,
) => accuracyOf(warnings, new OutcomeBook(outcomes, observed), observed, least, OPTIONS);

describe('warnings against outcomes', () => {
  it('are right where something happens within the horizon after them, on the same subject', () => {
    const warnings = [warning('a', 10), warning('b', 10), warning('c', 10), warning('d', 10)];
    const outcomes = [outcome('a', 40), outcome('b', 40.5), outcome('x', 20), outcome('d', 10)];
    const found = measured(warnings, outcomes);
    // a within 30 days to the instant; b half a day too late; c nothing; d at the instant itself.
    expect(found.precision).toMatchObject({ count: 1, of: 4, value: 0.25 });
    expect(found.recall).toMatchObject({ count: 1, of: 4, value: 0.25 });
    expect(found.echoes).toBe(1);
  });

  it('are not judged while their horizon is not over, unless something happened', () => {
    const found = measured([warning('a', 80), warning('b', 80), warning('c', 70)], [outcome('a', 90)]);
    expect(found).toMatchObject({ warnings: 3, undecided: 1, precision: { count: 1, of: 2 } });
    const later = { ...OBSERVED, untilMs: 130 * DAY };
    const known = measured([warning('a', 80), warning('b', 80)], [outcome('a', 120)], 'blue', later);
    // What happened after the run still tells what was right, but is not asked to have been foreseen.
    expect(known).toMatchObject({ undecided: 0, precision: { count: 0, of: 2 }, recall: null });
  });

  it('count from when they came to the level that is asked for', () => {
    const steps = [
      { at: 10 * DAY, level: 'blue' as Level },
      { at: 20 * DAY, level: 'red' as Level },
    ];
    const grave = warning('a', 10, { level: 'red', steps });
    const found = (level: Level) => measured([grave, warning('b', 5)], [outcome('a', 25)], level);
    expect(found('blue').lead.days).toEqual([15]);
    expect(found('red').lead.days).toEqual([5]);
    expect(found('red')).toMatchObject({ warnings: 1, precision: { value: 1 } });
  });

  it('lead by the time from the earliest warning within the horizon', () => {
    const warnings = [warning('a', 1), warning('a', 12), warning('a', 38), warning('b', 34), warning('c', 0)];
    const found = measured(warnings, [outcome('a', 40), outcome('b', 40), outcome('c', 29)]);
    expect(found.lead).toMatchObject({ foreseen: 3, days: [6, 28, 29], quartiles: [17, 28.5] });
    expect(found.lead.median?.value).toBe(28);
    expect(found.lead.within).toEqual([
      { days: 7, share: 1 / 3 },
      { days: 30, share: 1 },
      { days: 90, share: 1 },
    ]);
  });

  it('of a kind of key on which nothing is known are left out', () => {
    expect(measured([warning('a', 10, { scope: 'region' })], [outcome('a', 20)])).toMatchObject({
      warnings: 0,
      precision: null,
      recall: { value: 0, of: 1 },
    });
  });

  it('are as a reckoning that compares each with each has it', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const day = fc.integer({ min: 0, max: 110 });
    const some = fc.array(fc.tuple(key, day), { maxLength: 12 });
    fc.assert(
      fc.property(some, some, fc.integer({ min: 1, max: 60 }), (raised, happened, horizon) => {
        const observed = { ...OBSERVED, horizonMs: horizon * DAY, untilMs: 105 * DAY };
        const known = happened.filter(([, at]) => at <= 105);
        const warnings = raised.map(([name, at]) => warning(name, at));
        const book = new OutcomeBook(
          happened.map(([name, at]) => outcome(name, at)),
          observed,
        );
        const judged = judge(warnings, book, observed, 'blue');
        const within = known.length === 0 ? [] : raised.filter(([, at]) => at <= 100);
        const isRight = ([name, at]: readonly [string, number]) =>
          known.some(([other, then]) => other === name && then > at && then <= at + horizon);
        const expected = within.map((one) => (isRight(one) ? true : one[1] + horizon <= 105 ? false : null));
        expect(judged.warnings.map(({ right }) => right)).toEqual(expected);
        const asked = known.filter(([, then]) => then <= 100);
        const leads = asked.map(([name, then]) => {
          const before = raised.filter(([other, at]) => other === name && at < then && at >= then - horizon);
          return before.length === 0 ? null : (then - Math.min(...before.map(([, at]) => at))) * DAY;
        });
        expect(judged.outcomes.map(({ leadMs }) => leadMs)).toEqual(leads);
      }),
    );
  });
});

describe('the first of each week', () => {
  const weeks = [7, 14, 21, 77].map((day) => day * DAY);
  const at = (warnings: readonly RaisedWarning[], outcomes: readonly Outcome[], ks: readonly number[]) =>
    precisionAt(ks, warnings, new OutcomeBook(outcomes, OBSERVED), OBSERVED, weeks, OPTIONS);

  it('are the gravest that stand then; weeks whose horizon is not known do not count', () => {
    const red = { level: 'red' as Level, steps: [{ at: 5 * DAY, level: 'red' as Level }] };
    const ended = {
      ended: 9 * DAY,
      steps: [
        { at: 6 * DAY, level: 'yellow' as Level },
        { at: 9 * DAY, level: 'none' as Level },
      ],
    };
    const warnings = [warning('a', 2), warning('b', 5, red), warning('c', 6, ended)];
    const [one, two, three] = at(warnings, [outcome('a', 25), outcome('b', 43)], [1, 2, 3]);
    // b leads in each week; its fire is within 30 days of the weeks of day 14 and 21.
    expect(one).toMatchObject({ weeks: 3, precision: { count: 2, of: 3 } });
    expect(two).toMatchObject({ precision: { count: 5, of: 6 } });
    // c stands in the first week alone.
    expect(three).toMatchObject({ precision: { count: 5, of: 7 } });
  });

  it('have no precision where nothing stands', () => {
    expect(at([], [outcome('a', 25)], [10])).toEqual([{ k: 10, weeks: 3, precision: null }]);
  });
});
