import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { conditionImplies } from '../../src/model/expression/implication.js';
import { MODEL, placeOf, TODAY } from './faults.js';
import { rulesWith } from './rules-fixture.js';

interface Changed {
  readonly levels: { readonly [level: string]: string };
  readonly clear?: { readonly [level: string]: string };
}

function modelWith({ levels, clear = {} }: Changed): string {
  const lines = (map: { readonly [level: string]: string }) =>
    Object.entries(map).map(([level, condition]) => `  ${level}: '${condition}'`);
  return [
    'model: food/repeat-complaints',
    'title: 反复投诉',
    'summary: 反复投诉。',
    'item: food-operation',
    'params: { few: 2, many: { default: 5, by: subject.credit, A: 8 } }',
    'indicators:',
    "  x: { from: complaint, count: '*', over: 7d }",
    "  y: { from: inspection, count: '*', over: 7d }",
    "  last_at: { from: inspection, last: 'event.deadline', over: 7d }",
    "  fixed: { value: '2 * 3' }",
    'levels:',
    ...lines(levels),
    ...(Object.keys(clear).length === 0 ? [] : ['clear:', ...lines(clear)]),
    'plan: food-joint-check',
    'advise: 核查。',
    '',
  ].join('\n');
}

/** What is said of levels: the level, and the message. */
function said(changed: Changed): [string, string][] {
  const text = modelWith(changed);
  const { rules, diagnostics } = loadRules(rulesWith({ [MODEL]: text }), TODAY);
  expect(rules).not.toBeNull();
  return diagnostics
    .filter(({ code }) => /^MODEL_(LEVEL|THRESHOLD)/.test(code))
    .map(({ line, column, severity, message }) => {
      expect(severity).toBe('warning');
      const level = /^ {2}([a-z]+): '/.exec(text.split('\n')[line - 1] ?? '')?.[1] ?? '';
      const row = placeOf(text, `  ${level}: '${changed.levels[level] ?? ''}'`).line;
      expect({ line, column }).toEqual({ line: row, column: level.length + 5 });
      return [level, message];
    });
}

describe('a level whose condition comes to one thing only', () => {
  test.each([
    ['x >= 3 && 1 > 2', 'red is never shown: its condition cannot be true for any values of what it reads'],
    ['x < 0', 'red is never shown: its condition cannot be true for any values of what it reads'],
    ['x >= 0', 'the condition of red is always true, for all values of what it reads'],
  ])('%s', (red, message) => {
    expect(said({ levels: { red } })).toEqual([['red', message]]);
  });
});

describe('a level that is never the one shown', () => {
  test.each([
    ['x >= 3', 'x >= 5'],
    ['x >= 3', 'x >= 3'],
    ['x >= 3', '( x>=3 )'],
    ['x >= 3', '5 <= x'],
    ['x >= 3', 'x > 3'],
    ['x > 3', 'x == 4'],
    ['x <= 3', 'x < 3'],
    ['x != 3', 'x > 3'],
    ['x >= 3', 'x >= 3 && y > 0'],
    ['x >= 3 || y > 0', 'y > 1'],
    ['x >= 3 && y > 0', 'y > 1 && x >= 3'],
    ['x >= params.few', 'x >= 3'],
    // Whatever the profile chooses of 5 and 8.
    ['x >= params.many', 'x >= 8'],
    ['x >= params.many || y > 3', 'x >= 9 && y > 1 || y >= 4'],
    ['x >= params.many', 'x > 2 * params.many'],
    ['x / y >= 0.3', 'x / y >= 0.5'],
    ['now >= last_at', 'now >= last_at && x > 1'],
    ['now >= last_at + days(1)', 'now > last_at + days(1)'],
  ])('red %s, yellow %s', (red, yellow) => {
    expect(said({ levels: { red, yellow } })).toEqual([
      ['yellow', 'yellow is never shown: where its condition holds, that of red does, too'],
    ]);
  });

  test.each([
    ['x >= 5', 'x >= 3'],
    ['x >= 3', 'y >= 5'],
    ['x > 3', 'x >= 3'],
    ['x >= 3', 'x <= 5'],
    ['x >= 3 && y > 0', 'x >= 3'],
    ['x >= 3', 'x >= 5 || y > 0'],
    ['x >= params.many', 'x >= 5'],
    ['x >= params.many || y > 3', 'x >= 7'],
    ['x >= 6', 'x >= params.many'],
    ['x / y >= 0.3', 'x >= 5'],
    ['"a" in subject.tags', 'x >= 5'],
  ])('is not: red %s, yellow %s', (red, yellow) => {
    expect(said({ levels: { red, yellow } })).toEqual([]);
  });

  test('where two graver levels together hold wherever it does', () => {
    expect(said({ levels: { red: 'x >= 3', orange: 'y >= 3', yellow: 'x >= 5 || y >= 5' } })).toEqual([
      ['yellow', 'yellow is never shown: where its condition holds, that of red or orange does, too'],
    ]);
  });

  test('is shown after all where it is cleared later than the graver one', () => {
    const levels = { red: 'x >= 3', yellow: 'x >= 3' };
    expect(said({ levels, clear: { yellow: 'x == 0' } })).toEqual([]);
    expect(said({ levels, clear: { red: 'x == 0', yellow: 'x==0' } })).toHaveLength(1);
    expect(said({ levels, clear: { red: 'x == 0' } })).toHaveLength(1);
  });
});

describe('a level whose condition never changes', () => {
  test.each(['true', '1 < 2', 'params.few < 3', 'fixed == 6', '!false'])('%s', (yellow) => {
    expect(said({ levels: { red: 'x > 3', yellow } })).toEqual([
      ['yellow', 'the condition of yellow is always true: it reads no window, no profile and no clock'],
    ]);
  });

  test.each(['false', '1 > 2', 'params.few > 3', 'fixed < 6', 'null == 1', '1 / 0 > 2'])('%s', (yellow) => {
    expect(said({ levels: { red: 'x > 3', yellow } })).toEqual([
      ['yellow', 'yellow is never shown: its condition reads no window, no profile and no clock'],
    ]);
  });

  test('hides every lesser one where it is true', () => {
    expect(said({ levels: { orange: 'true', yellow: 'x > 3' } }).map(([level]) => level)).toEqual([
      'orange',
      'yellow',
    ]);
  });

  test.each([
    '"a" in subject.tags',
    'params.many > 5',
    'now > timestamp("2030-01-01T00:00:00Z")',
    'x + fixed > 7',
  ])('is not: %s', (yellow) => {
    expect(said({ levels: { yellow } })).toEqual([]);
  });
});

describe('what one condition says of another', () => {
  const NAMES = ['a', 'b'] as const;
  interface Shape {
    readonly source: string;
    readonly holds: (a: number, b: number) => boolean;
  }
  const compare = fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
      fc.integer({ min: -1, max: 4 }),
      fc.boolean(),
    )
    .map(([name, operator, limit, turned]): Shape => {
      const mirror: { [operator: string]: string } = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
      const decide: { [operator: string]: (x: number) => boolean } = {
        '<': (x) => x < limit,
        '<=': (x) => x <= limit,
        '>': (x) => x > limit,
        '>=': (x) => x >= limit,
        '==': (x) => x === limit,
        '!=': (x) => x !== limit,
      };
      return {
        source: turned ? `${limit} ${mirror[operator] ?? operator} ${name}` : `${name} ${operator} ${limit}`,
        holds: (a, b) => decide[operator]?.(name === 'a' ? a : b) ?? false,
      };
    });
  const { condition } = fc.letrec<{ condition: Shape }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      compare,
      fc
        .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
        .map(([left, operator, right]) => ({
          source: `(${left.source}) ${operator} (${right.source})`,
          holds: (a: number, b: number) =>
            operator === '&&' ? left.holds(a, b) && right.holds(a, b) : left.holds(a, b) || right.holds(a, b),
        })),
    ),
  }));
  const values = Array.from({ length: 8 }, (_, index) => index - 2).flatMap((x) => [x, x + 0.5]);

  test('is never claimed where some figures show otherwise', () => {
    let claimed = 0;
    fc.assert(
      fc.property(condition, condition, (given, wanted) => {
        if (!conditionImplies(given.source, [wanted.source])) return;
        claimed++;
        for (const a of values)
          for (const b of values) if (given.holds(a, b)) expect(wanted.holds(a, b)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(claimed).toBeGreaterThan(100);
  });

  test('holds of a condition and itself', () => {
    fc.assert(
      fc.property(condition, ({ source }) => {
        expect(conditionImplies(source, [source])).toBe(true);
      }),
    );
  });

  test('is found in time for the longest chains that a condition may be', () => {
    const given = Array.from({ length: 90 }, (_, index) => `a${index} > 1`).join(' && ');
    const wanted = Array.from({ length: 90 }, (_, index) => `b${index} > 1`).join(' || ');
    expect(conditionImplies(given, [wanted])).toBe(false);
  });
});
