// What an expression takes is bounded before it runs: its steps by its form, what it does with texts and lists by a count.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { spent } from '../../../src/model/expression/effort.js';
import { compileExpression } from '../../../src/model/expression/compile.js';
import { ExpressionError } from '../../../src/model/expression/expression.js';
import { MAX_DATA_STEPS, MAX_LIST_LENGTH } from '../../../src/model/expression/limits.js';
import { compiled, ENVIRONMENT, makeScope } from './fixture.js';

/** Counts every look at an element of a list. */
function watched(list: readonly string[], looked: { count: number }): string[] {
  return new Proxy([...list], {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looked.count++;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

const text = fc.constantFrom(
  'x',
  'event.category',
  '"食品"',
  '(x + x)',
  'x.lowerAscii()',
  'x.substring(0, 1)',
);
const condition = fc.oneof(
  fc
    .tuple(text, fc.constantFrom('==', '!=', '<', '>='), text)
    .map(([a, operator, b]) => `${a} ${operator} ${b}`),
  fc.tuple(text, text).map(([a, b]) => `${a}.contains(${b})`),
  text.map((a) => `${a}.matches("^a.*[b-f]{2,9}$")`),
  text.map((a) => `${a}.size() > 3`),
  text.map((a) => `${a} in event.items`),
);
const both = fc
  .tuple(condition, fc.constantFrom('&&', '||'), condition)
  .map(([a, operator, b]) => `(${a} ${operator} ${b})`);
const macro = fc.constantFrom('all', 'exists', 'exists_one', 'filter', 'map');
const inner = fc
  .tuple(macro, both, fc.constantFrom('event.items', '["a", "b", "c"]'))
  .map(([name, body, list]) =>
    `${list}.${name}(y, ${body}).size() >= 0`.replace(
      /\.size\(\) >= 0$/,
      name === 'filter' || name === 'map' ? '$&' : '',
    ),
  );
const expression = fc
  .tuple(macro, fc.oneof(both, inner), fc.constantFrom('event.items', '["a", "bb", "食品"]'))
  .map(([name, body, list]) => `${list}.${name}(x, ${body})`);

describe('the cost of an expression', () => {
  it('is never less than the elements that a run looks at, however it is built', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(
        expression,
        fc.integer({ min: 0, max: 60 }),
        fc.string({ maxLength: 40 }),
        (source, length, part) => {
          const result = compileExpression(source, ENVIRONMENT);
          if (!result.ok) {
            expect(result.diagnostics[0]).toMatchObject({ code: 'EXPR_COST' });
            seen.refused++;
            return;
          }
          seen.accepted++;
          const looked = { count: 0 };
          const items = Array.from({ length }, (_, index) => `${part}${index}`);
          const scope = makeScope();
          (scope.event?.data as { items: unknown }).items = watched(items, looked);
          result.expression.run(scope);
          // Reading the list itself looks at each element, to see that it is a text.
          expect(looked.count).toBeLessThanOrEqual(result.expression.cost);
          expect(spent()).toBeLessThanOrEqual(2 * MAX_DATA_STEPS);
        },
      ),
      { numRuns: 400 },
    );
    expect(seen.accepted).toBeGreaterThan(100);
  });

  const long = 'abcdefg'.repeat(2340);
  const scopeOf = (items: readonly string[], category = long) => {
    const scope = makeScope();
    Object.assign(scope.event?.data ?? {}, { items, category });
    return scope;
  };
  const many = Array.from({ length: MAX_LIST_LENGTH }, (_, index) => `${long}${index}`);

  test.each([
    ['a regular expression on long texts', 'event.items.exists(x, x.matches("[a-z]{5,60}[0-9]!"))'],
    ['a text made longer and longer', 'event.items.all(x, (x + x + x + x).size() > 0)'],
    ['texts sought in each other', 'event.items.exists(x, event.category.contains(x))'],
    ['long texts in order', 'event.items.all(x, event.items.all(y, x <= y || y <= x))'],
    ['texts taken apart', 'event.items.all(x, x.replace("a", "b").reverse().size() > 0)'],
    ['long texts that are equal', 'event.items.all(x, event.items.all(y, x == y || x != y))'],
    ['a long text among others', 'event.items.all(x, x in event.items)'],
    ['a long text at the beginning', 'event.items.all(x, event.items.filter(y, y.startsWith(x)).size() > 0)'],
    ['a long text at the end', 'event.items.all(x, event.items.filter(y, y.endsWith(x)).size() > 0)'],
    ['a list of long texts put together', 'event.items.map(x, [x, x].join(",")).size() > 0'],
  ])('%s is stopped with a reason, and in time', (_what, source) => {
    const expression = compiled(source);
    const scope = scopeOf(many);
    // Of this process, whatever else the machine does.
    const begun = process.cpuUsage();
    const value = expression.run(scope);
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(3_000);
    expect(value).toBeInstanceOf(ExpressionError);
    expect(value).toMatchObject({ code: 'EXPR_COST' });
    // The next run begins anew.
    expect(compiled('event.category.contains("食品")').run(makeScope())).toBe(true);
  });

  it.each([
    'event.items.exists(x, x.matches("^食品.{0,20}过期$"))',
    'event.items.all(x, event.items.exists(y, x == y))',
  ])('does not stop what is usual: %s', (source) => {
    const items = Array.from({ length: 300 }, (_, index) => `食品安全检查${index}`);
    expect(typeof compiled(source).run(scopeOf(items, '食品'))).toBe('boolean');
    expect(spent()).toBeLessThan(MAX_DATA_STEPS / 4);
  });
});
