// What the workers of a process counted outlives them.
import { expect, it } from 'vitest';
import { Tally } from '../../../src/app/distributed/tally.js';

const counting = (events: number, late: number, duplicates: number) => ({
  counters: {
    events,
    evaluations: 2 * events,
    late: new Map([['food/a', late]]),
    missing: new Map<string, number>(),
    unknown: new Map([['food/a DIVISION_BY_ZERO', late]]),
  },
  verdicts: new Map([['duplicate EVENT_DUPLICATE', duplicates]]),
});

it('adds up the workers at hand and those that were let go, each once', () => {
  const tally = new Tally();
  tally.let(counting(10, 1, 2));
  tally.let({});
  const { counters, verdicts } = tally.with([counting(5, 0, 1), {}]);
  expect([counters.events, counters.evaluations]).toEqual([15, 30]);
  expect(counters.late.get('food/a')).toBe(1);
  expect(counters.unknown.get('food/a DIVISION_BY_ZERO')).toBe(1);
  expect(verdicts.get('duplicate EVENT_DUPLICATE')).toBe(3);
  expect(tally.with([]).counters.events).toBe(10);
});
