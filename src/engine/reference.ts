// One known event of a key: what remains of it once its values went into the windows.
import { SOURCES, type Event, type SourceName } from '../events/event.js';
import { IDS_KEPT_MS, READING_IDS_KEPT_MS } from './limits.js';

/** For how long an event is known: from its own time or from its arrival on. Shared by all events alike. */
export interface Kept {
  readonly ms: number;
  readonly fromTime: boolean;
  /** Its place among those that are shared; -1 for one that is not. */
  readonly number: number;
}

const KEPT_AS_READING: Kept = { ms: READING_IDS_KEPT_MS, fromTime: true, number: 0 };
/** By number. */
const KEPT: Kept[] = [KEPT_AS_READING];
/** By ms from the arrival on; there are as many as windows differ in length. */
const KEPT_FROM_ARRIVAL = new Map<number, Kept>();
const KEPT_SHARED_MAX = 10_000;
let lastKept = KEPT_AS_READING;

/** For how long an event of a time and an arrival is known that is known until a clock, all epoch ms. */
export function keptFor(time: number, at: number, until: number): Kept {
  if (until - time === READING_IDS_KEPT_MS) return KEPT_AS_READING;
  const ms = until - at;
  if (ms === lastKept.ms && !lastKept.fromTime) return lastKept;
  let kept = KEPT_FROM_ARRIVAL.get(ms);
  if (kept === undefined) {
    const isShared = KEPT.length < KEPT_SHARED_MAX;
    kept = { ms, fromTime: false, number: isShared ? KEPT.length : -1 };
    if (isShared) {
      KEPT.push(kept);
      KEPT_FROM_ARRIVAL.set(ms, kept);
    }
  }
  lastKept = kept;
  return kept;
}

export function keptOf(number: number): Kept {
  return KEPT[number] as Kept;
}

const MINUTE_MS = 60_000;
const REVOKED = 1;
const REVOCATION = 2;
const BACKFILLED = 4;
const FLAG_BITS = 3;
const PLACE_SHIFT = 8;
const STREAM_MASK = (1 << (PLACE_SHIFT - FLAG_BITS)) - 1;
/** Places that fit into a small whole number. */
export const PLACES_MAX = 1 << 22;

/**
 * What the engine remembers of an event; windows share it. There is one for each event known, and most of a look at it
 * is the way to it: so it keeps small whole numbers, which lie in the object itself, where larger ones lie elsewhere.
 */
export class EventReference {
  /** Flags, stream, and the place while its key is written. */
  private bits: number;
  /** Of `time` and `at`: whole minutes, and the milliseconds beyond them, 16 bits each. */
  private readonly timeMinute: number;
  private readonly atMinute: number;
  private readonly beyond: number;
  private kept: Kept;

  /**
   * @param stream index of the stream
   * @param time whole epoch ms, as is `at`
   * @param keepUntil until this clock it is recognised; not later, whether still stored or not
   * @param metric of a reading: with its time it makes a second arrival a duplicate; null where the id does
   * @param revocation it takes back another event, and counts nowhere itself
   */
  constructor(
    /** Null where it is told when somebody asks. */
    protected text: string | null,
    stream: number,
    time: number,
    at: number,
    readonly offset: number,
    keepUntil: number,
    readonly metric: string | null = null,
    revocation = false,
  ) {
    this.bits = (stream << FLAG_BITS) | (revocation ? REVOCATION : 0);
    this.timeMinute = Math.floor(time / MINUTE_MS);
    this.atMinute = Math.floor(at / MINUTE_MS);
    this.beyond = ((time - this.timeMinute * MINUTE_MS) << 16) | (at - this.atMinute * MINUTE_MS);
    this.kept = keptFor(time, at, keepUntil);
  }

  /** Of the event: its source, a space, and the id given there. */
  get id(): string {
    return this.text as string;
  }

  get stream(): number {
    return (this.bits >> FLAG_BITS) & STREAM_MASK;
  }

  /** While the state of its key is written: one more than its place among the references; 0 at all other times. */
  get place(): number {
    return this.bits >> PLACE_SHIFT;
  }

  set place(place: number) {
    this.bits = (this.bits & ((1 << PLACE_SHIFT) - 1)) | (place << PLACE_SHIFT);
  }

  get revocation(): boolean {
    return (this.bits & REVOCATION) !== 0;
  }

  /** Taken back by a revocation, an amendment or a tombstone. */
  get revoked(): boolean {
    return (this.bits & REVOKED) !== 0;
  }

  set revoked(revoked: boolean) {
    this.bits = revoked ? this.bits | REVOKED : this.bits & ~REVOKED;
  }

  /** It came as history, so what rises by it alone rises quietly. Known while a window waits for its history. */
  get backfilled(): boolean {
    return (this.bits & BACKFILLED) !== 0;
  }

  set backfilled(backfilled: boolean) {
    this.bits = backfilled ? this.bits | BACKFILLED : this.bits & ~BACKFILLED;
  }

  get time(): number {
    return this.timeMinute * MINUTE_MS + (this.beyond >>> 16);
  }

  get at(): number {
    return this.atMinute * MINUTE_MS + (this.beyond & 0xffff);
  }

  get keepUntil(): number {
    const { kept } = this;
    return (kept.fromTime ? this.time : this.at) + kept.ms;
  }

  set keepUntil(until: number) {
    this.kept = keptFor(this.time, this.at, until);
  }

  /** What a second arrival of the same event has in common with the first. */
  get identity(): string {
    return this.metric === null ? this.id : readingIdentity(this.metric, this.time);
  }
}

/** An event that was forwarded from another key. */
export class ForwardedReference extends EventReference {
  constructor(
    id: string,
    stream: number,
    time: number,
    at: number,
    offset: number,
    keepUntil: number,
    /** Partition of the events log in which it lies; -1 for a warning, which lies in none. */
    readonly partition: number,
  ) {
    super(id, stream, time, at, offset, keepUntil);
  }
}

const INDEX_OF: ReadonlyMap<SourceName, number> = new Map(SOURCES.map((stream, index) => [stream, index]));
const READING = SOURCES.indexOf('sensor-reading');
const FACTUAL: ReadonlySet<number> = new Set([
  SOURCES.indexOf('registration'),
  SOURCES.indexOf('credit-change'),
]);

/** Index of a stream, or of the warnings, by which plans are laid out. */
export function streamIndex(stream: SourceName): number {
  return INDEX_OF.get(stream) as number;
}

/** Whether events of a stream state facts of the profile of their key. */
export function isFactual(stream: number): boolean {
  return FACTUAL.has(stream);
}

export function readingIdentity(metric: string, time: number): string {
  return `${metric} ${time}`;
}

/** The metric of a reading that has one; null for every other event. */
export function metricOf(event: Event, stream: number): string | null {
  if (stream !== READING) return null;
  const metric = event.data['metric'];
  return typeof metric === 'string' ? metric : null;
}

/**
 * Until which clock an event is known, epoch ms.
 * @param longestMs for how long after its arrival a window may hold it
 */
export function keepUntil(event: Event, stream: number, longestMs: number): number {
  // What states facts of the profile counts without a window, so it can be taken back at any time.
  const fresh = isFactual(stream)
    ? Infinity
    : stream === READING && event.backfill !== true
      ? event.time + READING_IDS_KEPT_MS
      : event.at + IDS_KEPT_MS;
  return Math.max(fresh, event.at + longestMs);
}

/**
 * Builds the reference of an event.
 * @param longestMs for how long after its arrival a window may hold it
 */
export function referenceTo(
  event: Event,
  stream: number,
  metric: string | null,
  offset: number,
  longestMs: number,
): EventReference {
  const { id, time, at } = event;
  const until = keepUntil(event, stream, longestMs);
  const isRevocation = event.revokes !== undefined;
  const reference = new EventReference(id, stream, time, at, offset, until, metric, isRevocation);
  if (event.backfill === true) reference.backfilled = true;
  return reference;
}

/** The order of events everywhere: by time, ties by id. */
export function compareReferences(a: EventReference, b: EventReference): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
