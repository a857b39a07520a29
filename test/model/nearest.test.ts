import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/model/nearest.js';

describe('nearest', () => {
  test.each([
    ['complaint', ['complaints', 'failures'], 'complaints'],
    ['categroy', ['category', 'complainant'], 'category'],
    ['Credit', ['credit', 'kind'], 'credit'],
    ['ab', ['xy'], undefined],
    ['食品经宫', ['食品经营', '药品经营'], '食品经营'],
    ['zzz', ['complaints'], undefined],
    ['', ['a'], undefined],
  ])('%s among %j is %s', (name, candidates, wanted) => {
    expect(nearest(name, candidates)).toBe(wanted);
  });

  test('of two equally near names the first is chosen', () => {
    expect(nearest('cot', ['cat', 'cut'])).toBe('cat');
  });
});
