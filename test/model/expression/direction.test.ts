import { describe, expect, it } from 'vitest';
import { directionsOf } from '../../../src/model/expression/direction.js';

const TABLE: readonly (readonly [string, Record<string, string>])[] = [
  ['a >= 3', { a: 'rises' }],
  ['a < 3', { a: 'falls' }],
  ['3 <= a', { a: 'rises' }],
  ['!(a < 3) && b > 1', { a: 'rises', b: 'rises' }],
  ['a >= 3 || a < 1', { a: 'either' }],
  ['a - b > 2', { a: 'rises', b: 'falls' }],
  ['a > b', { a: 'rises', b: 'falls' }],
  ['2 * a > 4', { a: 'rises' }],
  ['-2 * a > 4', { a: 'either' }],
  ['a * b > 4', { a: 'either', b: 'either' }],
  ['a / 2 > 4', { a: 'rises' }],
  ['a / b > 4', { a: 'either', b: 'either' }],
  ['a == 3', { a: 'either' }],
  ['-a < 0', { a: 'rises' }],
  ['a > 1 ? true : false', { a: 'either' }],
  ['math.greatest(a, 2) > 1', { a: 'either', math: 'either' }],
  ['a in [1, 2]', { a: 'either' }],
  ['true', {}],
];

describe('the direction in which an expression follows a name', () => {
  for (const [source, expected] of TABLE) {
    it(source, () => {
      expect(Object.fromEntries(directionsOf(source))).toEqual(expected);
    });
  }

  it('a parameter beside an indicator is never taken for a positive factor', () => {
    expect(directionsOf('a >= 2 * params.many').get('a')).toBe('rises');
    expect(directionsOf('a * params.many >= 2').get('a')).toBe('either');
  });
});
