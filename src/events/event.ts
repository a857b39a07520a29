// What arrives: the event and the other records of the events log, as every later stage sees them.

/** A JSON value, as carried in an event's `data`. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export const STREAMS = [
  'complaint',
  'inspection',
  'penalty',
  'credit-change',
  'sensor-reading',
  'opinion',
  'judgment',
  'registration',
  'rectification',
] as const;
export type StreamName = (typeof STREAMS)[number];

/** What indicators read: the streams, and the warnings of lower strata. */
export const SOURCES = [...STREAMS, 'warning'] as const;
export type SourceName = (typeof SOURCES)[number];

/** The kinds of key; each is a namespace of its own. */
export const KEY_SCOPES = ['subject', 'device', 'place'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** The kinds of key in the strata: those of the log, the wider ones, and the sources whose health is watched. */
export const SCOPES = [...KEY_SCOPES, 'region', 'industry', 'region+industry', 'source'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key: `scope:id`, for example `subject:91110000802100433B`. */
export type Key = string;

/** An event in the log: validated, pseudonymised, keyed and stamped. Instants are epoch milliseconds. */
export interface Event {
  readonly kind: 'event';
  /** `source`, a space, then the given id or `sha256:` and 32 hex digits of the payload. */
  readonly id: string;
  readonly stream: StreamName;
  readonly source: string;
  readonly key: Key;
  /** When it happened or was decided. */
  readonly time: number;
  /** When it arrived; stamped once. */
  readonly at: number;
  readonly data: JsonObject;
  /** Id (in the form of `id`) of the event that this one takes back; such an event counts nowhere itself. */
  readonly revokes?: string;
  /** Id of the event that this one replaces. */
  readonly amends?: string;
  /** History loaded after the fact: it counts, and warns nobody. */
  readonly backfill?: true;
}

/** An event that is still being put together. */
export type EventDraft = { -readonly [Name in keyof Event]: Event[Name] };

/**
 * An event without the fields that few have. All events are made here, so that they are alike to the machine, which
 * reads such objects in the fewest steps; an object spread would cost ten times as much.
 */
export function eventOf(
  id: string,
  stream: StreamName,
  source: string,
  key: Key,
  time: number,
  at: number,
  data: JsonObject,
): EventDraft {
  return { kind: 'event', id, stream, source, key, time, at, data };
}

/** An event as indicators read it: of a stream, or a warning. */
export interface SourceEvent extends Omit<Event, 'stream'> {
  readonly stream: SourceName;
}

/** Time passes: every source has been read up to `at`. */
export interface Tick {
  readonly kind: 'tick';
  readonly at: number;
}

/** Nobody listened from `from` to `at`; absences do not count this span. */
export interface Gap {
  readonly kind: 'gap';
  readonly from: number;
  readonly at: number;
}

/** From here on the revision with this hash is in force. */
export interface RevisionRecord {
  readonly kind: 'revision';
  readonly at: number;
  readonly revision: string;
}

/** What the history says of one key under rules that came into force: its windows, and what went to other keys. */
export interface PrimeRecord {
  readonly kind: 'prime';
  readonly at: number;
  readonly stratum: number;
  readonly key: Key;
  /** The layout of a key's state; it names the change of rules that it belongs to. */
  readonly bytes: Uint8Array;
}

/** From here on all history has been told: a key of which nothing was said has none. */
export interface PrimedRecord {
  readonly kind: 'primed';
  readonly at: number;
  /** Which change of rules it belongs to, counted from 1. */
  readonly epoch: number;
}

export type LogRecord = Event | Tick | Gap | RevisionRecord | PrimeRecord | PrimedRecord;

/** Where a record lies in a log. */
export interface Position {
  readonly partition: number;
  readonly offset: number;
}

/** The scope part of a key. */
export function keyScope(key: Key): Scope {
  return key.slice(0, key.indexOf(':')) as Scope;
}

/** The source of an event by its id, which begins with it; a source holds no space. */
export function sourceOf(eventId: string): string {
  const space = eventId.indexOf(' ');
  return space < 0 ? eventId : eventId.slice(0, space);
}

/** The id part of a key, as officials write it. */
export function keyId(key: Key): string {
  return key.slice(key.indexOf(':') + 1);
}
