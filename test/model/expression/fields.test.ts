import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/events/event.js';
import { compiled, makeScope, plain, run } from './fixture.js';

const TYPE = 'error EXPR_TYPE';
const LIMIT = 'error EXPR_LIMIT';

const LISTS: readonly [string, unknown][] = [
  ['"食品经营" in subject.tags', true],
  ['"药品" in device.tags', false],
  ['params.many in [1, 5]', true],
  ['event["extra"] in [7, 8]', true],
  ['event["extra"] in ["7"]', false],
  ['"a" in ["a", null]', true],
  ['params.many in [params.many, 2]', true],
  ['"苏丹红" in list("banned-additives")', true],
  ['event.category in list("banned-additives")', false],
  ['event["extra"] in list("banned-additives")', TYPE],
  ['"due" in event.detail', true],
  ['[1, 2] == [1, 2]', true],
  ['[1, 2] == [2, 1]', false],
  ['[1] + params.list == [1, 1, 2, 3]', true],
  ['params.list[1.5]', TYPE],
  ['params.list[-1]', null],
  ['params.list.exists(x, x > 2)', true],
  ['params.list.all(x, x > 2)', false],
  ['params.list.exists_one(x, x > 2)', true],
  ['params.list.filter(x, x > 1).size()', 2],
  ['params.list.map(x, x * 2)[2]', 6],
  ['params.list.map(x, x > 1, x * 2).size()', 2],
  ['[].all(x, x == 1)', true],
  ['[].exists(x, x == 1)', false],
  ['[null, true].exists(x, x)', true],
  ['[null, false].exists(x, x)', null],
  ['[null, false].all(x, x)', false],
  ['[null, true].all(x, x)', null],
  ['[null, true].exists_one(x, x)', null],
  ['[null, true, true].exists_one(x, x)', false],
  ['[null, true].filter(x, x).size()', 1],
  ['params.list.exists(x, x / 0 > 1)', null],
  ['params.list.exists(x, params.bad)', TYPE],
  ['params.list.exists(x, params.bad || x == 3)', true],
  ['params.list.map(x, params.badNumber)', TYPE],
  ['params.badList.exists(x, x == 1)', TYPE],
  ['params.list.exists(x, event.items.exists(y, size(y) == x))', true],
  ['params.long.exists(x, x == 1)', LIMIT],
  ['1 in params.long', LIMIT],
  ['params.long + params.list', LIMIT],
  ['event.dues.exists(t, t > event.deadline)', true],
  ['event.detail.due < event.deadline', true],
  ['event.detail.note', null],
  ['order.id', 'o1'],
  ['order == order', true],
];

describe('lists and objects', () => {
  test.each(LISTS)('%s is %s', (source, value) => {
    expect(plain(run(source))).toBe(value);
  });
});

/** Field, what it holds, and what reads it. */
const WRONG: readonly [string, Json, string][] = [
  ['category', 5, 'event.category == "a"'],
  ['amount', '12', 'event.amount > 1'],
  ['urgent', 'true', 'event.urgent'],
  ['deadline', '2026-01-01', 'event.deadline > event.time'],
  ['deadline', 1_767_312_000, 'event.deadline > event.time'],
  ['deadline', 'soon', 'event.deadline > event.time'],
  ['items', 'milk', '"milk" in event.items'],
  ['items', ['milk', 1], '"milk" in event.items'],
  ['dues', ['soon'], 'event.dues.exists(t, t > event.time)'],
  ['detail', { due: 5 }, 'event.detail.due > event.time'],
  ['detail', ['due'], 'event.detail.due > event.time'],
];

describe('fields of the event', () => {
  test('a declared field that is absent is null and counted, each time it is read', () => {
    const scope = makeScope();
    expect(run('event.result == "fail"', scope)).toBeNull();
    expect(run('event["result"]', scope)).toBeNull();
    expect(run('event.any', scope)).toBeNull();
    expect(scope.absent).toEqual(['result', 'result', 'any']);
  });

  test('has() asks without counting, and is never null', () => {
    const scope = makeScope();
    expect(run('has(event.result)', scope)).toBe(false);
    expect(run('has(event.category)', scope)).toBe(true);
    expect(run('has(event["nowhere"])', scope)).toBe(false);
    expect(run('has(event["extra"])', scope)).toBe(true);
    expect(run('has(event.time)', scope)).toBe(true);
    expect(run('has(subject.credit)', scope)).toBe(false);
    expect(run('has(subject.kind)', scope)).toBe(true);
    expect(run('has(event.detail.due)', scope)).toBe(true);
    expect(run('has(event.detail.note)', scope)).toBe(false);
    expect(run('has(order.deadline)', makeScope({ values: [] }))).toBe(false);
    expect(run('has(params.many)', scope)).toBe(true);
    expect(scope.absent).toEqual([]);
  });

  test('a field outside the schema is read by a text, null where absent, and not counted', () => {
    const scope = makeScope();
    expect(run('event["extra"]', scope)).toBe(7);
    expect(run('event["nowhere"]', scope)).toBeNull();
    expect(scope.absent).toEqual([]);
  });

  test.each(WRONG)('%s holding %j is an error', (field, value, source) => {
    const scope = makeScope();
    const event = scope.event;
    if (event === null) throw new Error('the fixture has an event');
    scope.event = { ...event, data: { ...event.data, [field]: value } };
    expect(plain(run(source, scope))).toBe(TYPE);
  });

  test('an error names the field and the type found, never the value', () => {
    const scope = makeScope();
    const event = scope.event;
    if (event === null) throw new Error('the fixture has an event');
    scope.event = { ...event, data: { category: 13_812_345_678 } };
    expect(run('event.category == "a"', scope)).toMatchObject({
      message: 'event.category: expected string, found number.',
    });
  });

  test('a fact of the profile with the wrong type is an error, an absent one null', () => {
    const profile = { kind: 5, tags: 'a' };
    expect(plain(run('subject.kind == "a"', makeScope({ profile })))).toBe(TYPE);
    expect(plain(run('"a" in subject.tags', makeScope({ profile })))).toBe(TYPE);
    expect(run('subject.floors > 3')).toBeNull();
  });

  test('event alone is the whole event, instants in seconds', () => {
    expect(run('event')).toMatchObject({
      id: 'hotline 1',
      stream: 'complaint',
      time: 1_767_225_600.5,
      category: '食品过期',
      deadline: 1_768_492_800,
      result: null,
    });
  });
});

describe('what an expression says of itself', () => {
  test.each([
    ['complaints >= 3', 'bool', false],
    ['failures > 0', 'bool', true],
    ['failures != null', 'bool', false],
    ['complaints / 2', 'number', true],
    ['complaints * 2', 'number', false],
    ['event.deadline - event.time', 'duration', true],
    ['event["extra"]', 'dyn', true],
    ['null', 'dyn', true],
    ['subject.tags.map(x, size(x))', 'list', true],
    ['event', 'object', false],
  ])('%s is %s, nullable: %s', (source, type, nullable) => {
    const expression = compiled(source);
    expect([expression.type.type, expression.nullable]).toEqual([type, nullable]);
  });

  test('the names it reads, each once, sorted', () => {
    const source =
      'event.result == "fail" && has(event.amount) && event["extra"] != null && complaints > params.many && complaints > 1 && subject.kind in list("banned-additives") && now > event.time';
    expect(compiled(source).reads).toEqual({
      event: ['amount', 'extra', 'result', 'time'],
      profile: ['kind'],
      owner: [],
      params: ['many'],
      indicators: ['complaints'],
      lists: ['banned-additives'],
      steps: [],
      now: true,
    });
  });
});

test('no exception escapes: a scope without the event it needs is an error', () => {
  expect(plain(run('event.category == "a"', makeScope({ event: null })))).toBe('error EXPR_INTERNAL');
});
