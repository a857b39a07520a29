import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_LIMITS, dataFault } from '../../src/events/data-limits.js';

const fault = (value: unknown) => dataFault(value, 'data', DATA_LIMITS);

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

describe('limits of data', () => {
  test('a whole number beyond 2^53 is refused anywhere, with its path', () => {
    const parsed: unknown = JSON.parse('{"a":[1,{"b":9007199254740993}]}');
    expect(fault(parsed)).toMatchObject({ code: 'EVENT_NUMBER', field: 'data.a[1].b' });
    expect(fault({ a: -(2 ** 53) })).toMatchObject({ code: 'EVENT_NUMBER', field: 'data.a' });
    expect(fault({ a: Number.MAX_SAFE_INTEGER, b: 1e15 + 0.5 })).toBeUndefined();
  });

  test('a number too large for a double is refused', () => {
    expect(fault(JSON.parse('{"a":1e400}'))).toMatchObject({ code: 'EVENT_DATA', field: 'data.a' });
  });

  test.each(['__proto__', 'constructor', 'prototype'])('the name %s is refused at any depth', (name) => {
    expect(fault(JSON.parse(`{"a":{"${name}":{}}}`))).toMatchObject({ field: `data.a.${name}` });
  });

  test('depth, fields, elements, characters and values are bounded', () => {
    expect(fault(nested(DATA_LIMITS.depth))).toBeUndefined();
    expect(fault(nested(DATA_LIMITS.depth + 1))).toMatchObject({ code: 'EVENT_DATA' });
    const fields = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, i]));
    expect(fault(fields)?.message).toContain('200 fields');
    expect(fault({ a: new Array(1001).fill(0) })).toMatchObject({ field: 'data.a' });
    expect(fault({ a: 'x'.repeat(16_384) })).toBeUndefined();
    expect(fault({ a: 'x'.repeat(16_385) })).toMatchObject({ field: 'data.a' });
    expect(fault({ ['n'.repeat(129)]: 1 })).toMatchObject({ field: 'data' });
    expect(fault({ a: new Array(11).fill(new Array(999).fill(0)) })?.message).toContain('10000 values');
  });

  test('a document as deep as the body allows is refused without exhausting the stack', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(fault(deep)).toMatchObject({ code: 'EVENT_DATA' });
  });

  test('half a surrogate pair is refused, in values and in names', () => {
    expect(fault({ a: '\ud83d' })).toMatchObject({ field: 'data.a' });
    expect(fault({ '\ude00': 1 })).toMatchObject({ field: 'data' });
    expect(fault({ a: '😀' })).toBeUndefined();
  });

  test('what is no JSON value is refused', () => {
    for (const value of [undefined, () => 1, 1n, Symbol('s')]) expect(fault({ a: value })).toBeDefined();
  });

  test('small JSON passes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!/[\ud800-\udfff]|__proto__|constructor|prototype/.test(JSON.stringify(value)));
        const found = fault(value);
        expect(found === undefined || found.code === 'EVENT_NUMBER').toBe(true);
      }),
    );
  });
});
