// The events of a key that has few: rows in one block of memory, from which windows are made when somebody asks.
//
// A block holds rows (ledger-row.ts) from its start on, and texts from its end backwards.
//
// A text is the beginning of the id as a number of `Names`, the rest of the id, for a reading its metric as a number of
// `Names`, and the value with which it joined each window that keeps values, in their order.
import type { Event } from '../events/event.js';
import type { Value } from '../model/expression/expression.js';
import type { LedgerMemory } from './ledger-memory.js';
import { LedgerText, METRICS } from './ledger-text.js';
import { putRow, ROW, ROWS_MAX, type Rows } from './ledger-row.js';
import type { ScopePlan, WindowPlan } from './plan.js';
import { EventReference, keptFor, keptOf } from './reference.js';
import { RowReference } from './row-reference.js';
import { WindowSet } from './window-set.js';

const { words: WORDS, bytes: ROW_BYTES, minuteMs: MINUTE_MS } = ROW;
const { reading: READING, starts: STARTS, flagShift: FLAG_SHIFT } = ROW;
const { streamShift: STREAM_SHIFT, highMask: HIGH_MASK } = ROW;

/** Reused for every row. */
const text = new LedgerText();

/** How an event joined the windows that read its stream; reused for every event. */
export class Entries {
  /** A bit for each window, by its place among the readers of the stream. */
  members = 0;
  /** By place; only those of `members` mean anything. */
  readonly values: Value[] = [];
  /** It can begin a match of a sequence. */
  starts = false;
}

export class Ledger {
  private block = -1;
  private sizeClass = -1;
  /** Rows in the block. */
  size = 0;
  /** How often it changed. */
  changes = 0;
  /** Where the texts begin, counted from the start of the block, bytes. */
  private textsAt = 0;
  /** Windows that something of it joined. */
  kept: WindowSet;

  constructor(
    private readonly memory: LedgerMemory,
    readonly plan: ScopePlan,
  ) {
    this.kept = WindowSet.of(plan);
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    if (this.block >= 0) this.memory.giveBack(this.block, this.sizeClass);
    this.block = -1;
    this.size = 0;
  }

  /** Of the block that it has taken. */
  get bytes(): number {
    return this.sizeClass < 0 ? 0 : this.memory.sizeOf(this.sizeClass);
  }

  /** The row of the event with an id; -1 where it is not known at this clock. */
  findId(id: string, mark: number, clock: number): number {
    if (this.size === 0) return -1;
    const { words } = this.memory.page(this.block);
    const start = this.memory.offset(this.block) >> 2;
    for (let row = 0, at = start; row < this.size; row++, at += WORDS) {
      if (words[at] !== mark || (((words[at + 5] as number) >>> FLAG_SHIFT) & READING) !== 0) continue;
      if (this.keepUntil(row) > clock && this.id(row) === id) return row;
    }
    return -1;
  }

  /** The row of the reading of a metric at a time; -1 where it is not known at this clock. */
  findReading(metric: string, time: number, clock: number): number {
    if (this.size === 0) return -1;
    const { words } = this.memory.page(this.block);
    const start = this.memory.offset(this.block) >> 2;
    const mark = time | 0;
    for (let row = 0, at = start; row < this.size; row++, at += WORDS) {
      if (words[at] !== mark || (((words[at + 5] as number) >>> FLAG_SHIFT) & READING) === 0) continue;
      if (this.keepUntil(row) > clock && this.time(row) === time && this.metric(row) === metric) return row;
    }
    return -1;
  }

  /**
   * Adds an event that is not known.
   * @param metric of a reading; null for every other event
   * @returns false where the ledger has no room for it
   */
  add(
    event: Event,
    stream: number,
    mark: number,
    metric: string | null,
    offset: number,
    keepUntil: number,
    entries: Entries,
    clock: number,
  ): boolean {
    text.begin(event, metric);
    this.writeValues(stream, entries);
    const { time, at } = event;
    const kept = keptFor(time, at, keepUntil).number;
    if (kept < 0 || text.tooLong || !this.makeRoom(ROW_BYTES + text.length, clock)) return false;
    const { memory, block } = this;
    const { words, bytes } = memory.page(block);
    const start = memory.offset(block);
    this.textsAt -= text.length;
    text.copyTo(bytes, start + this.textsAt);
    const flags = (metric === null ? 0 : READING) | (entries.starts ? STARTS : 0);
    const word = (start >> 2) + this.size * WORDS;
    putRow(words, word, mark, time, at, offset, stream, flags, entries.members, kept);
    words[word + 8] = (this.textsAt << 16) | text.length;
    this.size++;
    this.changes++;
    return true;
  }

  /** Takes in rows that were put together elsewhere; it has none yet. @returns false where no block holds them */
  load(rows: Rows, kept: WindowSet): boolean {
    this.kept = kept;
    if (rows.size === 0) return true;
    const { memory } = this;
    const sizeClass = memory.classFor(rows.size * ROW_BYTES + rows.length);
    if (sizeClass < 0) return false;
    const block = memory.take(sizeClass);
    const { words, bytes } = memory.page(block);
    const start = memory.offset(block);
    const textsAt = memory.sizeOf(sizeClass) - rows.length;
    for (let index = 0; index < rows.length; index++) {
      bytes[start + textsAt + index] = rows.texts[index] as number;
    }
    const word = start >> 2;
    for (let index = 0; index < rows.size * WORDS; index++) {
      const moved = index % WORDS === WORDS - 1 ? textsAt << 16 : 0;
      words[word + index] = (rows.words[index] as number) + moved;
    }
    this.block = block;
    this.sizeClass = sizeClass;
    this.size = rows.size;
    this.textsAt = textsAt;
    this.changes++;
    return true;
  }

  /** Whether all events happened before an instant. */
  comesBefore(instant: number): boolean {
    for (let row = this.firstRow(instant - 1); row < this.size; row++)
      if (this.time(row) >= instant) return false;
    return true;
  }

  /** The first row that arrived after an instant: rows lie in the order of arrival. */
  firstRow(after: number): number {
    let row = this.size;
    while (row > 0 && this.at(row - 1) > after) row--;
    return row;
  }

  /** How many entries a window has at a clock, and whether one of them can begin a match of a sequence. */
  count(window: WindowPlan, clock: number): number {
    const { size } = this;
    if (size === 0) return 0;
    const { words } = this.memory.page(this.block);
    const { ledgerBits, indicator } = window;
    const edge = clock - indicator.keptMs;
    const byArrival = indicator.basis === 'arrival';
    let count = 0;
    let starts = 0;
    const start = this.memory.offset(this.block) >> 2;
    for (let row = size - 1, at = start + row * WORDS; row >= 0; row--, at -= WORDS) {
      const beyond = words[at + 2] as number;
      const arrival = (words[at + 3] as number) * MINUTE_MS + (beyond & 0xffff);
      // Rows lie in the order of arrival, and nothing happened after it arrived.
      if (arrival <= edge) break;
      const packed = words[at + 5] as number;
      if (((words[at + 6] as number) & (ledgerBits[(packed >>> STREAM_SHIFT) & 31] as number)) === 0)
        continue;
      if (!byArrival && (words[at + 1] as number) * MINUTE_MS + (beyond >>> 16) <= edge) continue;
      count++;
      starts |= packed;
    }
    this.anyStarts = ((starts >>> FLAG_SHIFT) & STARTS) !== 0;
    return count;
  }

  /** The largest number with which an entry joined a window; -Infinity where there is none. */
  largest(window: WindowPlan, clock: number): number {
    let largest = -Infinity;
    for (let row = this.firstRow(clock - window.indicator.keptMs); row < this.size; row++) {
      if (this.isEntry(row, window, clock)) largest = Math.max(largest, this.value(row, window) as number);
    }
    return largest;
  }

  /** What the sum over any of the entries of a window is at most. */
  largestSum(window: WindowPlan, clock: number): number {
    let sum = 0;
    for (let row = this.firstRow(clock - window.indicator.keptMs); row < this.size; row++) {
      if (this.isEntry(row, window, clock)) sum += Math.max(0, this.value(row, window) as number);
    }
    // More than what rounding can have taken from it.
    return sum * (1 + 1e-12);
  }

  /** Of the last `count`. */
  anyStarts = false;

  /** Whether a row joined a window. */
  joined(row: number, window: WindowPlan): boolean {
    return (this.word(row, 6) & (window.ledgerBits[this.stream(row)] as number)) !== 0;
  }

  /** Whether a row joined a window and has not left it at a clock. */
  isEntry(row: number, window: WindowPlan, clock: number): boolean {
    return this.joined(row, window) && this.placement(row, window) > clock - window.indicator.keptMs;
  }

  /** Where a row lies in a window, epoch ms. */
  placement(row: number, { indicator }: WindowPlan): number {
    return indicator.basis === 'arrival' ? this.at(row) : this.time(row);
  }

  /** The value with which a row joined a window; it did join it. */
  value(row: number, window: WindowPlan): Value {
    const stream = this.stream(row);
    const bit = window.ledgerBits[stream] as number;
    if (!window.keepsValues) return true;
    this.readText(row);
    text.skipId();
    if (this.isReading(row)) text.whole();
    const members = this.word(row, 6);
    const readers = this.plan.readersOf[stream] as readonly WindowPlan[];
    for (let place = 0; ; place++) {
      if ((members & (1 << place)) === 0 || readers[place]?.keepsValues !== true) continue;
      const value = text.value();
      if (1 << place === bit) return value;
    }
  }

  /** The event of a row as an object; its id must be asked for before the ledger changes. */
  reference(row: number): EventReference {
    const metric = this.isReading(row) ? this.metric(row) : null;
    return new RowReference(
      this,
      row,
      this.stream(row),
      this.time(row),
      this.at(row),
      this.offset(row),
      this.keepUntil(row),
      metric,
    );
  }

  /** The event of a row as an object that needs the ledger no more. */
  whole(row: number): EventReference {
    const metric = this.isReading(row) ? this.metric(row) : null;
    const [stream, time, at, until] = [this.stream(row), this.time(row), this.at(row), this.keepUntil(row)];
    return new EventReference(this.id(row), stream, time, at, this.offset(row), until, metric);
  }

  id(row: number): string {
    this.readText(row);
    return text.id();
  }

  /** Puts the id of a row into bytes. @returns its length; -1 where it is not ASCII or there is no room for it */
  idTo(row: number, bytes: Uint8Array, start: number): number {
    this.readText(row);
    return text.idTo(bytes, start);
  }

  /** The row of the event at an offset of the log; -1 where there is none. */
  findOffset(offset: number): number {
    for (let row = 0; row < this.size; row++) if (this.offset(row) === offset) return row;
    return -1;
  }

  offset(row: number): number {
    return (this.word(row, 4) >>> 0) + (this.word(row, 5) & HIGH_MASK) * 4_294_967_296;
  }

  private writeValues(stream: number, { members, values }: Entries): void {
    if (members === 0) return;
    const readers = this.plan.readersOf[stream] as readonly WindowPlan[];
    for (let place = 0; members >>> place !== 0; place++) {
      if ((members & (1 << place)) === 0 || readers[place]?.keepsValues !== true) continue;
      text.writeValue(values[place] as Value);
    }
  }

  metric(row: number): string {
    this.readText(row);
    text.skipId();
    return METRICS.nameOf(text.whole());
  }

  isReading(row: number): boolean {
    return ((this.word(row, 5) >>> FLAG_SHIFT) & READING) !== 0;
  }

  stream(row: number): number {
    return (this.word(row, 5) >>> STREAM_SHIFT) & 31;
  }

  time(row: number): number {
    return this.word(row, 1) * MINUTE_MS + (this.word(row, 2) >>> 16);
  }

  at(row: number): number {
    return this.word(row, 3) * MINUTE_MS + (this.word(row, 2) & 0xffff);
  }

  keepUntil(row: number): number {
    const { ms, fromTime } = keptOf(this.word(row, 7));
    return (fromTime ? this.time(row) : this.at(row)) + ms;
  }

  private word(row: number, index: number): number {
    const { memory, block } = this;
    return memory.page(block).words[(memory.offset(block) >> 2) + row * WORDS + index] as number;
  }

  private readText(row: number): void {
    const { memory, block } = this;
    text.read(memory.page(block).bytes, memory.offset(block) + (this.word(row, 8) >>> 16));
  }

  /** Sees to it that so many bytes are free between rows and texts. */
  private makeRoom(bytes: number, clock: number): boolean {
    const hasRow = this.size < ROWS_MAX;
    if (this.block >= 0 && hasRow && this.size * ROW_BYTES + bytes <= this.textsAt) return true;
    // How much of what is there is still known: rows, and the bytes of their texts.
    let rows = 0;
    let needed = bytes;
    for (let row = 0; row < this.size; row++) {
      if (this.keepUntil(row) <= clock) continue;
      rows++;
      needed += ROW_BYTES + (this.word(row, 8) & 0xffff);
    }
    const sizeClass = rows >= ROWS_MAX ? -1 : this.memory.classFor(needed);
    if (sizeClass < 0) return false;
    this.moveTo(sizeClass, clock);
    return true;
  }

  /** Moves what is still known into a block of its own size. */
  private moveTo(sizeClass: number, clock: number): void {
    const { memory } = this;
    const block = memory.take(sizeClass);
    const { words, bytes } = memory.page(block);
    const start = memory.offset(block);
    let textsAt = memory.sizeOf(sizeClass);
    let kept = 0;
    for (let row = 0; row < this.size; row++) {
      if (this.keepUntil(row) <= clock) continue;
      const from = memory.page(this.block);
      const fromStart = memory.offset(this.block);
      const place = this.word(row, 8);
      const length = place & 0xffff;
      textsAt -= length;
      const textStart = fromStart + (place >>> 16);
      for (let index = 0; index < length; index++) {
        bytes[start + textsAt + index] = from.bytes[textStart + index] as number;
      }
      const word = (start >> 2) + kept * WORDS;
      const fromWord = (fromStart >> 2) + row * WORDS;
      for (let index = 0; index < WORDS - 1; index++)
        words[word + index] = from.words[fromWord + index] as number;
      words[word + 8] = (textsAt << 16) | length;
      kept++;
    }
    if (this.block >= 0) memory.giveBack(this.block, this.sizeClass);
    this.block = block;
    this.sizeClass = sizeClass;
    this.size = kept;
    this.textsAt = textsAt;
  }
}
