import { describe, expect, it } from 'vitest';
import { eventOf, type StreamName } from '../../../src/events/event.js';
import type { Level } from '../../../src/model/model.js';
import { LeakWatch } from '../../../src/pipeline/measures/leaks.js';
import { loadOf } from '../../../src/pipeline/measures/load.js';
import { judge, OutcomeBook, type Outcome } from '../../../src/pipeline/measures/outcomes.js';
import type { RaisedWarning } from '../../../src/pipeline/measures/raised.js';
import { Weeks } from '../../../src/pipeline/measures/weeks.js';
import { RULES } from '../backtest-fixture.js';

const DAY = 86_400_000;
const OBSERVED = { fromMs: 0, endMs: 100 * DAY, untilMs: 100 * DAY, horizonMs: 30 * DAY };

function warning(key: string, day: number, evidence: readonly string[] = []): RaisedWarning {
  const raised = day * DAY;
  const names = { warning: `${key}@${day}`, model: 'a/a', scope: 'subject', key, item: 'food-operation' };
  const steps = [{ at: raised, level: 'yellow' as Level }];
  const events = evidence.map((id) => ({ id: `s ${id}`, time: raised, position: null }));
  return { ...names, raised, ended: Infinity, level: 'yellow', steps, evidence: events };
}
const outcome = (key: string, day: number, kind: string, event: string | null = null): Outcome => {
  return { scope: 'subject', key, time: day * DAY, kind, event };
};
const event = (id: string, key: string, stream: StreamName, time: number, at: number) =>
  eventOf(`s ${id}`, stream, 's', `subject:${key}`, time * DAY, at * DAY, {});

describe('leaks', () => {
  const found = (
    events: readonly ReturnType<typeof event>[],
    warnings: readonly RaisedWarning[],
    outcomes: readonly Outcome[],
  ) => {
    const watch = new LeakWatch(new Set(outcomes.map(({ scope, key }) => `${scope}:${key}`)));
    for (const one of events) watch.see(one, one.id.endsWith('?'));
    return watch.found(judge(warnings, new OutcomeBook(outcomes, OBSERVED), OBSERVED, 'blue'), 2);
  };

  it('are right warnings that rest on the event that tells of the outcome, by its id', () => {
    const events = [event('p1', 'a', 'penalty', 10, 10), event('c1', 'b', 'complaint', 10, 10)];
    const warnings = [warning('a', 10, ['p1']), warning('b', 10, ['c1'])];
    const leaks = found(events, warnings, [outcome('a', 12, 'harm', 'p1'), outcome('b', 12, 'harm')]);
    expect(leaks).toMatchObject({ restingOnOutcome: 1, outcomeKnown: 0, unmatched: 1, laterEvidence: 0 });
    expect(leaks.examples).toEqual([
      {
        ...{ model: 'a/a', scope: 'subject', key: 'a', at: 10 * DAY, event: 's p1' },
        outcome: { time: 12 * DAY, kind: 'harm' },
      },
    ]);
  });

  it('stand beside the keys of outcomes of which no event ever spoke', () => {
    const outcomes = ['b', 'nobody', 'none'].map((key) => outcome(key, 12, 'harm'));
    const region = { ...outcome('330106', 12, 'harm'), scope: 'region' };
    const { unknownKeys } = found([event('c1', 'b', 'complaint', 10, 10)], [], [...outcomes, region]);
    expect(unknownKeys).toEqual({ total: 2, first: ['subject:nobody', 'subject:none'] });
  });

  it('are found by the stream that the kind names, within a day, and by arrival where nothing rests on it', () => {
    const events = [event('p1', 'a', 'penalty', 10.5, 10.6), event('i1', 'a', 'inspection', 10.5, 10.6)];
    expect(found(events, [warning('a', 11)], [outcome('a', 11.4, 'penalty')]).outcomeKnown).toBe(1);
    // Known to nobody but later.
    expect(found(events, [warning('a', 10.55)], [outcome('a', 11.4, 'penalty')]).outcomeKnown).toBe(0);
    expect(found(events, [warning('a', 11)], [outcome('a', 11.6, 'penalty')]).unmatched).toBe(1);
    // A warning that foresees nothing leaks nothing.
    expect(found(events, [warning('a', 12)], [outcome('a', 11.4, 'penalty')]).outcomeKnown).toBe(0);
  });

  it('show evidence of after the warning, arrivals that were assumed, and events dated after theirs', () => {
    const late = [event('c1', 'a', 'complaint', 9, 20), event('c2?', 'z', 'complaint', 9, 9)];
    const leaks = found(late, [warning('a', 10, ['c1'])], [outcome('a', 12, 'fire')]);
    expect(leaks.laterEvidence).toBe(1);
    expect(leaks.assumed).toEqual([{ stream: 'complaint', assumed: 1, of: 2 }]);
    expect(leaks.futureDated).toBe(2);
    // It came twice: what counts is that it was there.
    const again = [event('c1', 'a', 'complaint', 9, 9), ...late];
    expect(found(again, [warning('a', 10, ['c1'])], [outcome('a', 12, 'fire')]).laterEvidence).toBe(0);
  });
});

describe('the load of a department', () => {
  const weeks = new Weeks('Asia/Shanghai');
  // Monday 2026-03-02 in Shanghai.
  const monday = Date.parse('2026-03-02T00:00:00+08:00');
  const at = (key: string, ms: number) => ({ ...warning(key, 0), raised: ms });

  it('counts a subject once a week, and lets what exceeds the capacity wait', () => {
    const week = 7 * DAY;
    const warnings = [
      ...['a', 'a', 'b', 'c'].map((key, index) => at(key, monday + index)),
      ...['a', 'b'].map((key) => at(key, monday + week)),
      at('d', monday - 1),
    ];
    const { items, departments } = RULES.catalogue;
    const lead = items.get('food-operation')?.lead ?? '';
    const catalogue = {
      items,
      departments: new Map([...departments].map(([id, one]) => [id, { ...one, perWeek: 1 }])),
      queue: RULES.catalogue.queue,
    };
    const begins = weeks.between(monday - 1, monday + 3 * week);
    const [load] = loadOf(warnings, catalogue, begins, weeks);
    expect(load).toMatchObject({ department: lead, capacity: 1, warnings: 7, most: 3, over: 2, mean: 6 / 5 });
    expect(load?.weeks.map((one) => [one.week, one.warnings, one.subjects, one.waiting])).toEqual([
      ['2026-02-23', 1, 1, 0],
      ['2026-03-02', 4, 3, 2],
      ['2026-03-09', 2, 2, 3],
      ['2026-03-16', 0, 0, 2],
      ['2026-03-23', 0, 0, 1],
    ]);
  });

  it('has no capacity where the catalogue names none', () => {
    const { items, departments } = RULES.catalogue;
    const queue = { ...RULES.catalogue.queue, perWeek: null };
    const [load] = loadOf([at('a', monday)], { items, departments, queue }, [monday], weeks);
    expect(load).toMatchObject({ capacity: null, over: null, weeks: [{ subjects: 1, waiting: null }] });
  });
});
