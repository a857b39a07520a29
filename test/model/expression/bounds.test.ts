// What a condition can come to, given the bounds of what it reads.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomesOf, type Bounds } from '../../../src/model/expression/bounds.js';

const BOUNDS = new Map<string, Bounds>([
  ['n', { least: 0, most: Infinity, nullable: false }],
  ['r', { least: 0, most: 1, nullable: true }],
]);
const OPERATORS = new Map<string, (a: number, b: number) => boolean>([
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
  ['==', (a, b) => a === b],
  ['!=', (a, b) => a !== b],
]);
const of = (source: string) => {
  const { holds, fails } = outcomesOf(source, BOUNDS, new Map([['params.many', 3]]));
  return holds && fails ? 'both' : holds ? 'always' : fails ? 'never' : 'nothing';
};

describe('the outcomes of a condition', () => {
  it.each([
    ['n >= 0', 'always'],
    ['0 <= n', 'always'],
    ['n < 0', 'never'],
    ['n > 0', 'both'],
    ['n == 0', 'both'],
    ['n != -1', 'always'],
    ['r > 2', 'never'],
    ['r > 1', 'never'],
    ['r >= 1', 'both'],
    ['r <= 1', 'both'],
    ['n >= params.many && 1 > 2', 'never'],
    ['n >= params.many || 2 > 1', 'always'],
    ['!(n >= 0)', 'never'],
    ['!(r > 2)', 'both'],
    ['n >= params.many', 'both'],
    ['unknown > 2', 'both'],
    ['n + 1 > 0', 'both'],
  ])('%s: %s', (source, outcome) => {
    expect(of(source)).toBe(outcome);
  });

  it('are never denied by a value within the bounds', () => {
    const side = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constant('n'));
    const comparison = fc.record({ left: side, operator: fc.constantFrom(...OPERATORS.keys()), right: side });
    const n = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(comparison, fc.constantFrom('&&', '||'), comparison, n, (one, joint, other, number) => {
        const text = ({ left, operator, right }: typeof one) => `${left} ${operator} ${right}`;
        const is = ({ left, operator, right }: typeof one) => {
          const [a, b] = [left, right].map((part) => (typeof part === 'number' ? part : number));
          return OPERATORS.get(operator)?.(a as number, b as number) === true;
        };
        const value = joint === '&&' ? is(one) && is(other) : is(one) || is(other);
        const { holds, fails } = outcomesOf(`${text(one)} ${joint} ${text(other)}`, BOUNDS, new Map());
        expect(value ? holds : fails).toBe(true);
      }),
    );
  });
});
