import { describe, expect, test } from 'vitest';
import { makeScope, plain, run } from './fixture.js';

const TYPE = 'error EXPR_TYPE';
const LIMIT = 'error EXPR_LIMIT';
const NUMBER = 'error EXPR_NUMBER';
const RANGE = 'error EXPR_RANGE';

describe('three-valued logic', () => {
  // Rows and columns: true, false, null, error.
  const OPERANDS = ['params.yes', 'params.no', 'params.none', 'params.bad'];
  const T = true;
  const F = false;
  const N = null;
  const E = TYPE;
  const AND = [
    [T, F, N, E],
    [F, F, F, F],
    [N, F, N, E],
    [E, F, E, E],
  ];
  const OR = [
    [T, T, T, T],
    [T, F, N, E],
    [T, N, N, E],
    [T, E, E, E],
  ];
  for (const [operator, table] of [
    ['&&', AND],
    ['||', OR],
  ] as const) {
    OPERANDS.forEach((left, row) => {
      OPERANDS.forEach((right, column) => {
        test(`${left} ${operator} ${right}`, () => {
          expect(plain(run(`${left} ${operator} ${right}`))).toBe(table[row]?.[column]);
        });
      });
    });
  }

  test.each([
    ['!params.yes', false],
    ['!params.no', true],
    ['!params.none', null],
    ['!params.bad', TYPE],
    ['params.yes ? 1 : 2', 1],
    ['params.no ? 1 : 2', 2],
    ['params.none ? 1 : 2', null],
    ['params.bad ? 1 : 2', TYPE],
    ['params.yes ? 1 : params.badNumber', 1],
    ['true || params.bad', true],
    ['false && params.bad', false],
    ['params.any && true', TYPE],
    ['params.any && false', false],
    ['!params.any', TYPE],
  ])('%s is %s', (source, value) => {
    expect(plain(run(source))).toBe(value);
  });

  test('what an operand has decided is not computed further', () => {
    const scope = makeScope();
    expect(run('false && event.result == "fail"', scope)).toBe(false);
    expect(scope.absent).toEqual([]);
  });
});

describe('null', () => {
  test.each([
    ['failures > 0', null],
    ['0 < failures', null],
    ['failures == 0', null],
    ['failures != 0', null],
    ['failures == failures', null],
    ['failures == null', true],
    ['null == failures', true],
    ['failures != null', false],
    ['complaints == null', false],
    ['null == null', true],
    ['fined == null', TYPE],
    ['failures + 1', null],
    ['-failures', null],
    ['failures + fined', TYPE],
    ['failures * params.badNumber', TYPE],
    ['failures > params.badNumber', TYPE],
    ['failures == params.badNumber', TYPE],
    ['failures in [1, 2]', null],
    ['failures in params.list', null],
    ['event.result in ["fail"]', null],
    ['event.result in list("banned-additives")', null],
    ['"a" in event["none"]', null],
    ['event.result.startsWith("a")', null],
    ['event.result.size()', null],
    ['event.result + "a"', null],
    ['event.result.matches("a")', null],
    ['event["none"].deep.deeper', null],
    ['event["none"]["a"]', null],
    ['event["none"][0]', null],
    ['event.items[7]', null],
    ['event.items[1]', '面粉'],
    ['event["none"].exists(x, true)', null],
    ['event["none"].map(x, x)', null],
    ['days(failures)', null],
    ['string(failures)', null],
    ['math.greatest(failures, 1)', null],
    ['local(event.detail.due).hour', 8],
    ['[failures][0] == null', true],
    ['[fined]', TYPE],
  ])('%s is %s', (source, value) => {
    expect(plain(run(source))).toBe(value);
  });
});

describe('numbers', () => {
  test.each([
    ['7 / 2', 3.5],
    ['1 / 0', null],
    ['0 / 0', null],
    ['complaints / failures', null],
    ['7 % 3', 1],
    ['-7 % 3', -1],
    ['7 % 0', null],
    ['7.5 % 2', TYPE],
    ['1e308 * 10', NUMBER],
    ['1e308 + 1e308', NUMBER],
    ['1e308 / 0.01', NUMBER],
    ['0x10', 16],
    ['2 * params.many', 10],
    ['1 == 1.0', true],
    ['-0 == 0', true],
    ['event["extra"] + 1', 8],
    ['event["extra"] + "a"', TYPE],
    ['event["extra"] == "7"', false],
    ['event["extra"] < "7"', TYPE],
    ['params.any + "b"', 'textb'],
    ['params.any - 1', TYPE],
    ['math.abs(-2)', 2],
    ['math.ceil(-0.5)', 0],
    ['math.floor(-1.5)', -2],
    ['math.round(2.5)', 3],
    ['math.round(-2.5)', -3],
    ['math.greatest(1, 3, 2)', 3],
    ['math.least(params.list)', 1],
    ['math.least([])', null],
    ['double("1.5")', 1.5],
    ['double("1.5 ")', TYPE],
    ['double("Infinity")', TYPE],
    ['int(-1.9)', -1],
    ['int("12")', 12],
    ['int("1.5")', TYPE],
    ['bool("true")', true],
    ['bool("yes")', TYPE],
    ['string(1.5) + string(true)', '1.5true'],
  ])('%s is %s', (source, value) => {
    expect(plain(run(source))).toBe(value);
  });
});

describe('texts', () => {
  test.each([
    ['event.category.startsWith("食品")', true],
    ['event.category.endsWith("过期")', true],
    ['event.category.contains("品过")', true],
    ['event.category.size()', 4],
    ['size("𠮷野家")', 3],
    ['"𠮷野家".substring(1)', '野家'],
    ['"𠮷野家".substring(0, 1)', '𠮷'],
    ['"𠮷野家".indexOf("家")', 2],
    ['"𠮷野家".charAt(0)', '𠮷'],
    ['"𠮷野家".charAt(3)', ''],
    ['"abc".charAt(4)', RANGE],
    ['"abc".substring(2, 1)', RANGE],
    ['"abc".substring(4)', RANGE],
    ['"abc".substring(0.5)', RANGE],
    ['"abcabc".lastIndexOf("bc")', 4],
    ['"abcabc".lastIndexOf("bc", 3)', 1],
    ['"abcabc".indexOf("bc", 2)', 4],
    ['"abc".indexOf("x")', -1],
    ['"𠮷" > "\uffff"', true],
    ['"a" < "b"', true],
    ['"ÀB".lowerAscii()', 'Àb'],
    ['"àb".upperAscii()', 'àB'],
    ['" \\t\u3000a b\u00a0".trim()', 'a b'],
    ['"a-b-c".replace("-", "+")', 'a+b+c'],
    ['"a-b-c".replace("-", "+", 1)', 'a+b-c'],
    ['"ab".replace("", "-")', '-a-b-'],
    ['"a,b,c".split(",").join("|")', 'a|b|c'],
    ['"a,b,c".split(",", 2)[1]', 'b,c'],
    ['"a,b".split(",", 0).size()', 0],
    ['["a", "b"].join()', 'ab'],
    ['params.list.map(x, string(x)).join("-")', '1-2-3'],
    ['"abc".reverse()', 'cba'],
    ['"2026年".matches("^[0-9]{4}年$")', true],
    ['matches("xay", "a")', true],
    ['params.any.matches("^t")', true],
    ['event["extra"].matches("7")', TYPE],
  ])('%s is %s', (source, value) => {
    expect(plain(run(source))).toBe(value);
  });

  test('a text cannot be made to grow without bound', () => {
    const doubled = '.replace("a", "aaaaaaaaaaaaaaaaaaaa")'.repeat(8);
    expect(plain(run(`"aaaa"${doubled}`))).toBe(LIMIT);
    const scope = makeScope({ params: { any: 'x'.repeat(65_536) } });
    expect(plain(run('params.any + "x"', scope))).toBe(LIMIT);
    expect(plain(run('[params.any, params.any].join()', scope))).toBe(LIMIT);
  });
});

describe('instants and spans', () => {
  test.each([
    ['event.time', Date.parse('2026-01-01T00:00:00.500Z') / 1000],
    ['event.at - event.time', 9.5],
    ['event.at - event.time == seconds(9.5)', true],
    ['event.at - event.time < seconds(10)', true],
    ['event.deadline - days(1) > event.time', true],
    ['days(1) + hours(12) == hours(36)', true],
    ['minutes(90) / hours(1)', 1.5],
    ['days(3) / 2 == hours(36)', true],
    ['2 * days(1) - hours(48) == duration("0s")', true],
    ['duration("1h30m") == minutes(90)', true],
    ['duration("-1.5s") + seconds(1.5) == seconds(0)', true],
    ['duration("36h") / days(1)', 1.5],
    ['event.time + -days(1) < event.time', true],
    ['-duration("1h") + hours(1) == seconds(0)', true],
    ['days(params.many) == days(5)', true],
    ['days(1e308)', NUMBER],
    ['timestamp("2026-01-01T08:00:00+08:00") == timestamp("2026-01-01T00:00:00Z")', true],
    ['timestamp(event["none"])', null],
    ['timestamp(params.any)', TYPE],
    ['math.abs(event.time - event.at) == seconds(9.5)', true],
    ['string(timestamp("2026-01-01T08:00:00+08:00"))', '2026-01-01T00:00:00Z'],
    ['string(timestamp("2026-01-01T00:00:00.120Z"))', '2026-01-01T00:00:00.12Z'],
    ['duration(event.at - event.time) == seconds(9.5)', true],
    ['duration(duration("1h")) == hours(1)', true],
    ['duration(params.any)', TYPE],
    ['string(hours(1))', '3600s'],
    ['int(timestamp("1970-01-02T00:00:00Z"))', 86_400],
    ['days(1) / seconds(0)', null],
    ['workdays(event.time, event.deadline)', 14],
    ['workdays(event.time, timestamp("2200-01-01T00:00:00Z"))', 'error EXPR_CALENDAR'],
    ['local(event.deadline).year', 2026],
    ['local(event.deadline).month', 1],
    ['local(event.deadline).day', 16],
    ['local(event.deadline).hour', 0],
    ['local(event.deadline).minute', 0],
    ['local(event.deadline).weekday', 5],
    ['local(timestamp("2026-01-04T15:59:59.999Z")).weekday', 7],
    ['local(timestamp("1988-07-01T00:00:00Z")).hour', 9],
    ['subject.opened < event.time', true],
    ['order.deadline > event.time', true],
  ])('%s is %s', (source, value) => {
    expect(plain(run(source))).toBe(value);
  });
});
