// Records of topics, as the systems of departments write them, to events: as CloudEvents or by a mapping.
import { BODY_LIMITS, BROKEN, type BodyPart, type BodyValues } from '../events/body.js';
import type { Code } from '../events/codes.js';
import type { Json, JsonObject } from '../events/event.js';
import type { FeedBatch, FeedRecord } from '../ports/feed.js';
import type { Intake } from './intake.js';
import type { MapRow, Mapped } from './mapping/mapper.js';
import { withoutCells } from './mapping/row-fault.js';

/** How the records of each topic are read; null where they are CloudEvents. */
export type RawTopics = ReadonlyMap<string, MapRow | null>;

/** What an attribute of the envelope may be called (CloudEvents 1.0, naming conventions); others are no attributes. */
const ATTRIBUTE = /^ce_([a-z0-9]{1,40})$/;
const STRUCTURED = /^application\/cloudevents(?:-batch)?(?:\+json)?\s*(?:;|$)/i;

type Part = { readonly ok: true; readonly value: unknown; readonly raw: string } | Broken;

interface Broken {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
  readonly raw: string;
}

/**
 * Reads records, never to an end that stops: what is no event comes as a part that says why, with the place
 * `topic/partition@offset` and the value as it came, in Base64 after `base64:` where it is no text.
 */
export class RawEvents {
  /** Rows that a mapping passes over. */
  skipped = 0;

  constructor(private readonly topics: RawTopics) {}

  /** The events of a batch, in bodies of at most as many as one body may hold. */
  *bodies({ topic, partition, records }: FeedBatch): Generator<BodyValues, void> {
    let found: { readonly part: Part; readonly offset: number }[] = [];
    for (const record of records) {
      for (const part of this.partsOf(record)) {
        found.push({ part, offset: record.offset });
        if (found.length < BODY_LIMITS.events) continue;
        yield bodyOf(`${topic}/${partition}`, found);
        found = [];
      }
    }
    if (found.length > 0) yield bodyOf(`${topic}/${partition}`, found);
  }

  private partsOf(record: FeedRecord): Part[] {
    const { value, key, unreadable } = record;
    if (value === null) return [broken('RECORD_EMPTY', 'the value is null', key ?? new Uint8Array())];
    if (unreadable !== undefined) return [broken(unreadable, 'the batch from here on', value)];
    const text = textOf(value);
    if (text === undefined) return [broken('RECORD_NOT_UTF8', 'bytes that are not UTF-8', value)];
    if (text.length > BODY_LIMITS.eventCharacters) {
      return [broken('BODY_TOO_LARGE', `over ${BODY_LIMITS.eventCharacters} characters`, value)];
    }
    const map = this.topics.get(record.topic) ?? null;
    if (map === null && isBinary(record)) return [binaryEvent(record, text)];
    const parsed = tryParse(text);
    if (parsed === undefined) return [broken('BODY_NOT_JSON', 'not JSON', value)];
    const elements = Array.isArray(parsed) ? parsed : [parsed];
    if (elements.length > BODY_LIMITS.events) {
      return [broken('BODY_TOO_LARGE', `over ${BODY_LIMITS.events} elements`, value)];
    }
    const raws = elements.length === 1 ? () => text : (element: Json) => JSON.stringify(element);
    if (map !== null) return elements.flatMap((row) => this.mapped(map, row, raws(row)));
    return elements.map((event) => ({ ok: true, value: sourced(event, record.topic), raw: raws(event) }));
  }

  private mapped(map: MapRow, row: Json, raw: string): Part[] {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      return [{ ok: false, code: 'RECORD_NOT_ROWS', message: 'no JSON object', raw }];
    }
    // Columns may be called like what every object has.
    return this.partsOfRow(map(Object.assign(Object.create(null) as JsonObject, row)), raw);
  }

  private partsOfRow(mapped: Mapped, raw: string): Part[] {
    switch (mapped.kind) {
      case 'skip':
        this.skipped += 1;
        return [];
      case 'reject':
        return [rejected(mapped, raw)];
      case 'event':
        return [{ ok: true, value: mapped.event, raw }];
      case 'cells':
        return mapped.cells.map((cell) =>
          cell.kind === 'event' ? { ok: true, value: cell.event, raw } : rejected(cell, raw),
        );
    }
  }
}

/** Takes what a feed hands over: it counts as read once all of it is durable, as events or as dead letters. */
export function takeInto(
  intake: Pick<Intake, 'acceptValues'>,
  raw: RawEvents,
  now: () => number,
): (batch: FeedBatch) => Promise<void> {
  return async (batch) => {
    for (const body of raw.bodies(batch)) await intake.acceptValues(body, now());
  };
}

function bodyOf(at: string, found: readonly { readonly part: Part; readonly offset: number }[]): BodyValues {
  return {
    values: found.map(({ part }) => (part.ok ? part.value : BROKEN)),
    wellFormed: false,
    lasting: true,
    part: (index) => {
      const { part, offset } = found[index] as (typeof found)[number];
      return { index, place: `${at}@${offset}`, ...part } satisfies BodyPart;
    },
  };
}

function broken(code: Code, message: string, value: Uint8Array): Broken {
  return { ok: false, code, message, raw: textOf(value) ?? `base64:${base64Of(value)}` };
}

function rejected(
  { code, message, field }: { readonly code: Code; readonly message: string; readonly field?: string },
  raw: string,
): Broken {
  const said = withoutCells(message);
  return { ok: false, code, message: field === undefined ? said : `${field}: ${said}`, raw };
}

/** Attributes in headers, data in the value: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md */
function isBinary({ headers }: FeedRecord): boolean {
  return headers.has('ce_specversion') && !STRUCTURED.test(headers.get('content-type') ?? '');
}

function binaryEvent({ headers, topic, value }: FeedRecord, text: string): Part {
  const data = text === '' ? null : tryParse(text);
  if (data === undefined) return broken('BODY_NOT_JSON', 'the data is not JSON', value as Uint8Array);
  const attributes = Object.create(null) as { [name: string]: Json };
  for (const [name, said] of headers) {
    const attribute = ATTRIBUTE.exec(name)?.[1];
    if (attribute !== undefined) attributes[attribute] = said;
  }
  const type = headers.get('content-type');
  if (type !== undefined) attributes['datacontenttype'] = type;
  // Without the headers, the value alone would not be the event that was refused.
  const event = sourced({ ...attributes, data }, topic);
  return { ok: true, value: event, raw: JSON.stringify(event) };
}

/** An event that names no source comes from its topic. */
function sourced(event: Json, topic: string): Json {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const { source } = event;
  return source === undefined || source === null ? { ...event, source: topic } : event;
}

function textOf(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value);
  } catch {
    return undefined;
  }
}

function base64Of(value: Uint8Array): string {
  let text = '';
  for (let from = 0; from < value.length; from += 8_192) {
    text += String.fromCharCode(...value.subarray(from, from + 8_192));
  }
  return btoa(text);
}

function tryParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
