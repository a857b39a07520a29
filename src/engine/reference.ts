// One known event of a key: what remains of it once its values went into the windows.
import { SOURCES, type Event, type SourceName } from '../events/event.js';
import { IDS_KEPT_MS, READING_IDS_KEPT_MS } from './limits.js';

/** What the engine remembers of an event; windows share it. */
export class EventReference {
  /** Taken back by a revocation, an amendment or a tombstone. */
  revoked = false;

  constructor(
    readonly id: string,
    /** Index of the stream. */
    readonly stream: number,
    readonly time: number,
    readonly at: number,
    readonly offset: number,
    /** Until this clock it is recognised; not later, whether still stored or not. */
    public keepUntil: number,
    /** Of a reading: with its time it makes a second arrival a duplicate. Null where the id does. */
    readonly metric: string | null = null,
    /** It takes back another event, and counts nowhere itself. */
    readonly revocation = false,
  ) {}

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
  // What states facts of the profile counts without a window, so it can be taken back at any time.
  const fresh = isFactual(stream)
    ? Infinity
    : stream === READING && event.backfill !== true
      ? event.time + READING_IDS_KEPT_MS
      : event.at + IDS_KEPT_MS;
  return new EventReference(
    event.id,
    stream,
    event.time,
    event.at,
    offset,
    Math.max(fresh, event.at + longestMs),
    metric,
    event.revokes !== undefined,
  );
}

/** The order of events everywhere: by time, ties by id. */
export function compareReferences(a: EventReference, b: EventReference): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
