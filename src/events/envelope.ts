// From a CloudEvent to an event: validate, key, name it; then stamp its arrival.
import { canonicalJson, digest32 } from './canonical.js';
import { CODES } from './codes.js';
import { DATA_LIMITS, dataFault, type DataLimits } from './data-limits.js';
import { ENVELOPE_SCHEMA, TYPE_PREFIX, type Envelope } from './envelope-schema.js';
import { eventOf, type Event, type JsonObject, type Key, type KeyScope, type StreamName } from './event.js';
import { deviceIdFault, placeIdFault, subjectIdFault, type IdentifierFault } from './identifiers.js';
import { refusalOf, type Refusal } from './refusal.js';
import { REVOCATION_SCHEMAS, STREAM_DECLARATIONS, STREAM_SCHEMAS } from './streams.js';
import { parseDateTime } from './timestamp.js';

export {
  splitBody,
  readBody,
  BROKEN,
  BODY_LIMITS,
  type BodyLimits,
  type BodyPart,
  type BodyText,
  type BodyValues,
} from './body.js';
export type { Refusal } from './refusal.js';

/** An event before its arrival is stamped. Personal values are still clear. */
export interface ParsedEvent extends Omit<Event, 'at' | 'time'> {
  /** When it happened, epoch ms; null where the sender did not say: then the arrival counts. */
  readonly time: number | null;
  /** Arrival as the data records it, epoch ms; only sources declared as recorded may use it. */
  readonly recordedAt?: number;
}

export interface ParseContext {
  readonly limits?: DataLimits;
  /**
   * Keys the hash in the ids of events that come without one. Such a hash covers clear personal values,
   * and without a key a phone number could be guessed from it.
   */
  readonly idKey?: Uint8Array;
}

export type ParseResult = { readonly ok: true; readonly event: ParsedEvent } | Refusal;
export type StampResult = { readonly ok: true; readonly event: Event } | Refusal;

/** How far `time` may lie ahead of the arrival; it then counts as the arrival. */
export const ALLOWED_SKEW_MS = 5 * 60_000;
/** How old a reading may be on arrival unless it is backfill. */
export const READING_AGE_LIMIT_MS = 3_600_000;

/**
 * Reads one CloudEvents 1.0 event in structured JSON (https://github.com/cloudevents/spec/blob/v1.0.2).
 * @param input the value as JSON.parse gave it; nothing about it is trusted.
 * @returns the event with normalised data, or the first fault with the field that has it.
 */
export function parseCloudEvent(input: unknown, context: ParseContext = {}): ParseResult {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse('EVENT_ENVELOPE', 'expected one CloudEvent, a JSON object');
  }
  const parsed = ENVELOPE_SCHEMA.safeParse(input);
  if (!parsed.success) return refusalOf(parsed.error, '', 'EVENT_ENVELOPE');
  return readEnvelope(parsed.data, input, context) ?? refuse('EVENT_ENVELOPE', CODES.EVENT_ENVELOPE, 'time');
}

/** Reads an envelope that its schema takes; undefined where its time, which is read here, is none. */
function readEnvelope(envelope: Envelope, input: object, context: ParseContext): ParseResult | undefined {
  const time = instantOf(envelope.time) ?? null;
  if (time === null && given(envelope.time)) return undefined;
  const conflict = attributeConflict(envelope, input);
  if (conflict !== undefined) return conflict;
  const stream = envelope.type.slice(TYPE_PREFIX.length) as StreamName;
  const data = parseData(stream, envelope, context.limits ?? DATA_LIMITS);
  if (!data.ok) return data;
  const key = keyOf(stream, envelope.subject ?? undefined, data.data);
  if (!key.ok) return key;
  return { ok: true, event: assemble(stream, envelope, key.key, time, data.data, context.idKey) };
}

/**
 * Stamps the arrival on a parsed event.
 * @param at arrival, epoch ms.
 */
export function stamp(parsed: ParsedEvent, at: number): StampResult {
  const { id, stream, source, key, data, revokes, amends, backfill } = parsed;
  const time = parsed.time ?? at;
  const fault = arrivalFault(parsed, time, at);
  if (fault !== undefined) return fault;
  const event = eventOf(id, stream, source, key, Math.min(time, at), at, data);
  if (revokes !== undefined) event.revokes = revokes;
  if (amends !== undefined) event.amends = amends;
  if (backfill !== undefined) event.backfill = backfill;
  return { ok: true, event };
}

/** Why an event that happened at `time` cannot arrive at `at`, both epoch ms; undefined where it can. */
export function arrivalFault(
  { stream, revokes, amends, backfill }: Omit<Event, 'at' | 'time'>,
  time: number,
  at: number,
): Refusal | undefined {
  if (time > at + ALLOWED_SKEW_MS) return refuse('EVENT_FUTURE', CODES.EVENT_FUTURE, 'time');
  if (revokes !== undefined || amends !== undefined) {
    if (!STREAM_DECLARATIONS[stream].revocable) {
      return refuse(
        'EVENT_NOT_REVOCABLE',
        `events of ${stream} cannot be revoked or amended`,
        revokes === undefined ? 'amends' : 'revokes',
      );
    }
  }
  if (stream === 'sensor-reading' && time < at - READING_AGE_LIMIT_MS && backfill !== true) {
    return refuse('EVENT_TOO_OLD', CODES.EVENT_TOO_OLD, 'time');
  }
  return undefined;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function attributeConflict(envelope: Envelope, input: object): Refusal | undefined {
  if ('data_base64' in input && input.data_base64 !== null && input.data_base64 !== undefined) {
    return refuse('EVENT_ENVELOPE', 'binary data is not taken; send JSON in data', 'data_base64');
  }
  const { revokes, amends } = envelope;
  if (given(revokes) && given(amends)) {
    return refuse('EVENT_ENVELOPE', 'an event either revokes or amends; send two events', 'amends');
  }
  if (given(envelope.revokessource) && !given(revokes)) {
    return refuse('EVENT_ENVELOPE', 'needs revokes beside it', 'revokessource');
  }
  if (given(envelope.amendssource) && !given(amends)) {
    return refuse('EVENT_ENVELOPE', 'needs amends beside it', 'amendssource');
  }
  const target = revokes ?? amends;
  const targetSource = envelope.revokessource ?? envelope.amendssource ?? envelope.source;
  if (given(target) && target === envelope.id && targetSource === envelope.source) {
    return refuse('EVENT_ENVELOPE', 'names the event itself', given(revokes) ? 'revokes' : 'amends');
  }
  return undefined;
}

type DataResult = { readonly ok: true; readonly data: JsonObject } | Refusal;

function parseData(stream: StreamName, envelope: Envelope, limits: DataLimits): DataResult {
  const revocation = given(envelope.revokes);
  const data = envelope.data;
  if (!given(data)) {
    if (revocation) return { ok: true, data: {} };
    return refuse('EVENT_DATA', 'is missing; only a revocation may leave it out', 'data');
  }
  if (typeof data !== 'object' || Array.isArray(data)) {
    return refuse('EVENT_DATA', `must be a JSON object with the fields of ${stream}`, 'data');
  }
  const fault = dataFault(data, 'data', limits);
  if (fault !== undefined) return fault;
  const parsed = (revocation ? REVOCATION_SCHEMAS : STREAM_SCHEMAS)[stream].safeParse(data);
  if (!parsed.success) return refusalOf(parsed.error, 'data', 'EVENT_DATA');
  return { ok: true, data: parsed.data as JsonObject };
}

/** What an event's `subject` names. */
export function scopeOf(stream: StreamName, data: JsonObject): KeyScope {
  if (stream === 'sensor-reading') return 'device';
  const kind = stream === 'registration' ? data['kind'] : undefined;
  if (kind === 'device') return 'device';
  return kind === 'place' || kind === 'area' ? 'place' : 'subject';
}

/** What is wrong with the id of a key, by its scope. */
export const KEY_FAULTS: {
  readonly [scope in KeyScope]: (text: string) => IdentifierFault | undefined;
} = { subject: subjectIdFault, device: deviceIdFault, place: placeIdFault };

type KeyResult = { readonly ok: true; readonly key: Key } | Refusal;

/** Readings belong to their device, registrations to what they register, all else to the subject or the place. */
function keyOf(stream: StreamName, subject: string | undefined, data: JsonObject): KeyResult {
  const scope = scopeOf(stream, data);
  const [ofDevice, ofPlace] = [scope === 'device', scope === 'place'];
  if (subject !== undefined) {
    const fault = KEY_FAULTS[scope](subject);
    if (fault !== undefined) return refuse(fault.code, fault.message, 'subject');
    return { ok: true, key: `${scope}:${subject}` };
  }
  const place = data['place'];
  if (typeof place === 'string' && !ofDevice && (stream !== 'registration' || ofPlace)) {
    return { ok: true, key: `place:${place}` };
  }
  return refuse(
    'EVENT_NO_KEY',
    ofDevice
      ? 'is missing; name the device in it'
      : 'is missing; name the supervised subject in it, or the place in data.place',
    'subject',
  );
}

function assemble(
  stream: StreamName,
  envelope: Envelope,
  key: Key,
  time: number | null,
  data: JsonObject,
  idKey: Uint8Array | undefined,
): ParsedEvent {
  const { source, revokes, amends, recordedtime, backfill } = envelope;
  const id = envelope.id ?? `sha256:${payloadDigest(envelope, idKey)}`;
  const event: Writable<ParsedEvent> = {
    kind: 'event',
    id: `${source} ${id}`,
    stream,
    source,
    key,
    time,
    data,
  };
  if (given(revokes)) event.revokes = `${envelope.revokessource ?? source} ${revokes}`;
  if (given(amends)) event.amends = `${envelope.amendssource ?? source} ${amends}`;
  if (backfill === true || backfill === 'true') event.backfill = true;
  if (given(recordedtime)) event.recordedAt = instantOf(recordedtime) ?? NaN;
  return event;
}

/**
 * Covers what the sender said, as it was sent. Left out are `recordedtime` and attributes that are not ours,
 * such as trace ids, which differ between two deliveries of one event.
 */
function payloadDigest(envelope: Envelope, key: Uint8Array | undefined): string {
  const { specversion: _, datacontenttype: __, recordedtime: ___, ...said } = envelope;
  const payload = Object.fromEntries(Object.entries(said).filter(([, value]) => given(value)));
  return digest32(canonicalJson(payload), key);
}

function instantOf(text: string | null | undefined): number | undefined {
  return given(text) ? parseDateTime(text) : undefined;
}

function given<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function refuse(code: Refusal['code'], message: string, field?: string): Refusal {
  return { ok: false, code, message, ...(field === undefined ? {} : { field }) };
}
