// Reads events one after the other: the usual ones by a short way, all others as parseCloudEvent reads them.
import { DATA_LIMITS } from './data-limits.js';
import { arrivalFault, KEY_FAULTS, parseCloudEvent, scopeOf, type ParseContext } from './envelope.js';
import { isEventId, isSource, TYPE_PREFIX } from './envelope-schema.js';
import {
  eventOf,
  STREAMS,
  type EventDraft,
  type JsonObject,
  type Key,
  type KeyScope,
  type StreamName,
} from './event.js';
import type { PlainCheck } from './plain.js';
import type { Refusal } from './refusal.js';
import { Recent } from './recent.js';
import { PLAIN_DATA } from './streams.js';
import { parseDateTime } from './timestamp.js';

/** An event that has not arrived yet: `at` is NaN, and so is `time` where the sender did not say. */
export interface ReadEvent {
  readonly ok: true;
  readonly event: EventDraft;
  /** Arrival as the data records it, epoch ms; NaN where it does not. */
  readonly recordedAt: number;
  /** Whether the event certainly is what comes out of the log again, to the last bit. */
  readonly exact: boolean;
}

export type ReadResult = ReadEvent | Refusal;

/** Sources and keys remembered; twice as many at most. */
const SOURCES_KEPT = 1_000;
const KEYS_KEPT = 32_768;
/** Keys of usual length; longer ones are put together each time. */
const KEY_CHARACTERS = 64;

interface Stream {
  readonly name: StreamName;
  readonly type: string;
  readonly isPlain: PlainCheck;
}

/** Types by their length, which tells most of them apart. */
const STREAMS_BY_LENGTH: Stream[][] = [];
for (const name of STREAMS) {
  const type = TYPE_PREFIX + name;
  (STREAMS_BY_LENGTH[type.length] ??= []).push({ name, type, isPlain: PLAIN_DATA[name] });
}

/**
 * Reads CloudEvents as `parseCloudEvent` does: what it takes, it takes with the same result, and what it refuses is
 * refused by that. It remembers sources and keys that it saw, which changes nothing but its speed: a key that came
 * before is the same text in memory, known to be well-formed, and quick to look up.
 */
export class EventReader {
  private readonly sources = new Recent<string, string>(SOURCES_KEPT);
  private readonly keys: { readonly [scope in KeyScope]: Recent<string, Key> } = {
    subject: new Recent(KEYS_KEPT),
    device: new Recent(KEYS_KEPT),
    place: new Recent(KEYS_KEPT),
  };
  private lastSource = '';

  constructor(private readonly context: ParseContext = {}) {}

  /**
   * @param input the value as JSON.parse gave it
   * @param wellFormed whether every text in it is known to hold whole surrogate pairs only
   */
  read(input: unknown, wellFormed = false): ReadResult {
    return this.readPlain(input, wellFormed) ?? this.readAny(input);
  }

  private readAny(input: unknown): ReadResult {
    const parsed = parseCloudEvent(input, this.context);
    if (!parsed.ok) return parsed;
    const { id, stream, source, key, time, data, revokes, amends, backfill, recordedAt } = parsed.event;
    const event = eventOf(id, stream, source, key, time ?? NaN, NaN, data);
    if (revokes !== undefined) event.revokes = revokes;
    if (amends !== undefined) event.amends = amends;
    if (backfill !== undefined) event.backfill = backfill;
    return { ok: true, event, recordedAt: recordedAt ?? NaN, exact: false };
  }

  /** Takes the attributes as they come; undefined for whatever is not usual, be it right or wrong. */
  private readPlain(input: unknown, wellFormed: boolean): ReadEvent | undefined {
    if (typeof input !== 'object' || input === null) return undefined;
    // One by one: attributes that are not named here are allowed, and ignored.
    const { specversion, id, source, type, subject, time, data, recordedtime, backfill } =
      input as Attributes;
    if (specversion !== '1.0' || isSpecial(input as Attributes)) return undefined;
    if (typeof id !== 'string' || typeof source !== 'string' || typeof type !== 'string') return undefined;
    if (backfill !== undefined && backfill !== true) return undefined;
    if (Object.getPrototypeOf(input) !== Object.prototype) return undefined;
    const stream = streamOf(type);
    if (stream === undefined || !isPlainId(id)) return undefined;
    const occurred = time === undefined ? NaN : instantOf(time);
    const recorded = recordedtime === undefined ? NaN : instantOf(recordedtime);
    const from = this.sourceOf(source);
    if (occurred === undefined || recorded === undefined || from === undefined) return undefined;
    if (this.context.limits !== undefined && this.context.limits !== DATA_LIMITS) return undefined;
    if (!stream.isPlain(data, wellFormed)) return undefined;
    const key = this.keyOf(stream.name, subject, data as JsonObject);
    if (key === undefined) return undefined;
    const event = eventOf(`${from} ${id}`, stream.name, from, key, occurred, NaN, data as JsonObject);
    if (backfill === true) event.backfill = true;
    return { ok: true, event, recordedAt: recorded, exact: true };
  }

  private sourceOf(source: string): string | undefined {
    if (source === this.lastSource) return this.lastSource;
    let known = this.sources.get(source);
    if (known === undefined) {
      if (!isSource(source)) return undefined;
      this.sources.set(source, (known = source));
    }
    return (this.lastSource = known);
  }

  private keyOf(stream: StreamName, subject: unknown, data: JsonObject): Key | undefined {
    if (typeof subject !== 'string' || subject.length > KEY_CHARACTERS) return undefined;
    const scope = scopeOf(stream, data);
    const keys = this.keys[scope];
    let key = keys.get(subject);
    if (key === undefined) {
      if (KEY_FAULTS[scope](subject) !== undefined) return undefined;
      keys.set(subject, (key = `${scope}:${subject}`));
    }
    return key;
  }
}

interface Attributes {
  readonly [name: string]: unknown;
}

/** Whether an event has attributes that few have. */
function isSpecial(input: Attributes): boolean {
  const { datacontenttype, revokes, revokessource, amends, amendssource, data_base64 } = input;
  if (datacontenttype !== undefined && datacontenttype !== 'application/json') return true;
  if (revokes !== undefined || revokessource !== undefined) return true;
  return amends !== undefined || amendssource !== undefined || data_base64 !== undefined;
}

/** Why an event that was read cannot arrive at `at`, epoch ms; undefined where it can. */
export function faultOnArrival(event: EventDraft, at: number): Refusal | undefined {
  return arrivalFault(event, Number.isNaN(event.time) ? at : event.time, at);
}

/** Stamps the arrival, epoch ms, on an event that was read. */
export function arriveAt(event: EventDraft, at: number): void {
  if (!(event.time <= at)) event.time = at;
  event.at = at;
}

function streamOf(type: string): Stream | undefined {
  const streams = STREAMS_BY_LENGTH[type.length];
  if (streams === undefined) return undefined;
  for (let index = 0; index < streams.length; index++) {
    const stream = streams[index] as Stream;
    if (stream.type === type) return stream;
  }
  return undefined;
}

function instantOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDateTime(value) : undefined;
}

/** Most ids are plain ASCII, which needs no pattern. */
function isPlainId(id: string): boolean {
  if (id.length === 0 || id.length > 256) return false;
  for (let index = 0; index < id.length; index++) {
    const unit = id.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return isEventId(id);
  }
  return true;
}
