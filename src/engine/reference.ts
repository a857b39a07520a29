// One known event of a key: what remains of it once its values went into the windows.
import { STREAMS, type Event, type StreamName } from '../events/event.js';
import { IDS_KEPT_MS, READING_IDS_KEPT_MS } from './limits.js';

/** What the engine remembers of an event; windows share it. */
export class EventReference {
  /** Taken back by a revocation, an amendment or a tombstone. */
  revoked = false;

  constructor(
    readonly id: string,
    /** What makes a second arrival a duplicate: the id, for readings metric and time. */
    readonly identity: string,
    readonly stream: number,
    readonly time: number,
    readonly at: number,
    readonly offset: number,
    /** It takes back another event, and counts nowhere itself. */
    readonly revocation: boolean,
    /** Until this clock it is recognised; not later, whether still stored or not. */
    readonly keepUntil: number,
  ) {}
}

export function streamIndex(stream: StreamName): number {
  return STREAMS.indexOf(stream);
}

/** What a second arrival of the same event has in common with the first. */
export function identityOf(event: Event): string {
  if (event.stream !== 'sensor-reading' || typeof event.data['metric'] !== 'string') return event.id;
  return `${event.data['metric']} ${event.time}`;
}

/**
 * Builds the reference of an event.
 * @param longestMs the longest window that reads the stream at this kind of key
 */
export function referenceTo(event: Event, offset: number, longestMs: number): EventReference {
  // What states facts of the profile counts without a window, so it can be taken back at any time.
  const isFactual = event.stream === 'registration' || event.stream === 'credit-change';
  const fresh = isFactual
    ? Infinity
    : event.stream === 'sensor-reading' && event.backfill !== true
      ? event.time + READING_IDS_KEPT_MS
      : event.at + IDS_KEPT_MS;
  return new EventReference(
    event.id,
    identityOf(event),
    streamIndex(event.stream),
    event.time,
    event.at,
    offset,
    event.revokes !== undefined,
    Math.max(fresh, event.at + longestMs),
  );
}

/** The order of events everywhere: by time, ties by id. */
export function compareReferences(a: EventReference, b: EventReference): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
