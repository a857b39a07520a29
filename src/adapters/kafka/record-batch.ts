// Records as a topic holds them, in batches, of which each may be compressed, part of a transaction, or beyond reading.
//
// A batch: base offset int64, length int32 of what follows, leader's epoch int32, format int8 (2), CRC-32C of the rest int32,
// attributes int16 (bits 0-2 compression, 3 time of the brokers, 4 transaction, 5 control), last offset less base int32,
// base time int64, greatest time int64, producer int64, its epoch int16, sequence int32, count int32, records.
// A record: length, attributes int8, time less base, offset less base, key, value, headers; numbers are zigzag varints,
// and bytes have their length before them, -1 for none. https://kafka.apache.org/documentation/#messageformat
import { crc32c } from '@node-rs/crc32';
import { CodedError } from '../../events/coded-error.js';
import type { Code } from '../../events/codes.js';
import type { FeedRecord } from '../../ports/feed.js';
import type { Compression, Decompress } from '../../ports/decompression.js';

export type RawRecord = Omit<FeedRecord, 'topic' | 'partition'>;

export interface Chunk {
  readonly records: readonly RawRecord[];
  /** The offset after all that is read so far, left-out records included. */
  readonly next: number;
}

/** A transaction that was given up: what its producer wrote from the offset on, up to the mark of its end, does not count. */
export interface Aborted {
  readonly producer: bigint;
  readonly first: number;
}

export interface ReadingOptions {
  readonly decompress: Decompress;
  /** Of the clear records of one batch. */
  readonly clearMaxBytes: number;
  readonly aborted: readonly Aborted[];
  /** The offset at which the answer ends at the latest. */
  readonly end: number;
}

export const HEAD_BYTES = 61;
export const LENGTH_END = 12;
export const CHECKSUM_AT = 17;
export const CHECKED_FROM = 21;
export const FORMAT = 2;
const COMPRESSIONS: readonly (Compression | null)[] = [null, 'gzip', 'snappy', 'lz4', 'zstd'];
const HEADERS_MAX = 1_000;
const CHUNK_RECORDS = 1_000;
const CHUNK_BYTES = 1024 * 1024;

interface BatchHead {
  readonly bytes: Buffer;
  readonly base: number;
  /** The offset after its last one. */
  readonly next: number;
  readonly compression: Compression | null | undefined;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly baseTime: number;
  /** Where the brokers stamp the time, it is that of all records. */
  readonly brokersTime: number | null;
  readonly producer: bigint;
  readonly count: number;
  readonly isKnown: boolean;
}

/**
 * The records from an offset on, some at a time. A batch that is cut off at the end is left for the next answer, and so is
 * all from a batch on that lies at no possible place, so that nothing is passed over unread.
 */
export async function* chunksOf(
  bytes: Buffer,
  from: number,
  options: ReadingOptions,
): AsyncGenerator<Chunk, void> {
  let [records, size, next]: [RawRecord[], number, number] = [[], 0, from];
  const aborting = new Set<bigint>();
  let aborted = [...options.aborted].sort((one, other) => one.first - other.first);
  let reached = 0;
  for (const batch of batchesIn(bytes)) {
    if (batch.base < reached || batch.next <= batch.base || batch.next > options.end) break;
    reached = batch.next;
    for (const one of aborted.filter(({ first }) => first < batch.next)) aborting.add(one.producer);
    aborted = aborted.filter(({ first }) => first >= batch.next);
    const isLeftOut = batch.isControl || (batch.isTransactional && aborting.has(batch.producer));
    if (batch.isControl) aborting.delete(batch.producer);
    if (isLeftOut || batch.next <= from) {
      next = Math.max(next, batch.next);
      continue;
    }
    for (const record of await readable(batch, from, options)) {
      records.push(record);
      size += (record.value?.byteLength ?? 0) + (record.key?.byteLength ?? 0);
      next = record.offset + 1;
      if (records.length < CHUNK_RECORDS && size < CHUNK_BYTES) continue;
      yield { records, next };
      [records, size] = [[], 0];
    }
    next = Math.max(next, batch.next);
  }
  if (records.length > 0 || next > from) yield { records, next };
}

/**
 * The records of batches that are neither compressed nor part of a transaction, from an offset on. Where there is
 * something else, or bytes that are no record, its value is null, and `isDamaged` where they are not those that were written.
 */
export function* plainRecords(
  bytes: Buffer,
  from: number,
): Generator<{ readonly offset: number; readonly value: Buffer | null; readonly isDamaged?: boolean }, void> {
  for (const batch of batchesIn(bytes)) {
    if (batch.next <= from) continue;
    if (isDamaged(batch)) {
      yield { offset: Math.max(from, batch.base), value: null, isDamaged: true };
      continue;
    }
    const isPlain = batch.isKnown && batch.compression === null && !batch.isControl;
    if (isPlain) yield* valuesIn(batch, from);
    else yield { offset: Math.max(from, batch.base), value: null };
  }
}

function* valuesIn({ bytes, base, count }: BatchHead, from: number) {
  const reader = new Reader(bytes.subarray(HEAD_BYTES));
  let next = Math.max(from, base);
  for (let index = 0; index < count; index++) {
    let value: Buffer | null = null;
    let offset = next;
    try {
      const end = reader.endOf(reader.varint());
      reader.skip(1);
      reader.varint();
      offset = base + reader.varint();
      if (offset >= from) {
        reader.bytes();
        value = reader.bytes();
      }
      reader.goTo(end);
    } catch {
      value = null;
    }
    if (offset < from) continue;
    next = offset + 1;
    yield { offset, value };
    if (value === null) return;
  }
}

function* batchesIn(bytes: Buffer): Generator<BatchHead, void> {
  for (let at = 0; at + LENGTH_END <= bytes.length;) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + LENGTH_END) return;
    yield headOf(bytes.subarray(at, end));
    at = end;
  }
}

function headOf(bytes: Buffer): BatchHead {
  const base = Number(bytes.readBigInt64BE(0));
  const isKnown = bytes.length >= HEAD_BYTES && bytes.readInt8(16) === FORMAT;
  if (!isKnown) {
    // Sets of messages, which were written before batches were, give the offset of the last one.
    const plain = { isTransactional: false, isControl: false, baseTime: 0, brokersTime: null };
    return { bytes, base, next: base + 1, compression: null, ...plain, producer: -1n, count: 0, isKnown };
  }
  const attributes = bytes.readInt16BE(21);
  return {
    bytes,
    base,
    next: base + bytes.readInt32BE(23) + 1,
    compression: COMPRESSIONS[attributes & 7],
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    baseTime: Number(bytes.readBigInt64BE(27)),
    brokersTime: (attributes & 0x08) !== 0 ? Number(bytes.readBigInt64BE(35)) : null,
    producer: bytes.readBigInt64BE(43),
    count: bytes.readInt32BE(57),
    isKnown,
  };
}

/** Whether the bytes are not those that were written: about 0.3 ms a MiB, and half a microsecond a batch. */
function isDamaged({ bytes, isKnown }: BatchHead): boolean {
  return isKnown && crc32c(bytes.subarray(CHECKED_FROM)) !== bytes.readUInt32BE(CHECKSUM_AT);
}

async function readable(
  batch: BatchHead,
  from: number,
  { decompress, clearMaxBytes }: ReadingOptions,
): Promise<Iterable<RawRecord>> {
  const { bytes, compression, isKnown } = batch;
  if (isDamaged(batch)) return [unreadable(batch, from, 'FEED_DAMAGED')];
  if (!isKnown || compression === undefined) return [unreadable(batch, from, 'FEED_UNREADABLE')];
  const packed = bytes.subarray(HEAD_BYTES);
  if (compression === null) return recordsIn(packed, batch, from);
  try {
    const clear = await decompress(compression, packed, clearMaxBytes);
    return recordsIn(Buffer.from(clear.buffer, clear.byteOffset, clear.byteLength), batch, from);
  } catch (error) {
    return [unreadable(batch, from, error instanceof CodedError ? error.code : 'FEED_UNREADABLE')];
  }
}

/** Up to the first that is not one; then comes what stands for the rest of the batch. */
function* recordsIn(clear: Buffer, batch: BatchHead, from: number): Generator<RawRecord, void> {
  const reader = new Reader(clear);
  let next = Math.max(from, batch.base);
  try {
    for (let index = 0; index < batch.count; index++) {
      const record = recordOf(reader, batch);
      if (record.offset < from) continue;
      if (record.offset < next || record.offset >= batch.next) throw new RangeError('an offset out of order');
      next = record.offset + 1;
      yield record;
    }
  } catch {
    yield unreadable(batch, next, 'FEED_UNREADABLE');
  }
}

function unreadable({ bytes, base, baseTime }: BatchHead, from: number, code: Code): RawRecord {
  const offset = Math.max(from, base);
  return { offset, timestamp: baseTime, key: null, value: bytes, headers: new Map(), unreadable: code };
}

function recordOf(reader: Reader, { base, baseTime, brokersTime }: BatchHead): RawRecord {
  const end = reader.endOf(reader.varint());
  reader.skip(1);
  const timestamp = brokersTime ?? baseTime + reader.varint();
  if (brokersTime !== null) reader.varint();
  const offset = base + reader.varint();
  const key = reader.bytes();
  const value = reader.bytes();
  const headers = new Map<string, string>();
  const count = reader.varint();
  for (let index = 0; index < Math.min(count, HEADERS_MAX); index++) {
    const name = reader.bytes()?.toString('utf8') ?? '';
    headers.set(name, reader.bytes()?.toString('utf8') ?? '');
  }
  reader.goTo(end);
  return { offset, timestamp, key, value, headers };
}

/** Of the tenth byte of a number. */
const LAST_SCALE = 128 ** 9;

/** Reads on from where it is; outside the bytes it throws. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(count: number): void {
    this.#at += count;
  }

  endOf(length: number): number {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new RangeError('ends outside');
    return end;
  }

  goTo(end: number): void {
    if (this.#at > end) throw new RangeError('ran over the end');
    this.#at = end;
  }

  /** Seven bits a byte, the least first; even numbers are halved, odd ones negative. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= LAST_SCALE; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('ends outside');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new RangeError('no number');
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    const end = this.endOf(length);
    const found = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return found;
  }
}
