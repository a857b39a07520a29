// Reads a key's record into a ledger, without an object for any of its events, where a ledger can hold what it tells.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { ByteReader } from '../byte-reader.js';
import { stepsOf } from '../indicators/sequence-match.js';
import { markOfBytes, markOfReading } from '../known-events.js';
import { Ledger } from '../ledger.js';
import type { LedgerMemory } from '../ledger-memory.js';
import { putRow, ROW, Rows, ROWS_MAX } from '../ledger-row.js';
import { LedgerText } from '../ledger-text.js';
import type { ScopePlan, WindowPlan } from '../plan.js';
import { isFactual, keptFor, type EventReference } from '../reference.js';
import { WindowSet } from '../window-set.js';
import { columns, readColumns } from './references.js';

const { words: WORDS, reading: READING, starts: STARTS } = ROW;

/** Reused for every key. */
const rows = new Rows();
const text = new LedgerText();
/** By row, the windows that it joined, and whether it can begin a match of a sequence. */
const members = new Int32Array(ROWS_MAX);
const starts = new Uint8Array(ROWS_MAX);
/** Bits of windows in `members`. */
const PLACES = 32;
/** By row and place of the window, the value with which it joined; only those of `members` mean anything. */
const values: Value[] = new Array<Value>(ROWS_MAX * PLACES).fill(null);

/** Reads the events of a record. @returns how many; -1 where rows cannot hold them, and it must be read otherwise */
export function readRowEvents(reader: ByteReader, plan: ScopePlan): number {
  const coded = reader.whole();
  const count = Math.floor(coded / 4);
  // All of them known, and no id a string.
  if (coded % 4 !== 1 || count > ROWS_MAX) return -1;
  readColumns(reader, count);
  for (let row = 0; row < count; row++) {
    if (columns.mores[row] !== 0 || plan.fitsLedger[columns.streams[row] as number] !== true) return -1;
    members[row] = starts[row] = 0;
  }
  return count;
}

/** Reads the entries of a window. @returns false where rows cannot hold them */
export function readRowEntries(reader: ByteReader, window: WindowPlan, count: number): boolean {
  const coded = reader.whole();
  if (!window.isPlain || coded % 4 >= 2) return false;
  const hasValues = coded % 4 === 1;
  let row = 0;
  for (let left = Math.floor(coded / 4); left > 0; left--) {
    row += reader.signed();
    const value = hasValues ? reader.value() : true;
    const isThere = row >= 0 && row < count;
    const bit = isThere ? (window.ledgerBits[columns.streams[row] as number] as number) : 0;
    if (bit === 0 || value instanceof ExpressionError || (value !== true && !window.keepsValues))
      return false;
    (members[row] as number) |= bit;
    if (window.keepsValues) values[row * PLACES + 31 - Math.clz32(bit)] = value;
    if (window.indicator.sequence !== null && (stepsOf(value) & 1) !== 0) starts[row] = 1;
    row++;
  }
  return true;
}

/** Puts what was read into a ledger. @returns null where there is no room for it */
export function ledgerOfRows(
  memory: LedgerMemory,
  plan: ScopePlan,
  count: number,
  kept: readonly WindowPlan[],
): Ledger | null {
  rows.begin();
  let start = 0;
  for (let row = 0; row < count; row++) {
    const end = columns.ends[row] as number;
    if (!putEvent(plan, row, start, end)) return null;
    start = end;
  }
  const ledger = new Ledger(memory, plan);
  let set = WindowSet.of(plan);
  for (const window of kept) set = set.with(window);
  return ledger.load(rows, set) ? ledger : null;
}

function putEvent(plan: ScopePlan, row: number, start: number, end: number): boolean {
  const { ids, streams, times, ats, offsets, keptUntil, metrics } = columns;
  const stream = streams[row] as number;
  const [time, at] = [times[row] as number, ats[row] as number];
  const metric = metrics[row] as string | null;
  const mark = metric === null ? markOfBytes(ids, start, end) : markOfReading(time);
  const kept = keptFor(time, at, keptUntil[row] as number).number;
  if (kept < 0) return false;
  const flags = (metric === null ? 0 : READING) | (starts[row] === 1 ? STARTS : 0);
  const joined = members[row] as number;
  const offset = offsets[row] as number;
  putRow(rows.words, row * WORDS, mark, time, at, offset, stream, flags, joined, kept);
  text.beginAscii(ids, start, end, metric);
  const readers = plan.readersOf[stream] as readonly WindowPlan[];
  for (let place = 0; joined >>> place !== 0; place++) {
    if ((joined & (1 << place)) === 0 || readers[place]?.keepsValues !== true) continue;
    text.writeValue(values[row * PLACES + place] as Value);
  }
  return rows.take(text);
}

/** The events of a ledger as objects, where sections of the record name some; by place. */
export function referencesOf(ledger: Ledger, factualAlone: boolean): EventReference[] {
  const references: EventReference[] = new Array<EventReference>(ledger.size);
  for (let row = 0; row < ledger.size; row++) {
    if (!factualAlone || isFactual(ledger.stream(row))) references[row] = ledger.whole(row);
  }
  return references;
}

/** The arrival of the last event; 0 where there is none. */
export function baseOfRows(ledger: Ledger | null): number {
  return ledger === null || ledger.size === 0 ? 0 : ledger.at(ledger.size - 1);
}
