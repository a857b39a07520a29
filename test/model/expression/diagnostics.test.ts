import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../../src/model/expression/compile.js';
import { FUNCTIONS } from '../../../src/model/expression/functions.js';
import { builtinsFor } from '../../../src/model/expression/builtins.js';
import { OVERLOADS } from '../../../src/model/expression/signature.js';
import { compiled, ENVIRONMENT, fault } from './fixture.js';

/** Source, code, start, end, nearest name. */
const FAULTS: readonly [string, string, number, number, string | undefined][] = [
  // Names.
  ['complaint > 1', 'EXPR_NAME', 0, 9, 'complaints'],
  ['event.categroy == "a"', 'EXPR_FIELD', 6, 14, 'category'],
  ['event["result"].x', 'EXPR_TYPE', 16, 17, undefined],
  ['subject.credits', 'EXPR_FIELD', 8, 15, 'credit'],
  ['sujbect.credit', 'EXPR_NAME', 0, 7, 'subject'],
  ['params.mony > 1', 'EXPR_FIELD', 7, 11, 'many'],
  ['params', 'EXPR_NAME', 0, 6, undefined],
  ['params["mony"]', 'EXPR_FIELD', 7, 13, 'many'],
  ['order.deadlin > now', 'EXPR_FIELD', 6, 13, 'deadline'],
  ['local(now).x', 'EXPR_CLOCK', 6, 9, undefined],
  ['local(event.time).hours', 'EXPR_FIELD', 18, 23, 'hour'],
  ['"a" in list("banned-aditives")', 'EXPR_LIST', 12, 29, 'banned-additives'],
  ['subject.tags.exists(event, true)', 'EXPR_NAME', 20, 25, undefined],
  ['subject.tags.exists(complaints, true)', 'EXPR_NAME', 20, 30, undefined],
  ['has(event.nothing)', 'EXPR_FIELD', 10, 17, undefined],
  // Functions.
  ['event.category.startWith("a")', 'EXPR_FUNCTION', 15, 24, 'startsWith'],
  ['( event.category ) . startWith("a")', 'EXPR_FUNCTION', 21, 30, 'startsWith'],
  ['len(event.category)', 'EXPR_FUNCTION', 0, 3, 'size'],
  ['abs(complaints)', 'EXPR_FUNCTION', 0, 3, 'math.abs'],
  ['math.ab(1)', 'EXPR_FUNCTION', 5, 7, 'math.abs'],
  ['day(1)', 'EXPR_FUNCTION', 0, 3, 'days'],
  ['event.time.getHours()', 'EXPR_FUNCTION', 11, 19, 'local(t).hour'],
  ['startsWith("a", "b")', 'EXPR_FUNCTION', 0, 10, 'string.startsWith(string)'],
  ['days()', 'EXPR_FUNCTION', 0, 6, undefined],
  ['list("banned-additives")', 'EXPR_FUNCTION', 0, 24, undefined],
  ['"a" in list(event.category)', 'EXPR_FUNCTION', 7, 27, undefined],
  ['has(complaints)', 'EXPR_FUNCTION', 0, 15, undefined],
  ['subject.tags.exists(x)', 'EXPR_FUNCTION', 0, 22, undefined],
  ['cel.bind(x, 1, x)', 'EXPR_NAME', 0, 3, undefined],
  // Types.
  ['event.category > 3', 'EXPR_TYPE', 17, 18, undefined],
  ['event.category == complaints', 'EXPR_TYPE', 0, 28, undefined],
  ['event.urgent < true', 'EXPR_TYPE', 0, 12, undefined],
  ['complaints && true', 'EXPR_TYPE', 0, 10, undefined],
  ['!complaints', 'EXPR_TYPE', 1, 11, undefined],
  ['complaints ? 1 : 2', 'EXPR_TYPE', 0, 10, undefined],
  ['true ? 1 : "a"', 'EXPR_TYPE', 11, 14, undefined],
  ['"a" + 1', 'EXPR_TYPE', 0, 7, undefined],
  ['event.category - "a"', 'EXPR_TYPE', 0, 20, undefined],
  ['-event.category', 'EXPR_TYPE', 0, 15, undefined],
  ['event.category.startsWith(1)', 'EXPR_TYPE', 26, 27, undefined],
  ['complaints.size()', 'EXPR_TYPE', 0, 10, undefined],
  ['event.category.exists(x, true)', 'EXPR_TYPE', 0, 14, undefined],
  ['subject.tags.exists(x, x)', 'EXPR_TYPE', 23, 24, undefined],
  ['5 in subject.tags', 'EXPR_TYPE', 0, 1, undefined],
  ['"a" in event.category', 'EXPR_TYPE', 7, 21, undefined],
  ['complaints in list("banned-additives")', 'EXPR_TYPE', 0, 10, undefined],
  ['complaints in ["a"]', 'EXPR_TYPE', 15, 18, undefined],
  ['subject.tags["a"]', 'EXPR_TYPE', 13, 16, undefined],
  ['event[event.category]', 'EXPR_TYPE', 6, 20, undefined],
  ['event.category[0]', 'EXPR_TYPE', 0, 14, undefined],
  ['complaints.x', 'EXPR_TYPE', 11, 12, undefined],
  // Units.
  ['event.at - event.time > 30', 'EXPR_DURATION', 24, 26, undefined],
  ['event.time + 30 > event.at', 'EXPR_DURATION', 0, 15, undefined],
  ['event.time + event.at > event.at', 'EXPR_TYPE', 0, 21, undefined],
  ['days(1) * days(1) > days(1)', 'EXPR_TYPE', 0, 17, undefined],
  ['1 / days(1) > 1', 'EXPR_DURATION', 0, 11, undefined],
  ['event.deadline > "2026-01-01"', 'EXPR_TYPE', 17, 29, undefined],
  ['now > days(1)', 'EXPR_TYPE', 6, 13, undefined],
  ['event.deadline > timestamp("2026-01-01")', 'EXPR_TYPE', 27, 39, undefined],
  ['days(1) > duration("1d")', 'EXPR_TYPE', 19, 23, undefined],
  // Regular expressions.
  ['event.category.matches("(")', 'EXPR_REGEX', 23, 26, undefined],
  ['event.category.matches("a(?=b)")', 'EXPR_REGEX', 23, 31, undefined],
  ['event.category.matches("((a{100}){10}){1}b{1000}c{1000}")', 'EXPR_REGEX', 23, 56, undefined],
  ['event.category.matches(event.result)', 'EXPR_FUNCTION', 0, 36, undefined],
  // Syntax.
  ['', 'EXPR_SYNTAX', 0, 0, undefined],
  ['complaints = 1', 'EXPR_SYNTAX', 11, 12, undefined],
  ['complaints > 1 and true', 'EXPR_SYNTAX', 15, 18, undefined],
  ['complaints ＞ 1', 'EXPR_SYNTAX', 11, 12, undefined],
  ['size（event.category)', 'EXPR_SYNTAX', 4, 5, undefined],
  ['(complaints > 1', 'EXPR_SYNTAX', 15, 15, undefined],
  ['"abc', 'EXPR_SYNTAX', 0, 4, undefined],
  ['complaints > .5', 'EXPR_SYNTAX', 13, 14, undefined],
  ['1u + 1', 'EXPR_SYNTAX', 0, 2, undefined],
  ['b"a" == b"a"', 'EXPR_SYNTAX', 0, 4, undefined],
  ['{"a": 1}', 'EXPR_SYNTAX', 0, 8, undefined],
  ['9007199254740993', 'EXPR_NUMBER', 0, 16, undefined],
];

describe('faults with their place and the nearest valid name', () => {
  test.each(FAULTS)('%s', (source, code, start, end, near) => {
    const found = fault(source);
    expect([found.code, found.start, found.end, found.nearest]).toEqual([code, start, end, near]);
    expect(found.message).toMatch(/[.?]$/);
  });
});

describe('what the place of an expression needs', () => {
  test.each([
    ['complaints', 'bool', 'EXPR_TYPE'],
    ['"a"', 'number', 'EXPR_TYPE'],
    ['event.at - event.time', 'number', 'EXPR_DURATION'],
  ] as const)('%s as %s', (source, expected, code) => {
    expect(fault(source, expected)).toMatchObject({ code, expected });
  });

  test.each([
    ['complaints > 1', 'bool'],
    ['event["extra"]', 'bool'],
    ['event["extra"]', 'number'],
    ['complaints', 'number'],
  ] as const)('%s as %s passes', (source, expected) => {
    expect(compileExpression(source, ENVIRONMENT, expected).ok).toBe(true);
  });

  test('without an event and without now neither can be named', () => {
    const { event: _event, ...rest } = ENVIRONMENT;
    const env = { ...rest, now: false };
    for (const [source, message] of [
      ['event.category', 'There is no event here'],
      ['now > order.deadline', 'now may not be named here'],
    ] as const) {
      const result = compileExpression(source, env);
      expect(result.ok ? '' : result.diagnostics[0]?.message).toContain(message);
    }
  });
});

test('all faults are reported at once, in the order of the source', () => {
  const result = compileExpression('complaint > 1 && event.categroy == "a" || days(1) > 5', ENVIRONMENT);
  expect(result.ok ? [] : result.diagnostics.map((found) => found.start)).toEqual([0, 23, 52]);
});

describe('what cannot be read is shown as written, with its place and what belongs there', () => {
  const VALUE = 'a value: a name, a number, or a text in double quotes';
  const OPERATOR = 'an operator such as >=, == or &&, or the end of the expression';
  test.each([
    ['complaints > .5', 'Unexpected .5 at character 14.', '0.5'],
    ['complaints >= >= 3', 'Unexpected >= at character 15.', VALUE],
    ['complaints > 3 &&', 'Unexpected end at character 18.', VALUE],
    ['"a" in ', 'Unexpected end at character 8.', VALUE],
    ['', 'Unexpected end at character 1.', VALUE],
    ['complaints > 3 complainants', 'Unexpected complainants at character 16.', OPERATOR],
    ['complaints > 3)', 'Unexpected ) at character 15.', OPERATOR],
    ['(complaints > 3', 'Unexpected end at character 16.', ')'],
    ['complaints > 3 ? 1', 'Unexpected end at character 19.', ':'],
    ['subject.', 'Unexpected end at character 9.', 'a name'],
    ['complaints ge 3', 'Unexpected ge at character 12.', '>='],
    ['complaints => 3', 'Unexpected => at character 12.', '>='],
    ['complaints <> 3', 'Unexpected <> at character 12.', '!='],
    ['complaints ≥ 3', 'Unexpected ≥ at character 12.', '>='],
    ['complaints = 3', 'Unexpected = at character 12.', '=='],
    ['complaints > 3 或 false', 'Unexpected 或 at character 16.', '||'],
    ['"abc', 'The text that begins at character 1 has no end.', 'a closing quote'],
    ['if complaints', 'if at character 1 is a reserved word.', 'another name'],
  ])('%s', (source, message, expected) => {
    expect(fault(source)).toMatchObject({ code: 'EXPR_SYNTAX', message, expected });
  });
});

test('the nearest name stands in its own field alone, so that it is said once', () => {
  expect(fault('complaint > 1')).toMatchObject({
    message: 'complaint is not known here.',
    nearest: 'complaints',
  });
});

describe('limits', () => {
  test.each([
    ['a source over 4 KiB', `complaints > 1${' '.repeat(4096)}`, 'EXPR_LIMIT'],
    ['brackets nested too deep', `${'('.repeat(200)}1${')'.repeat(200)}`, 'EXPR_LIMIT'],
    ['operators nested too deep', `${'!'.repeat(200)}true`, 'EXPR_LIMIT'],
    ['a chain too long', Array.from({ length: 150 }, () => 'true').join('||'), 'EXPR_LIMIT'],
    ['too many parts', `[${Array.from({ length: 1100 }, () => '1').join(',')}].size() > 1`, 'EXPR_LIMIT'],
    [
      'macros nested three deep',
      'subject.tags.exists(x, subject.tags.exists(y, subject.tags.exists(z, x == z)))',
      'EXPR_LIMIT',
    ],
    [
      'a worst case that takes too long',
      'subject.tags.exists(x, subject.tags.exists(y, x.matches("^a.*b$") && y.matches("^c")))',
      'EXPR_COST',
    ],
    ['a pattern too long', `event.category.matches("${'a'.repeat(257)}")`, 'EXPR_REGEX'],
  ])('%s is refused', (_, source, code) => {
    expect(fault(source).code).toBe(code);
  });

  test('nested macros over written lists are cheap enough', () => {
    expect(
      compiled('subject.tags.exists(x, ["a", "b"].exists(y, x.matches("^食") && y == x))').type.type,
    ).toBe('bool');
  });
});

describe('the table of functions', () => {
  test('has each name once, in both languages, and code behind every entry', () => {
    const builtins = builtinsFor(ENVIRONMENT);
    const names = FUNCTIONS.map((entry) => entry.name);
    expect(new Set(names).size).toBe(names.length);
    for (const entry of FUNCTIONS) {
      expect(entry.meaning, entry.name).toMatch(/^[ -~]+\.$/);
      expect(entry.zh, entry.name).toMatch(/[\u4e00-\u9fff].*。$/);
      if (entry.special !== true) expect(builtins[entry.name], entry.name).toBeTypeOf('function');
    }
    expect([...OVERLOADS.keys()].every((name) => names.includes(name))).toBe(true);
  });
});
