// Batches as they are written: the client's decoder and our own give the values back, whatever they are and however many.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBatch, pack, type Slice } from '../../../src/adapters/kafka/batch-encoding.js';
import { plainRecords } from '../../../src/adapters/kafka/record-batch.js';

interface DecodedBatch {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly partitionLeaderEpoch: number;
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer;
    readonly headers: object;
  }[];
}

const load = createRequire(import.meta.url);
const DecoderOf = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => {
  readInt64(): unknown;
  readInt32(): number;
  readInt8(): number;
};
const decodeBatch = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<DecodedBatch>;

const PRODUCER = { id: 9_007_199_254_740_993n, epoch: 3 };
const TIME = 1_760_000_000_123;

/** All values of several calls, as slices. */
const slicesOf = (calls: readonly (readonly Uint8Array[])[]): Slice[] =>
  calls.map((values) => ({ packed: pack(values), first: 0, count: values.length }));

/** Reads it with the client, as an answer has it: with the offset that the broker put. */
async function byClient(batch: Buffer): Promise<DecodedBatch> {
  return decodeBatch(new DecoderOf(batch));
}

const values = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 40 });
const calls = fc.array(values, { minLength: 1, maxLength: 6 });
const hex = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('hex');

describe('a batch', () => {
  it('gives its values back, in their order, by both decoders', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.nat(2 ** 31 - 10_000), async (given, sequence) => {
        const expected = given.flat().map(hex);
        const batch = encodeBatch(slicesOf(given), PRODUCER, sequence, TIME);
        const own = [...plainRecords(batch, 0)];
        expect(own.map(({ value }) => hex(value))).toEqual(expected);
        expect(own.map(({ offset }) => offset)).toEqual(expected.map((_, index) => index));
        expect(own.some(({ isDamaged }) => isDamaged === true)).toBe(false);
        const told = await byClient(batch);
        expect(told).toMatchObject({
          ...{ firstOffset: '0', lastOffsetDelta: expected.length - 1, partitionLeaderEpoch: -1 },
          ...{ firstTimestamp: String(TIME), maxTimestamp: String(TIME), firstSequence: sequence },
          ...{ producerId: String(PRODUCER.id), producerEpoch: PRODUCER.epoch },
          ...{ inTransaction: false, isControlBatch: false },
        });
        expect(told.records.map(({ value }) => hex(value))).toEqual(expected);
        expect(told.records.map(({ offset }) => offset)).toEqual(expected.map((_, index) => String(index)));
        for (const { key, headers, timestamp } of told.records) {
          expect([key, headers, timestamp]).toEqual([null, {}, String(TIME)]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has as many bytes as numbers of every length need', async () => {
    // Just below and at each length at which a number, and that of what it counts, grows by a byte.
    const lengths = [0, 57, 58, 59, 63, 64, 8_180, 8_185, 8_191, 8_192, 1_048_560, 1_048_575, 1_048_576];
    const given = lengths.map((length) => new Uint8Array(length).fill(length % 251));
    for (const slices of [slicesOf([given]), slicesOf(given.map((one) => [one]))]) {
      const told = await byClient(encodeBatch(slices, PRODUCER, 0, TIME));
      expect(told.records.map(({ value }) => hex(value) === hex(new Uint8Array(value)))).not.toContain(false);
      expect(told.records.map(({ value }) => value.length)).toEqual(lengths);
    }
    const many = Array.from({ length: 20_000 }, (_, index) => Buffer.from(String(index)));
    const batch = encodeBatch(slicesOf([many]), PRODUCER, 0, TIME);
    expect([...plainRecords(batch, 0)].map(({ value }) => String(value))).toEqual(many.map(String));
    expect((await byClient(batch)).records.length).toBe(20_000);
  });

  it('is a part of what was packed', async () => {
    const packed = pack(['a', 'bc', '', 'def', 'g'].map((text) => Buffer.from(text)));
    const batch = encodeBatch([{ packed, first: 1, count: 3 }], PRODUCER, 7, TIME);
    expect([...plainRecords(batch, 0)].map(({ value }) => String(value))).toEqual(['bc', '', 'def']);
    expect(await byClient(batch)).toMatchObject({ lastOffsetDelta: 2, firstSequence: 7 });
  });

  it('keeps what was packed from later changes', () => {
    const value = Buffer.from('before');
    const packed = pack([value]);
    value.fill(0);
    const batch = encodeBatch([{ packed, first: 0, count: 1 }], PRODUCER, 0, TIME);
    expect([...plainRecords(batch, 0)].map((one) => String(one.value))).toEqual(['before']);
  });
});
