// The events that a key knows, as bytes: what follows from the event before is left out.
//
// Each:
//
//   head u8 (stream 4 bits, 16 kept as before, 32 more, 64 id as long as before, 128 metric as before)
//   [more u8: 1 revoked, 2 revocation, 4 forwarded, 8 time after arrival, 16 arrival before the one before,
//   32 backfilled]
//   [kept: 0 readings' time, 1 for ever, 2 until an instant (f64), 3 + 2 x days, or 4 + 2 x ms, from arrival on]
//   id: characters that it shares with the one before, [count of the rest], the rest
//   [metric]
//   arrival after that of the event before, arrival after time, offset after the one before (signed)
//   [partition + 1]
//
// "Before" is the last event of the same stream, for ids where there is none the last of any, and for arrivals and
// offsets the last of all. Of every 64 events the first ones are told as if nothing was before, so that the ids of 64
// make one text when they are read. Where an id is not ASCII, all are strings.
import { CodedError } from '../../events/coded-error.js';
import { textOfAscii, type ByteReader } from '../byte-reader.js';
import { putWhole, type ByteWriter } from '../byte-writer.js';
import type { Ledger } from '../ledger.js';
import { ROWS_MAX } from '../ledger-row.js';
import { EventReference, ForwardedReference } from '../reference.js';

const PIECE = 64;
const STREAMS_MAX = 16;

const SAME_KEPT = 16;
const MORE = 32;
const SAME_LENGTH = 64;
const SAME_METRIC = 128;

const REVOKED = 1;
const REVOCATION = 2;
const FORWARDED = 4;
const EARLY = 8;
const BACKWARDS = 16;
const BACKFILLED = 32;

const KEPT_AS_READING = 0;
const KEPT_FOR_EVER = 1;
const KEPT_UNTIL = 2;
const KEPT_DAYS = 3;
const KEPT_MS = 4;
/** Part of the layout, whatever the engine's limits come to be. */
const READING_KEPT_MS = 3_900_000;
const DAY_MS = 86_400_000;
const KEPT_MS_MAX = 2 ** 51;

/** The ids of up to 64 events in full, one behind the other. */
let ids = new Uint8Array(4_096);
/** By stream: where the last id lies in `ids`, and how long it is; -1 where there is none. */
const lastStart = new Int32Array(STREAMS_MAX);
const lastLength = new Int32Array(STREAMS_MAX);
const lastKept = new Float64Array(STREAMS_MAX);
const lastMetric: (string | null)[] = new Array<string | null>(STREAMS_MAX).fill(null);

/** The last event of any stream: its id in `ids`, how far these are used, its arrival and its offset. */
const before = { start: 0, length: 0, used: 0, at: 0, offset: 0 };

/** Begins a piece: nothing was before but arrivals and offsets. @param used how far `ids` is still wanted */
function restart(used = 0): void {
  before.start = before.length = 0;
  before.used = used;
  for (let stream = 0; stream < STREAMS_MAX; stream++) {
    lastLength[stream] = -1;
    lastKept[stream] = -1;
    lastMetric[stream] = null;
  }
}

function room(length: number): void {
  const larger = new Uint8Array(Math.max(length, 2 * ids.length));
  larger.set(ids);
  ids = larger;
}

/** Bytes that an event takes at most besides its id and metric. */
const FIXED_BYTES = 64;
/** The longest id of a row: its text has at most so many bytes, and it begins with a source of as many. */
const ID_BYTES_MAX = 8_192;

/**
 * Writes the rows of a ledger, if there is one, and behind them references.
 * @param count of rows and references; these lie at the places that they have among all
 * @param plain each id as a string
 * @returns false where an id is not ASCII, and they must be written plain
 */
export function writeReferences(
  writer: ByteWriter,
  references: readonly (EventReference | null)[],
  count: number,
  plain: boolean,
  rows: Ledger | null = null,
): boolean {
  before.at = before.offset = 0;
  const size = rows === null ? 0 : rows.size;
  for (let index = 0; index < count; index++) {
    if (index % PIECE === 0) restart();
    const isWritten =
      index < size
        ? writeRow(writer, rows as Ledger, index, plain)
        : writeReference(writer, references[index] as EventReference, plain);
    if (!isWritten) return false;
  }
  return true;
}

function writeReference(writer: ByteWriter, reference: EventReference, plain: boolean): boolean {
  const { id, stream, metric, time, at, offset, keepUntil } = reference;
  const isForwarded = reference instanceof ForwardedReference;
  const more =
    (reference.revoked ? REVOKED : 0) |
    (reference.revocation ? REVOCATION : 0) |
    (isForwarded ? FORWARDED : 0) |
    (time > at ? EARLY : 0) |
    (at < before.at ? BACKWARDS : 0) |
    (reference.backfilled ? BACKFILLED : 0);
  writeHead(writer, id.length, stream, metric, time, at, keepUntil, more);
  if (plain) writer.string(id);
  else {
    const to = before.used;
    if (to + id.length > ids.length) room(to + id.length);
    let all = 0;
    for (let index = 0; index < id.length; index++) all |= ids[to + index] = id.charCodeAt(index);
    // What is no byte is not whole in `ids`, and is not ASCII either.
    if (all >= 0x80) return false;
    writeId(writer, id.length, stream);
  }
  if (metric !== lastMetric[stream]) writer.string(metric ?? '');
  writeNumbers(writer, at, time, offset, isForwarded ? reference.partition : null);
  remember(id.length, stream, metric);
  return true;
}

/** Rows arrive in order, none before it happened, and none of them was taken back, forwarded or backfilled. */
function writeRow(writer: ByteWriter, rows: Ledger, row: number, plain: boolean): boolean {
  const stream = rows.stream(row);
  const metric = rows.isReading(row) ? rows.metric(row) : null;
  const time = rows.time(row);
  const at = rows.at(row);
  const id = plain ? rows.id(row) : '';
  let { length } = id;
  if (!plain) {
    if (before.used + ID_BYTES_MAX > ids.length) room(before.used + ID_BYTES_MAX);
    length = rows.idTo(row, ids, before.used);
    if (length < 0) return false;
  }
  writeHead(writer, length, stream, metric, time, at, rows.keepUntil(row), 0);
  if (plain) writer.string(id);
  else writeId(writer, length, stream);
  if (metric !== lastMetric[stream]) writer.string(metric ?? '');
  writeNumbers(writer, at, time, rows.offset(row), null);
  remember(length, stream, metric);
  return true;
}

/** Writes what comes before the id, which has so many characters. */
function writeHead(
  writer: ByteWriter,
  idLength: number,
  stream: number,
  metric: string | null,
  time: number,
  at: number,
  keepUntil: number,
  more: number,
): void {
  const kept = keptOf(keepUntil, time, at);
  const known = (lastLength[stream] as number) < 0 ? before.length : (lastLength[stream] as number);
  const sameKept = kept === lastKept[stream];
  writer.reserve(FIXED_BYTES);
  const { bytes } = writer;
  let { length } = writer;
  bytes[length++] =
    stream |
    (sameKept ? SAME_KEPT : 0) |
    (more === 0 ? 0 : MORE) |
    (idLength === known ? SAME_LENGTH : 0) |
    (metric === lastMetric[stream] ? SAME_METRIC : 0);
  if (more !== 0) bytes[length++] = more;
  if (!sameKept) length = putWhole(bytes, length, kept);
  writer.length = length;
  if (!sameKept && kept === KEPT_UNTIL) writer.double(keepUntil);
  lastKept[stream] = kept === KEPT_UNTIL ? NaN : kept;
}

/** The event becomes the one before. */
function remember(idLength: number, stream: number, metric: string | null): void {
  lastMetric[stream] = metric;
  lastStart[stream] = before.start = before.used;
  lastLength[stream] = before.length = idLength;
  before.used += idLength;
}

function writeNumbers(
  writer: ByteWriter,
  at: number,
  time: number,
  offset: number,
  partition: number | null,
): void {
  writer.reserve(FIXED_BYTES);
  const { bytes } = writer;
  let { length } = writer;
  const passed = at - before.at;
  const delay = at - time;
  const further = offset - before.offset;
  length = putWhole(bytes, length, passed < 0 ? -passed : passed);
  length = putWhole(bytes, length, delay < 0 ? -delay : delay);
  length = putWhole(bytes, length, further < 0 ? -2 * further - 1 : 2 * further);
  if (partition !== null) length = putWhole(bytes, length, partition + 1);
  writer.length = length;
  before.at = at;
  before.offset = offset;
}

/** Writes an id that lies in full behind the others, as far as it differs from the one before. */
function writeId(writer: ByteWriter, length: number, stream: number): void {
  const isFirst = (lastLength[stream] as number) < 0;
  const base = isFirst ? before.start : (lastStart[stream] as number);
  const known = isFirst ? before.length : (lastLength[stream] as number);
  const to = before.used;
  writer.reserve(length + FIXED_BYTES);
  const text = ids;
  const { bytes } = writer;
  const most = length < known ? length : known;
  let shared = 0;
  while (shared < most && text[base + shared] === text[to + shared]) shared++;
  let place = putWhole(bytes, writer.length, shared);
  if (length !== known) place = putWhole(bytes, place, length - shared);
  for (let index = shared; index < length; index++) bytes[place++] = text[to + index] as number;
  writer.length = place;
}

function keptOf(keepUntil: number, time: number, at: number): number {
  if (keepUntil - time === READING_KEPT_MS) return KEPT_AS_READING;
  if (keepUntil === Infinity) return KEPT_FOR_EVER;
  const ms = keepUntil - at;
  const days = ms / DAY_MS;
  if (ms >= 0 && Number.isInteger(days)) return KEPT_DAYS + 2 * days;
  return ms >= 0 && Number.isInteger(ms) && ms < KEPT_MS_MAX ? KEPT_MS + 2 * ms : KEPT_UNTIL;
}

/** Of each event, what is read of it before its id is at hand; of more than rows of a ledger, piece by piece. */
const mores = new Uint8Array(ROWS_MAX);
const streams = new Uint8Array(ROWS_MAX);
const ends = new Int32Array(ROWS_MAX);
const times = new Float64Array(ROWS_MAX);
const ats = new Float64Array(ROWS_MAX);
const offsets = new Float64Array(ROWS_MAX);
const keptUntil = new Float64Array(ROWS_MAX);
const partitions = new Float64Array(ROWS_MAX);
const metrics: (string | null)[] = new Array<string | null>(ROWS_MAX).fill(null);
const plainIds: string[] = new Array<string>(PIECE).fill('');

/** What `readColumns` read, by event; the ids lie one behind the other. */
export const columns = {
  mores,
  streams,
  ends,
  times,
  ats,
  offsets,
  keptUntil,
  metrics,
  get ids(): Uint8Array {
    return ids;
  },
};

/** Reads references, as many as a ledger has rows at the most and none of them plain, without objects. */
export function readColumns(reader: ByteReader, count: number): void {
  before.at = before.offset = before.used = 0;
  for (let index = 0; index < count; index++) {
    if (index % PIECE === 0) restart(before.used);
    readReference(reader, index, false);
  }
}

/** Reads `count` references. */
export function readReferences(reader: ByteReader, count: number, plain: boolean): EventReference[] {
  const references: EventReference[] = [];
  before.at = before.offset = 0;
  for (let left = count; left > 0; left -= PIECE) {
    const piece = left < PIECE ? left : PIECE;
    restart();
    for (let index = 0; index < piece; index++) readReference(reader, index, plain);
    const text = plain ? '' : textOfAscii(ids, before.used);
    let start = 0;
    for (let index = 0; index < piece; index++) {
      const end = ends[index] as number;
      references.push(referenceAt(index, plain ? (plainIds[index] as string) : text.substring(start, end)));
      start = end;
    }
  }
  return references;
}

function referenceAt(index: number, id: string): EventReference {
  const more = mores[index] as number;
  const [stream, time, at] = [streams[index] as number, times[index] as number, ats[index] as number];
  const [offset, keepUntil] = [offsets[index] as number, keptUntil[index] as number];
  const reference =
    (more & FORWARDED) === 0
      ? new EventReference(id, stream, time, at, offset, keepUntil, metrics[index], (more & REVOCATION) !== 0)
      : new ForwardedReference(id, stream, time, at, offset, keepUntil, partitions[index] as number);
  if ((more & REVOKED) !== 0) reference.revoked = true;
  if ((more & BACKFILLED) !== 0) reference.backfilled = true;
  return reference;
}

function readReference(reader: ByteReader, index: number, plain: boolean): void {
  const head = reader.byte();
  const stream = head & (STREAMS_MAX - 1);
  const more = (head & MORE) === 0 ? 0 : reader.byte();
  streams[index] = stream;
  mores[index] = more;
  const kept = (head & SAME_KEPT) === 0 ? reader.whole() : (lastKept[stream] as number);
  lastKept[stream] = kept;
  if (kept === KEPT_UNTIL) keptUntil[index] = reader.double();
  const length = plain
    ? (plainIds[index] = reader.string()).length
    : readId(reader, stream, (head & SAME_LENGTH) !== 0);
  if ((head & SAME_METRIC) === 0) lastMetric[stream] = reader.string() || null;
  metrics[index] = lastMetric[stream] as string | null;
  const passed = reader.whole();
  const delay = reader.whole();
  const at = (more & BACKWARDS) === 0 ? before.at + passed : before.at - passed;
  const time = (more & EARLY) === 0 ? at - delay : at + delay;
  before.at = ats[index] = at;
  times[index] = time;
  before.offset = offsets[index] = before.offset + reader.signed();
  if ((more & FORWARDED) !== 0) partitions[index] = reader.whole() - 1;
  if (kept === KEPT_AS_READING) keptUntil[index] = time + READING_KEPT_MS;
  else if (kept === KEPT_FOR_EVER) keptUntil[index] = Infinity;
  else if (kept >= KEPT_DAYS) {
    const isDays = kept % 2 === KEPT_DAYS % 2;
    keptUntil[index] = at + (isDays ? ((kept - KEPT_DAYS) / 2) * DAY_MS : (kept - KEPT_MS) / 2);
  }
  lastStart[stream] = before.start = before.used;
  lastLength[stream] = before.length = length;
  ends[index] = before.used += length;
}

/** Puts an id in full behind the others. @returns its length */
function readId(reader: ByteReader, stream: number, sameLength: boolean): number {
  const isFirst = (lastLength[stream] as number) < 0;
  const base = isFirst ? before.start : (lastStart[stream] as number);
  const known = isFirst ? before.length : (lastLength[stream] as number);
  const shared = reader.whole();
  const rest = sameLength ? known - shared : reader.whole();
  const start = reader.offset;
  if (start + rest > reader.end || rest < 0 || shared > known) {
    throw new CodedError('STATE_CORRUPT', 'An id ends too late.');
  }
  const to = before.used;
  if (to + shared + rest > ids.length) room(to + shared + rest);
  const text = ids;
  const { bytes } = reader;
  for (let index = 0; index < shared; index++) text[to + index] = text[base + index] as number;
  for (let index = 0; index < rest; index++) text[to + shared + index] = bytes[start + index] as number;
  reader.offset = start + rest;
  return shared + rest;
}
