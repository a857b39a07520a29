// The records of the events log as bytes.
//
//   every record
//     0      version, 1
//     1      kind: 1 event, 2 tick, 3 gap, 4 revision, 5 prime, 6 primed
//     2..9   at, float64, big-endian like all numbers here
//   gap
//     10..17 from, float64
//   revision
//     10..   hash of the revision, UTF-8
//   prime
//     10..11 stratum, uint16
//     12..13 length of the key in bytes, uint16
//     14..   key, UTF-8, then the state of the key as the engine lays it out
//   primed
//     10..13 epoch, uint32
//   event
//     10..17 time, float64
//     18     stream: its index in STREAMS
//     19     flags: 1 backfill, 2 revokes, 4 amends
//     20..21 source     lengths in UTF-16 units, uint16
//     22..23 id
//     24..25 key
//     26..27 revokes or amends, 0 without
//     28..   source, id without the source and its space, key, revokes or amends, data as JSON:
//            one UTF-8 text, cut by the lengths above
//
// An id always starts with its source and a space (event.ts), so the source is written once.
// New streams are appended to STREAMS, never inserted; a change of this layout is a new version.
import {
  eventOf,
  STREAMS,
  type Event,
  type JsonObject,
  type LogRecord,
  type PrimeRecord,
  type StreamName,
} from './event.js';

const VERSION = 1;
const KIND = { event: 1, tick: 2, gap: 3, revision: 4, prime: 5, primed: 6 } as const;
const FLAG = { backfill: 1, revokes: 2, amends: 4 } as const;
const AT = 2;
const HEADER_BYTES = 10;
const GAP_BYTES = 18;
const PRIME_BYTES = 14;
const PRIMED_BYTES = 14;
const EVENT_HEADER_BYTES = 28;
const LENGTH_LIMIT = 0xffff;

/**
 * Records lie side by side in memory of this size, since memory of its own costs a record more than its making;
 * larger ones get it. Nothing that was handed out is written again.
 */
const ROOM_BYTES = 64 * 1024;
let shared: Room = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), used: ROOM_BYTES };
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown when bytes are not a record of a known version: a damaged log, or one that a newer build wrote. */
export class RecordFormatError extends Error {
  readonly code = 'RECORD_FORMAT';
}

/**
 * A record as bytes.
 * @throws RangeError for an event whose id does not start with its source, that both revokes and amends, or
 *   whose names exceed 65,535 units.
 */
export function encodeRecord(record: LogRecord): Uint8Array {
  switch (record.kind) {
    case 'event':
      return encodeEvent(record);
    case 'tick':
      return header(KIND.tick, record.at, HEADER_BYTES, '').bytes;
    case 'gap': {
      const { bytes, view, start } = header(KIND.gap, record.at, GAP_BYTES, '');
      view.setFloat64(start + 10, record.from);
      return bytes;
    }
    case 'revision':
      return header(KIND.revision, record.at, HEADER_BYTES, record.revision).bytes;
    case 'prime':
      return encodePrime(record);
    case 'primed': {
      const { bytes, view, start } = header(KIND.primed, record.at, PRIMED_BYTES, '');
      view.setUint32(start + 10, record.epoch);
      return bytes;
    }
  }
}

/**
 * The record that `encodeRecord` wrote.
 * @throws RecordFormatError
 */
export function decodeRecord(bytes: Uint8Array): LogRecord {
  const view = viewOf(bytes);
  const at = view.getFloat64(AT);
  switch (view.getUint8(1)) {
    case KIND.event:
      return decodeEvent(bytes, view, at);
    case KIND.tick:
      return { kind: 'tick', at };
    case KIND.gap:
      if (bytes.length < GAP_BYTES) throw new RecordFormatError('A gap record is cut short.');
      return { kind: 'gap', from: view.getFloat64(10), at };
    case KIND.revision:
      return { kind: 'revision', at, revision: textOf(bytes.subarray(HEADER_BYTES)) };
    case KIND.prime:
      return decodePrime(bytes, view, at);
    case KIND.primed:
      if (bytes.length < PRIMED_BYTES) throw new RecordFormatError('A primed record is cut short.');
      return { kind: 'primed', at, epoch: view.getUint32(10) };
    default:
      throw new RecordFormatError(`A record has the unknown kind ${view.getUint8(1)}.`);
  }
}

/** What a record begins with. */
export interface RecordHead {
  /** Arrival, epoch ms. */
  readonly at: number;
  /** The stream of an event, or `tick`; null for what says something else. */
  readonly kind: StreamName | 'tick' | null;
}

/**
 * What a record begins with, without decoding the rest.
 * @throws RecordFormatError
 */
export function recordHead(bytes: Uint8Array): RecordHead {
  const view = viewOf(bytes);
  const at = view.getFloat64(AT);
  const kind = view.getUint8(1);
  if (kind === KIND.tick) return { at, kind: 'tick' };
  if (kind !== KIND.event) return { at, kind: null };
  if (bytes.length < EVENT_HEADER_BYTES) throw new RecordFormatError('An event record is cut short.');
  return { at, kind: streamOf(view) };
}

function streamOf(view: DataView): StreamName {
  const stream = STREAMS[view.getUint8(18)];
  if (stream !== undefined) return stream;
  throw new RecordFormatError(`An event record has the unknown stream ${view.getUint8(18)}.`);
}

function encodePrime({ at, stratum, key, bytes: state }: PrimeRecord): Uint8Array {
  const name = encoder.encode(key);
  if (name.length > LENGTH_LIMIT) throw new RangeError(`A key may have ${LENGTH_LIMIT} bytes.`);
  const bytes = new Uint8Array(PRIME_BYTES + name.length + state.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = KIND.prime;
  view.setFloat64(AT, at);
  view.setUint16(10, stratum);
  view.setUint16(12, name.length);
  bytes.set(name, PRIME_BYTES);
  bytes.set(state, PRIME_BYTES + name.length);
  return bytes;
}

function decodePrime(bytes: Uint8Array, view: DataView, at: number): PrimeRecord {
  if (bytes.length < PRIME_BYTES || bytes.length < PRIME_BYTES + view.getUint16(12)) {
    throw new RecordFormatError('A prime record is cut short.');
  }
  const keyEnd = PRIME_BYTES + view.getUint16(12);
  const key = textOf(bytes.subarray(PRIME_BYTES, keyEnd));
  return { kind: 'prime', at, stratum: view.getUint16(10), key, bytes: bytes.slice(keyEnd) };
}

function encodeEvent(event: Event): Uint8Array {
  const { source, id, key } = event;
  if (id.charCodeAt(source.length) !== 0x20 || !id.startsWith(source)) {
    throw new RangeError('The id of an event must start with its source and a space.');
  }
  if (event.revokes !== undefined && event.amends !== undefined) {
    throw new RangeError('An event either revokes or amends.');
  }
  const target = event.revokes ?? event.amends ?? '';
  const tail = id.slice(source.length + 1);
  const lengths = [source.length, tail.length, key.length, target.length] as const;
  if (Math.max(...lengths) > LENGTH_LIMIT) {
    throw new RangeError(
      `Source, id, key and target of an event may have ${LENGTH_LIMIT} UTF-16 units each.`,
    );
  }
  const text = source + tail + key + target + JSON.stringify(event.data);
  const { bytes, view, start } = header(KIND.event, event.at, EVENT_HEADER_BYTES, text);
  view.setFloat64(start + 10, event.time);
  bytes[18] = STREAMS.indexOf(event.stream);
  bytes[19] =
    (event.backfill === true ? FLAG.backfill : 0) |
    (event.revokes !== undefined ? FLAG.revokes : 0) |
    (event.amends !== undefined ? FLAG.amends : 0);
  for (let i = 0; i < 4; i++) view.setUint16(start + 20 + 2 * i, lengths[i] ?? 0);
  return bytes;
}

function decodeEvent(bytes: Uint8Array, view: DataView, at: number): Event {
  if (bytes.length < EVENT_HEADER_BYTES) throw new RecordFormatError('An event record is cut short.');
  const stream = streamOf(view);
  const flags = view.getUint8(19);
  const text = textOf(bytes.subarray(EVENT_HEADER_BYTES));
  const sourceEnd = view.getUint16(20);
  const idEnd = sourceEnd + view.getUint16(22);
  const keyEnd = idEnd + view.getUint16(24);
  const targetEnd = keyEnd + view.getUint16(26);
  const source = text.slice(0, sourceEnd);
  const target = text.slice(keyEnd, targetEnd);
  const id = `${source} ${text.slice(sourceEnd, idEnd)}`;
  const data = dataOf(text.slice(targetEnd));
  const event = eventOf(id, stream, source, text.slice(idEnd, keyEnd), view.getFloat64(10), at, data);
  if (flags & FLAG.revokes) event.revokes = target;
  if (flags & FLAG.amends) event.amends = target;
  if (flags & FLAG.backfill) event.backfill = true;
  return event;
}

interface Header {
  readonly bytes: Uint8Array;
  /** Over the memory that the bytes lie in, in which they begin at `start`. */
  readonly view: DataView;
  readonly start: number;
}

function header(kind: number, at: number, headerBytes: number, text: string): Header {
  // A UTF-16 unit takes at most three bytes of UTF-8, so the text always fits.
  const room = roomFor(headerBytes + 3 * text.length);
  const start = room.used;
  const { written } = encoder.encodeInto(text, room.bytes.subarray(start + headerBytes));
  const bytes = room.bytes.subarray(start, start + headerBytes + written);
  room.used += bytes.length;
  bytes[0] = VERSION;
  bytes[1] = kind;
  room.view.setFloat64(start + AT, at);
  return { bytes, view: room.view, start };
}

interface Room {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
}

function newRoom(length: number): Room {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer), used: 0 };
}

function roomFor(length: number): Room {
  if (length > ROOM_BYTES) return newRoom(length);
  if (shared.used + length > ROOM_BYTES) shared = newRoom(ROOM_BYTES);
  return shared;
}

function viewOf(bytes: Uint8Array): DataView {
  if (bytes.length < HEADER_BYTES) throw new RecordFormatError('A record is cut short.');
  if (bytes[0] !== VERSION) {
    throw new RecordFormatError(`A record has version ${bytes[0]}; this build reads version ${VERSION}.`);
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new RecordFormatError('A record holds bytes that are not UTF-8.');
  }
}

function dataOf(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    throw new RecordFormatError('The data of an event record is not JSON.');
  }
}
