// Arrivals: the events of several sources as one sequence in the order of (arrival, id), however they are split.
import { canonicalJson } from '../events/canonical.js';
import { CODES } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';
import type { Event } from '../events/event.js';
import { arriveAt, EventReader, faultOnArrival } from '../events/reader.js';
import type { Refusal } from '../events/refusal.js';
import { parseDateTime } from '../events/timestamp.js';
import type { ArrivalLines, RowRead } from '../ports/rows.js';
import type { RunStore } from '../ports/run-store.js';
import { EventBuffer, type SortRoom } from './event-buffer.js';
import { FAN_IN, SortedRuns } from './external-sort.js';

/** CloudEvents as rows, one event each. */
export interface EventSource {
  /** For messages. */
  readonly name: string;
  /** Whether `batches` can be called again; standard input can be read once. */
  readonly rereadable: boolean;
  /** Rows from the first to the last, in batches of bounded size. */
  batches(): AsyncIterable<readonly RowRead[]>;
  /** Where there is a faster way to it: when each of the rows arrives, from the first to the last. */
  readonly arrivals?: () => AsyncIterable<ArrivalLines>;
}

/** An event that takes no part. Neither message nor field repeat a value of it. */
export interface RefusedEvent {
  readonly source: string;
  readonly line: number;
  readonly code: Refusal['code'];
  readonly message: string;
  readonly field?: string;
}

export interface ArrivalOptions {
  /** Events that arrive later, epoch ms, are not read. */
  readonly toMs: number;
  readonly room: SortRoom;
  /** Takes what there is no room for; without it that is an error. */
  readonly runs?: RunStore | undefined;
  readonly onRefused: (refused: RefusedEvent) => void;
  /** Hears of each good event as it is read, and whether nothing said when it arrived. */
  readonly onRead?: ((event: Event, isAssumed: boolean) => void) | undefined;
}

const BATCH_EVENTS = 2_000;

/**
 * Merges sources. A source in order of arrival is read as it goes; another one is sorted in memory as far as there is
 * room, and beyond it in runs that are put aside. Refused events are reported once each, in no particular order.
 * @returns batches of stamped events, their personal values still clear
 * @throws CodedError BACKTEST_SORT_LIMIT where what must be sorted exceeds the room
 */
export async function* inOrderOfArrival(
  sources: readonly EventSource[],
  options: ArrivalOptions,
): AsyncGenerator<readonly Event[]> {
  const cursors: Cursor[] = [];
  const merged = new Merged(options.room, options.runs);
  try {
    for (const source of sources) cursors.push(await openCursor(source, options));
    for (;;) {
      let first: Cursor | undefined;
      let others = Infinity;
      for (const cursor of cursors) {
        if (cursor.bound < (first?.bound ?? Infinity)) {
          others = first?.bound ?? Infinity;
          first = cursor;
        } else if (cursor.bound < others) others = cursor.bound;
      }
      if (first === undefined) break;
      if (merged.isSpilled && merged.hasEnded(first)) yield* merged.spilled();
      if (first.head === undefined) await first.fill();
      else merged.takeRun(first, others);
      if (merged.isFull) await merged.putAside();
      if (merged.ready.length >= BATCH_EVENTS) yield merged.ready.splice(0);
    }
    if (merged.isSpilled) yield* merged.spilled();
    merged.completeInstant();
    if (merged.ready.length > 0) yield merged.ready;
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** Gathers the events of one instant from all sources before their order is decided, in runs where they are too many. */
class Merged {
  ready: Event[] = [];
  private instant: Event[] = [];
  private at = -Infinity;
  private aside: SortedRuns | null = null;

  constructor(
    private readonly room: SortRoom,
    private readonly runs: RunStore | undefined,
  ) {}

  /** Whether what is gathered must be put aside before more is taken. */
  get isFull(): boolean {
    return this.instant.length > this.room.limit;
  }

  /** Whether events of the instant were put aside. */
  get isSpilled(): boolean {
    return this.aside !== null;
  }

  /** Whether nothing of the instant is to come any more. @param next what is least of all sources */
  hasEnded(next: Cursor): boolean {
    return next.bound > this.at;
  }

  /** Takes what a cursor holds up to `until`, the least that another source may still give, while there is room. */
  takeRun(cursor: Cursor, until: number): void {
    for (let event = cursor.head; event !== undefined && event.at <= until; event = cursor.head) {
      if (event.at !== this.at) {
        if (this.isSpilled) return;
        this.completeInstant();
      }
      this.at = event.at;
      this.instant.push(event);
      cursor.index++;
      if (this.isFull) return;
    }
  }

  completeInstant(): void {
    if (this.instant.length > 1) this.instant.sort(compareAtOneInstant);
    for (const event of this.instant) this.ready.push(event);
    this.instant.length = 0;
  }

  /** @throws CodedError BACKTEST_SORT_LIMIT where there is no place for it */
  async putAside(): Promise<void> {
    if (this.runs === undefined) {
      const detail = `More than ${this.room.limit} events arrive at one instant; ${RAISE}`;
      throw new CodedError('BACKTEST_SORT_LIMIT', detail);
    }
    this.aside ??= new SortedRuns(this.runs, FAN_IN, compareAtOneInstant);
    await this.aside.add(batchesOf(this.instant.sort(compareAtOneInstant)));
    this.instant = [];
  }

  /** What came before the instant, and all of it, in order. */
  async *spilled(): AsyncGenerator<readonly Event[]> {
    const { aside } = this;
    if (this.ready.length > 0) yield this.ready.splice(0);
    if (this.instant.length > 0) await this.putAside();
    this.aside = null;
    if (aside !== null) yield* aside.merged();
  }
}

async function* batchesOf(events: readonly Event[]): AsyncGenerator<readonly Event[]> {
  for (let from = 0; from < events.length; from += BATCH_EVENTS) {
    yield events.slice(from, from + BATCH_EVENTS);
  }
}

/** Events that share an id as well differ in content, or not at all. */
function compareAtOneInstant(a: Event, b: Event): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  const [left, right] = [canonicalJson(a), canonicalJson(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const RAISE = 'sort the input by recordedtime, else time, or raise --sort-limit.';

/** Where the reading of one source stands. */
class Cursor {
  index = 0;
  private events: readonly Event[] = [];
  private iterator: AsyncGenerator<readonly Event[]> | undefined;
  private least: number;

  /** @param least nothing in the source arrives before; so it is opened only when its turn comes */
  constructor(
    private readonly open: () => AsyncGenerator<readonly Event[]>,
    least: number,
  ) {
    this.least = least;
  }

  get head(): Event | undefined {
    return this.events[this.index];
  }

  /** Nothing that is still to come arrives before; Infinity at the end. */
  get bound(): number {
    return this.head?.at ?? this.least;
  }

  async fill(): Promise<void> {
    this.iterator ??= this.open();
    this.least = this.events[this.events.length - 1]?.at ?? this.least;
    const next = await this.iterator.next();
    this.index = 0;
    this.events = next.done === true ? [] : next.value;
    if (next.done === true) this.least = Infinity;
  }

  async close(): Promise<void> {
    await this.iterator?.return(undefined);
  }
}

async function openCursor(source: EventSource, options: ArrivalOptions): Promise<Cursor> {
  if (!source.rereadable) {
    const read = options.runs === undefined ? readOnce : readSorted;
    return new Cursor(() => read(source, options), -Infinity);
  }
  const { ordered, least } = await survey(source);
  return new Cursor(() => (ordered ? readOrdered(source, options) : readSorted(source, options)), least);
}

/** Reads a source to see whether it is in order, and where it begins. */
async function survey(source: EventSource): Promise<{ readonly ordered: boolean; readonly least: number }> {
  let ordered = true;
  let least = Infinity;
  let last = -Infinity;
  let isEmpty = true;
  for await (const lines of arrivalsOf(source)) {
    const { arrivals } = lines;
    isEmpty &&= arrivals.length === 0;
    for (let index = 0; index < arrivals.length; index++) {
      const at = arrivals[index] ?? arrivalOf(lines.row(index));
      if (Number.isNaN(at)) continue;
      // Whether an event is good matters only where it breaks the order.
      if (ordered && at < last && eventOf(new EventReader(), lines.row(index)).ok) ordered = false;
      if (at < least) least = at;
      if (at > last) last = at;
    }
  }
  // What never says when it arrives is read all the same, to be refused.
  return { ordered, least: least === Infinity && !isEmpty ? -Infinity : least };
}

async function* arrivalsOf(source: EventSource): AsyncGenerator<ArrivalLines> {
  if (source.arrivals !== undefined) {
    yield* source.arrivals();
    return;
  }
  for await (const rows of source.batches()) {
    yield { arrivals: rows.map(arrivalOf), row: (index) => rows[index] as RowRead };
  }
}

async function* readOrdered(source: EventSource, options: ArrivalOptions): AsyncGenerator<readonly Event[]> {
  let last = -Infinity;
  for await (const events of goodEvents(source, options)) {
    last = checkOrder(source, events, last);
    const late = events.findIndex((event) => event.at > options.toMs);
    yield late === -1 ? events : events.slice(0, late);
    if (late !== -1) return;
  }
}

async function* readSorted(source: EventSource, options: ArrivalOptions): AsyncGenerator<readonly Event[]> {
  const { room, runs: store, toMs } = options;
  const buffer = new EventBuffer(room);
  const runs = store === undefined ? undefined : new SortedRuns(store);
  for await (const events of goodEvents(source, options)) {
    for (const event of events) {
      if (event.at > toMs || buffer.add(event)) continue;
      if (runs === undefined) throw outOfOrder(source, room.limit);
      await runs.add(buffer.drain());
      if (!buffer.add(event)) throw outOfOrder(source, room.limit);
    }
  }
  // Half of the room stays free for the sources that are still to be read.
  const isCrowded = room.held * 2 > room.limit;
  if (runs !== undefined && (!runs.isEmpty || isCrowded)) {
    await runs.add(buffer.drain());
    yield* runs.merged();
  } else yield* buffer.drain();
}

/** Buffers as much as there is room for, since disorder may show at any time; what is in order may be longer. */
async function* readOnce(source: EventSource, options: ArrivalOptions): AsyncGenerator<readonly Event[]> {
  const { toMs, room } = options;
  const buffer = new EventBuffer(room);
  let isOrdered = true;
  let last = -Infinity;
  let streaming = false;
  for await (const events of goodEvents(source, options)) {
    const wanted = events.filter((event) => event.at <= toMs);
    let kept = 0;
    if (!streaming) {
      for (; kept < wanted.length; kept++) {
        const event = wanted[kept] as Event;
        if (!buffer.add(event)) break;
        isOrdered &&= event.at >= last;
        last = Math.max(last, event.at);
      }
      if (kept === wanted.length) continue;
      if (!isOrdered) throw outOfOrder(source, room.limit);
      streaming = true;
      yield* buffer.drain();
    }
    const rest = wanted.slice(kept);
    last = checkOrder(source, rest, last, room.limit);
    yield rest;
  }
  yield* buffer.drain();
}

async function* goodEvents(source: EventSource, options: ArrivalOptions): AsyncGenerator<Event[]> {
  const reader = new EventReader();
  for await (const rows of source.batches()) {
    const events: Event[] = [];
    for (const row of rows) {
      const read = eventOf(reader, row);
      if (read.ok) {
        events.push(read.event);
        options.onRead?.(read.event, read.isAssumed);
      } else {
        const { code, message, field } = read;
        const place = { source: source.name, line: row.line };
        options.onRefused({ ...place, code, message, ...(field === undefined ? {} : { field }) });
      }
    }
    yield events;
  }
}

function checkOrder(source: EventSource, events: readonly Event[], last: number, limit?: number): number {
  for (const { at } of events) {
    if (at < last) throw outOfOrder(source, limit);
    last = at;
  }
  return last;
}

function outOfOrder(source: EventSource, limit?: number): CodedError {
  const detail =
    limit === undefined
      ? `${source.name} changed while it was read.`
      : `${source.name} is out of order, and more than ${limit} events would have to be held; ${RAISE}`;
  return new CodedError('BACKTEST_SORT_LIMIT', detail);
}

/** When a row arrived, without looking at the rest of it; NaN where it does not say. */
function arrivalOf(read: RowRead): number {
  if (!read.ok) return NaN;
  const text = read.row['recordedtime'] ?? read.row['time'];
  return typeof text === 'string' ? (parseDateTime(text) ?? NaN) : NaN;
}

interface Arrived {
  readonly ok: true;
  readonly event: Event;
  /** Nothing said when it arrived: it is taken to have been known as it happened. */
  readonly isAssumed: boolean;
}

function eventOf(reader: EventReader, row: RowRead): Arrived | Refusal {
  if (!row.ok) return { ok: false, code: row.code, message: row.message };
  const read = reader.read(row.row);
  if (!read.ok) return read;
  const { event, recordedAt } = read;
  const isAssumed = Number.isNaN(recordedAt);
  const at = isAssumed ? event.time : recordedAt;
  if (!Number.isNaN(at)) {
    const fault = faultOnArrival(event, at);
    if (fault !== undefined) return fault;
    arriveAt(event, at);
    return { ok: true, event, isAssumed };
  }
  return {
    ok: false,
    code: 'BACKTEST_NO_ARRIVAL',
    message: CODES.BACKTEST_NO_ARRIVAL,
    field: 'recordedtime',
  };
}
