// Batches of records as brokers hold them: whole, compacted, cut off, of an older format, and damaged in any byte.
import { createRequire } from 'node:module';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../../src/adapters/compression/compression.js';
import {
  chunksOf,
  plainRecords,
  type Chunk,
  type RawRecord,
} from '../../../src/adapters/kafka/record-batch.js';

interface Encoded {
  readonly buffer: Buffer;
}
const load = createRequire(import.meta.url);
const recordOf = load('kafkajs/src/protocol/recordBatch/record/v0') as (fields: object) => Encoded;
const { RecordBatch: batchOf } = load('kafkajs/src/protocol/recordBatch/v0') as {
  readonly RecordBatch: (fields: object) => Promise<Encoded>;
};

const LAST_DELTA_AT = 23;

/** A batch of the client's own encoder. @param deltas of offsets, as compaction may leave them */
async function batch(base: number, deltas: readonly number[], compression = 0): Promise<Buffer> {
  const records = deltas.map((offsetDelta) =>
    recordOf({
      offsetDelta,
      timestampDelta: offsetDelta,
      key: `k${base + offsetDelta}`,
      value: `v${base + offsetDelta}`,
      headers: { name: Buffer.from('值') },
    }),
  );
  const fields = { firstOffset: base, firstTimestamp: 1_000, maxTimestamp: 1_999, compression, records };
  const bytes = Buffer.from((await batchOf(fields)).buffer);
  bytes.writeInt32BE(deltas.at(-1) ?? 0, LAST_DELTA_AT);
  return summed(bytes);
}

/** With the checksum of what it holds by now. */
function summed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

async function read(bytes: Buffer, from: number): Promise<{ records: RawRecord[]; next: number }> {
  const chunks: Chunk[] = [];
  const options = { decompress, clearMaxBytes: 1_000_000, aborted: [], end: 100 };
  for await (const chunk of chunksOf(bytes, from, options)) chunks.push(chunk);
  return { records: chunks.flatMap(({ records }) => records), next: chunks.at(-1)?.next ?? from };
}

const offsets = (records: readonly RawRecord[]) => records.map(({ offset }) => offset);

describe('batches of records', () => {
  it('are read from the middle of one on, with keys, times and headers', async () => {
    const bytes = Buffer.concat([await batch(10, [0, 1, 2]), await batch(13, [0, 1], 1)]);
    const { records, next } = await read(bytes, 11);
    expect(offsets(records)).toEqual([11, 12, 13, 14]);
    expect(next).toBe(15);
    const [first] = records;
    expect(first).toMatchObject({ timestamp: 1_001, headers: new Map([['name', '值']]) });
    expect([String(first?.key), String(first?.value)]).toEqual(['k11', 'v11']);
  });

  it('have holes where a topic is compacted, at their end too, and may be empty', async () => {
    const holed = await batch(20, [0, 4]);
    holed.writeInt32BE(9, LAST_DELTA_AT);
    summed(holed);
    const empty = (await batch(30, [])).subarray(0, 61);
    empty.writeInt32BE(empty.length - 12, 8);
    empty.writeInt32BE(4, LAST_DELTA_AT);
    summed(empty);
    expect(await read(holed, 20)).toMatchObject({ next: 30 });
    expect(offsets((await read(holed, 20)).records)).toEqual([20, 24]);
    expect(await read(empty, 30)).toEqual({ records: [], next: 35 });
    expect(await read(Buffer.concat([holed, empty]), 25)).toEqual({ records: [], next: 35 });
  });

  it('are left for the next answer where one is cut off', async () => {
    const [whole, cut] = [await batch(0, [0, 1]), await batch(2, [0, 1])];
    for (const length of [1, 11, 12, 60, cut.length - 1]) {
      const { records, next } = await read(Buffer.concat([whole, cut.subarray(0, length)]), 0);
      expect([offsets(records), next]).toEqual([[0, 1], 2]);
    }
  });

  it('are handed over as they came where they cannot be read, and what follows is read', async () => {
    const follower = await batch(5, [0]);
    const old = await batch(4, [0]);
    old.writeInt8(1, 16);
    const strange = await batch(4, [0]);
    strange.writeInt16BE(6, 21);
    const packed = await batch(4, [0], 1);
    packed.fill(7, 61);
    const damaged = await batch(4, [0]);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 3) ^ 1, damaged.length - 3);
    for (const [bytes, code] of [
      [old, 'FEED_UNREADABLE'],
      [summed(strange), 'FEED_UNREADABLE'],
      [summed(packed), 'COMPRESSION_DAMAGED'],
      [damaged, 'FEED_DAMAGED'],
    ] as const) {
      const { records, next } = await read(Buffer.concat([bytes, follower]), 4);
      expect(offsets(records)).toEqual([4, 5]);
      expect(records[0]?.unreadable).toBe(code);
      expect(Buffer.compare(Buffer.from(records[0]?.value ?? []), bytes)).toBe(0);
      expect(records[1]).not.toHaveProperty('unreadable');
      expect(next).toBe(6);
    }
  });

  it('lose no offset and end, whatever byte is damaged', async () => {
    const parts = [await batch(0, [0, 1, 2]), await batch(3, [0, 1, 2], 1)] as const;
    const plain = Buffer.concat(parts);
    const second = parts[0].length;
    const damage = fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(6), fc.boolean(), async (changes, from, isSummed) => {
        const bytes = Buffer.from(plain);
        for (const [at, byte] of changes) bytes[at] = byte;
        if (isSummed) for (const at of [0, second]) summed(bytes.subarray(at, at === 0 ? second : undefined));
        const { records, next } = await read(bytes, from);
        const found = offsets(records);
        expect(found).toEqual([...found].sort((one, other) => one - other));
        expect(found.every((offset) => offset >= from)).toBe(true);
        expect(next).toBeGreaterThanOrEqual(from);
        expect(next).toBeLessThanOrEqual(100);
        expect(next).toBeGreaterThanOrEqual((found.at(-1) ?? from - 1) + 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('plain batches', () => {
  const told = (bytes: Buffer, from: number) =>
    [...plainRecords(bytes, from)].map(({ offset, value }) => `${offset} ${String(value)}`);

  it('give the values from an offset on, up to one that is cut off', async () => {
    const bytes = Buffer.concat([await batch(10, [0, 1, 2]), await batch(13, [0, 1])]);
    expect(told(bytes, 12)).toEqual(['12 v12', '13 v13', '14 v14']);
    expect(told(bytes.subarray(0, -1), 10)).toEqual(['10 v10', '11 v11', '12 v12']);
    expect(told(bytes, 15)).toEqual([]);
  });

  it('say where something stands that is no plain record', async () => {
    const control = await batch(3, [0]);
    control.writeInt16BE(0x20, 21);
    const cut = await batch(4, [0, 1]);
    cut.fill(0xff, cut.length - 20);
    const parts = [await batch(0, [0]), await batch(1, [0, 1], 1), summed(control), summed(cut)];
    expect(told(Buffer.concat(parts), 0)).toEqual(['0 v0', '1 null', '3 null', '4 v4', '5 null']);
  });

  it('say of a batch that is not as it was written that it is damaged, and give none of its records', async () => {
    const damaged = await batch(1, [0, 1]);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 3) ^ 1, damaged.length - 3);
    const found = [...plainRecords(Buffer.concat([await batch(0, [0]), damaged, await batch(3, [0])]), 0)];
    expect(found.map(({ offset, isDamaged }) => [offset, isDamaged === true])).toEqual([
      [0, false],
      [1, true],
      [3, false],
    ]);
  });

  it('never throw, go backwards or leave a record of a damaged batch for another, whatever byte is damaged', async () => {
    const parts = [await batch(0, [0, 1, 2]), await batch(3, [0, 1, 2])] as const;
    const plain = Buffer.concat(parts);
    const second = parts[0].length;
    const damage = fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(6), fc.boolean(), (changes, from, isSummed) => {
        const bytes = Buffer.from(plain);
        for (const [at, byte] of changes) bytes[at] = byte;
        if (isSummed) for (const at of [0, second]) summed(bytes.subarray(at, at === 0 ? second : undefined));
        const found = [...plainRecords(bytes, from)];
        expect(found.every(({ offset }) => offset >= from)).toBe(true);
        expect(found.length).toBeLessThanOrEqual(10_000);
      }),
      { numRuns: 2_000 },
    );
  });
});
