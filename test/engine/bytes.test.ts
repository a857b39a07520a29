import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/engine/byte-reader.js';
import { ByteWriter } from '../../src/engine/byte-writer.js';
import { ExpressionError } from '../../src/model/expression/expression.js';

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as never);

describe('bytes of state', () => {
  it('give back every value that was written, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(json, fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), fc.boolean())),
        (values) => {
          const writer = new ByteWriter();
          for (const value of values) writer.value(value);
          const reader = new ByteReader(writer.finish());
          for (const value of values) expect(reader.value()).toEqual(value);
          expect(reader.done).toBe(true);
        },
      ),
    );
  });

  it('give back whole numbers up to 2^53 - 1, negative zero, long texts and errors', () => {
    const writer = new ByteWriter();
    const long = '食品'.repeat(500) + 'a'.repeat(2_000);
    for (const whole of [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER]) writer.whole(whole);
    writer.value(-0);
    writer.string(long);
    writer.value(new ExpressionError('EXPR_TYPE', '类型不符'));
    const reader = new ByteReader(writer.finish());
    for (const whole of [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER]) expect(reader.whole()).toBe(whole);
    expect(Object.is(reader.value(), -0)).toBe(true);
    expect(reader.string()).toBe(long);
    expect(reader.value()).toEqual(new ExpressionError('EXPR_TYPE', '类型不符'));
  });

  it('are those of the standard encoding, whatever a text is of', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((one) => String.fromCharCode(one));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'grapheme' })), (text) => {
        const writer = new ByteWriter();
        writer.string(text);
        const expected = new TextEncoder().encode(text);
        expect(Array.from(writer.finish()).slice(-expected.length || Infinity)).toEqual(Array.from(expected));
        expect(new ByteReader(writer.finish()).string()).toBe(new TextDecoder().decode(expected));
      }),
    );
  });

  it('that were given away stay as they are, whatever is written after them', () => {
    const sizes = fc.array(fc.oneof(fc.nat(200), fc.integer({ min: 20_000, max: 3_000_000 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(sizes, (all) => {
        const writer = new ByteWriter();
        const given = all.map((size, index) => {
          writer.restart();
          for (let written = 0; written < size; written++) writer.byte(index);
          return index % 7 === 6 ? writer.finish() : writer.give();
        });
        for (const [index, bytes] of given.entries()) {
          expect(bytes.length).toBe(all[index]);
          expect(bytes.every((byte) => byte === index)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('refuse a tag that no build wrote', () => {
    expect(() => new ByteReader(new Uint8Array([14])).value()).toThrow('Stored state cannot be read');
  });
});
