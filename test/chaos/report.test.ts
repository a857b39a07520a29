// What the judgement of a run notices.
import { expect, it } from 'vitest';
import type { Said } from '../support/servers/judgement.js';
import { differences, faultTable } from './report.js';

const SAID: Said = {
  transitions: ['a', 'b', 'c'],
  deliveries: ['d', 'e'],
  inboxes: ['1', '2'],
  rows: { events: { total: 3, places: 3 } },
};

const judged = (said: Partial<Said>) =>
  differences({ happened: [], endings: [], expected: SAID, said: { ...SAID, ...said } });

it('is content with what was said as it should have been', () => {
  expect(judged({})).toEqual([]);
});

it('names what is lost, said twice, or said in another order', () => {
  expect(judged({ transitions: ['a', 'c'] })[0]).toBe('transitions: 2, not 3');
  expect(judged({ transitions: ['a', 'b', 'c', 'c'] })).toEqual(['transitions: 4, not 3']);
  expect(judged({ deliveries: ['e', 'd'] })[0]).toContain('deliveries[0]');
  expect(judged({ inboxes: ['1', '1'] })).toEqual([
    'inbox files: 1 is there 2 times',
    'inbox files: 2 is there 0 times',
  ]);
  expect(judged({ inboxes: ['1', '2', '3'] })).toEqual([
    'inbox files: 3 is there 1 times, and should not be',
  ]);
  expect(judged({ rows: { events: { total: 4, places: 3 } } })).toHaveLength(1);
});

it('shows by kind how often a fault happened and how long its recovery took', () => {
  const of = (kind: string, recoveryMs: number | null) => ({ kind, at: 0, recoveryMs });
  const lines = faultTable([of('b', 1_000), of('a', 4_000), of('b', 3_000), of('b', 2_000), of('a', null)]);
  expect(lines.map((line) => line.split(/ +/))).toEqual([
    ['fault', 'count', 'median', 's', 'max', 's', 'open'],
    ['a', '2', '4.0', '4.0', '1'],
    ['b', '3', '2.0', '3.0', '0'],
    ['all', '5', '3.0', '4.0', '1'],
  ]);
});
