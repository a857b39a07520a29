import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecord, recordHead, RecordFormatError } from '../../src/events/codec.js';
import { STREAMS, type Event, type JsonObject, type LogRecord } from '../../src/events/event.js';

const EVENT: Event = {
  kind: 'event',
  id: '/12345/haidian e-1',
  stream: 'complaint',
  source: '/12345/haidian',
  key: 'subject:91110000802100433B',
  time: 1_772_328_600_000,
  at: 1_772_328_600_123,
  data: { category: '食品过期', amount: 12.5, tags: ['一', null, true], nested: { a: {} } },
};

const instant = fc.integer({ min: -30_000_000_000_000, max: 253_402_300_799_999 });
const name = fc.string({ unit: 'grapheme', maxLength: 60 });
// JSON knows no -0; an event never holds it once it was parsed from a log.
const data = fc
  .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 8 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

const event = fc
  .record({
    source: fc.stringMatching(/^[a-z0-9:/.-]{1,30}$/),
    tail: name,
    stream: fc.constantFrom(...STREAMS),
    key: name,
    time: instant,
    at: instant,
    data,
    target: fc.option(fc.tuple(fc.constantFrom('revokes', 'amends'), name), { nil: undefined }),
    backfill: fc.boolean(),
  })
  .map(({ source, tail, target, backfill, ...rest }): Event => ({
    kind: 'event',
    id: `${source} ${tail}`,
    source,
    ...rest,
    ...(target === undefined ? {} : { [target[0]]: target[1] }),
    ...(backfill ? { backfill: true } : {}),
  }));

const record: fc.Arbitrary<LogRecord> = fc.oneof(
  event,
  instant.map((at) => ({ kind: 'tick' as const, at })),
  fc.tuple(instant, instant).map(([from, at]) => ({ kind: 'gap' as const, from, at })),
  fc.tuple(instant, name).map(([at, revision]) => ({ kind: 'revision' as const, at, revision })),
  fc.tuple(instant, fc.nat({ max: 9 }), name, fc.uint8Array()).map(([at, stratum, key, bytes]) => ({
    kind: 'prime' as const,
    at,
    stratum,
    key,
    bytes,
  })),
  fc.tuple(instant, fc.nat()).map(([at, epoch]) => ({ kind: 'primed' as const, at, epoch })),
);

describe('the record codec', () => {
  test('what was encoded is decoded, also from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(record, (value) => {
        const bytes = encodeRecord(value);
        expect(decodeRecord(bytes)).toEqual(value);
        const kind = value.kind === 'event' ? value.stream : value.kind === 'tick' ? 'tick' : null;
        expect(recordHead(bytes)).toEqual({ at: value.at, kind });
        const larger = new Uint8Array(bytes.length + 7).fill(0xff);
        larger.set(bytes, 3);
        expect(decodeRecord(larger.subarray(3, 3 + bytes.length))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test('records of any size follow each other unharmed', () => {
    const long = { ...EVENT, data: { content: '过期'.repeat(40_000) } };
    const records = [EVENT, long, { kind: 'tick' as const, at: 7 }, EVENT];
    const encoded = records.map(encodeRecord);
    expect(encoded.map((bytes) => decodeRecord(bytes))).toEqual(records);
    expect(encoded[3]).toEqual(encoded[0]);
  });

  test('a tick takes ten bytes', () => {
    expect(Array.from(encodeRecord({ kind: 'tick', at: 1 }))).toEqual([1, 2, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
  });

  test('the layout of an event is the one drawn', () => {
    const bytes = encodeRecord({ ...EVENT, revokes: '/a b', backfill: true });
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect([bytes[0], bytes[1], bytes[18], bytes[19]]).toEqual([1, 1, 0, 3]);
    expect([view.getFloat64(2), view.getFloat64(10)]).toEqual([EVENT.at, EVENT.time]);
    expect([20, 22, 24, 26].map((at) => view.getUint16(at))).toEqual([14, 3, 26, 4]);
    const text = new TextDecoder().decode(bytes.subarray(28));
    expect(text).toBe(`/12345/haidiane-1${EVENT.key}/a b${JSON.stringify(EVENT.data)}`);
  });

  test('damaged and foreign bytes are refused, never misread as another error', () => {
    const bytes = encodeRecord(EVENT);
    const changed = (at: number, value: number) =>
      Uint8Array.from(bytes, (byte, i) => (i === at ? value : byte));
    const broken = [
      new Uint8Array(0),
      bytes.subarray(0, 9),
      bytes.subarray(0, 20),
      bytes.subarray(0, bytes.length - 1),
      changed(0, 2),
      changed(1, 9),
      changed(18, 200),
      changed(40, 0xff),
      encodeRecord({ kind: 'gap', from: 1, at: 2 }).subarray(0, 12),
    ];
    for (const damaged of broken) expect(() => decodeRecord(damaged)).toThrow(RecordFormatError);
  });

  test('bytes at random decode to a record or are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 4 }), (bytes, kind) => {
        bytes[0] = 1;
        bytes[1] = kind;
        try {
          decodeRecord(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordFormatError);
        }
      }),
    );
  });

  test('an event that could not be read back is not written', () => {
    expect(() => encodeRecord({ ...EVENT, id: 'e-1' })).toThrow(RangeError);
    expect(() => encodeRecord({ ...EVENT, key: 'x'.repeat(65_536) })).toThrow(RangeError);
    expect(() => encodeRecord({ ...EVENT, revokes: 'a', amends: 'b' })).toThrow(RangeError);
  });
});
