// Values as one batch of records of an idempotent producer, in one buffer; `record-batch.ts` says what stands where.
import { crc32c } from '@node-rs/crc32';
import { CHECKED_FROM, CHECKSUM_AT, FORMAT, HEAD_BYTES, LENGTH_END } from './record-batch.js';

/** Values one behind the other, copied from where they were, so that nobody changes them. */
export interface Packed {
  readonly bytes: Buffer;
  /** Where each of them ends. */
  readonly ends: readonly number[];
}

/** Some of packed values, from one on. */
export interface Slice {
  readonly packed: Packed;
  readonly first: number;
  readonly count: number;
}

export interface Producer {
  readonly id: bigint;
  readonly epoch: number;
}

/** Copies values into one piece of memory. */
export function pack(values: readonly Uint8Array[]): Packed {
  const size = values.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.allocUnsafe(size);
  const ends: number[] = [];
  let end = 0;
  for (const value of values) {
    bytes.set(value, end);
    ends.push((end += value.length));
  }
  return { bytes, ends };
}

/** Where a value begins, or the one behind the last would. */
export function startOf({ ends }: Packed, index: number): number {
  return index === 0 ? 0 : (ends[index - 1] as number);
}

/** A leader's epoch, a record's key and its headers, as they say that there are none. */
const NO_EPOCH = -1;
const NO_KEY = 0x01;
const NO_HEADERS = 0x00;
/** Of a record without its length, the lengths of its numbers and its value: attributes, time, key, headers. */
const FIXED_BYTES = 4;

/**
 * The batch of all values, in their order, neither compressed nor part of a transaction; the brokers put the base offset.
 * @param sequence how many records the producer wrote to the partition before, below 2^31
 * @param time of all records, epoch ms
 */
export function encodeBatch(
  slices: readonly Slice[],
  { id, epoch }: Producer,
  sequence: number,
  time: number,
): Buffer {
  const count = slices.reduce((sum, slice) => sum + slice.count, 0);
  const batch = Buffer.allocUnsafe(HEAD_BYTES + sizeOf(slices));
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - LENGTH_END, 8);
  batch.writeInt32BE(NO_EPOCH, LENGTH_END);
  batch.writeInt8(FORMAT, 16);
  batch.writeInt16BE(0, CHECKED_FROM);
  batch.writeInt32BE(count - 1, 23);
  batch.writeBigInt64BE(BigInt(time), 27);
  batch.writeBigInt64BE(BigInt(time), 35);
  batch.writeBigInt64BE(id, 43);
  batch.writeInt16BE(epoch, 51);
  batch.writeInt32BE(sequence, 53);
  batch.writeInt32BE(count, 57);
  let at = HEAD_BYTES;
  let index = 0;
  for (const { packed, first, count: some } of slices) {
    for (let one = first; one < first + some; one++) at = putRecord(batch, at, index++, packed, one);
  }
  batch.writeUInt32BE(crc32c(batch.subarray(CHECKED_FROM)), CHECKSUM_AT);
  return batch;
}

function sizeOf(slices: readonly Slice[]): number {
  let [size, index] = [0, 0];
  for (const { packed, first, count } of slices) {
    for (let one = first; one < first + count; one++) {
      const length = (packed.ends[one] as number) - startOf(packed, one);
      const body = bodyOf(index++, length);
      size += bytesOf(body) + body;
    }
  }
  return size;
}

/** Of a record without its length. */
function bodyOf(index: number, length: number): number {
  return FIXED_BYTES + bytesOf(index) + bytesOf(length) + length;
}

function putRecord(batch: Buffer, start: number, index: number, packed: Packed, one: number): number {
  const from = startOf(packed, one);
  const length = (packed.ends[one] as number) - from;
  let at = putWhole(batch, start, bodyOf(index, length));
  batch[at++] = 0;
  batch[at++] = 0;
  at = putWhole(batch, at, index);
  batch[at++] = NO_KEY;
  at = putWhole(batch, at, length);
  batch.set(packed.bytes.subarray(from, from + length), at);
  at += length;
  batch[at++] = NO_HEADERS;
  return at;
}

/** How many bytes a whole number below 2^31 has as a zigzag varint. */
function bytesOf(whole: number): number {
  if (whole < 0x40) return 1;
  if (whole < 0x2000) return 2;
  if (whole < 0x10_0000) return 3;
  return whole < 0x800_0000 ? 4 : 5;
}

function putWhole(batch: Buffer, start: number, whole: number): number {
  let at = start;
  let left = (whole << 1) >>> 0;
  for (; left >= 0x80; left >>>= 7) batch[at++] = (left & 0x7f) | 0x80;
  batch[at++] = left;
  return at;
}
