// The original of a dead letter to what it may be now: an event as it stands, or rows through a mapping.
import { BODY_LIMITS, BROKEN, type BodyPart } from '../../events/body.js';
import type { Code } from '../../events/codes.js';
import type { Json, JsonObject } from '../../events/event.js';
import type { MapRow, Mapped } from '../mapping/mapper.js';
import { withoutCells } from '../mapping/row-fault.js';

/** One of the values that an original holds, as a part of a body. */
export interface OriginalPart {
  readonly value: unknown;
  readonly fault?: { readonly code: Code; readonly message: string };
}

/** How a refused record of a topic says where it stood; see `raw-events.ts`. */
const PLACE_IN_TOPIC = /^([A-Za-z0-9._-]{1,249})\/\d+@\d+: /;

/**
 * Reads an original anew.
 * @param message of the letter: what came from a topic without a source has that topic as its source, as on arrival
 * @param map null where the original is an event, or an array of events
 * @returns its parts; none where the mapping passes over it
 */
export function partsOfOriginal(text: string, message: string, map: MapRow | null): OriginalPart[] {
  if (text.length > BODY_LIMITS.eventCharacters) {
    return [broken('BODY_TOO_LARGE', `the original is over ${BODY_LIMITS.eventCharacters} characters`)];
  }
  const parsed = tryParse(text);
  if (parsed === undefined) return [broken('BODY_NOT_JSON', 'the original is not JSON')];
  const elements = Array.isArray(parsed) ? parsed : [parsed];
  if (elements.length > BODY_LIMITS.events) {
    return [broken('BODY_TOO_LARGE', `the original has over ${BODY_LIMITS.events} elements`)];
  }
  if (map !== null) return elements.flatMap((element) => partsOfRow(element, map));
  const topic = PLACE_IN_TOPIC.exec(message)?.[1];
  return elements.map((element) => ({ value: topic === undefined ? element : sourced(element, topic) }));
}

/** The part as a body has it. @param raw the original, all of it */
export function bodyPart(part: OriginalPart, index: number, offset: number, raw: string): BodyPart {
  const of = { index, place: `dead letter ${offset}`, raw };
  return part.fault === undefined
    ? { ...of, ok: true, value: part.value }
    : { ...of, ok: false, ...part.fault };
}

function partsOfRow(row: Json, map: MapRow): OriginalPart[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    return [broken('RECORD_NOT_ROWS', 'the original is no JSON object')];
  }
  // Columns may be called like what every object has.
  return partsOfMapped(map(Object.assign(Object.create(null) as JsonObject, row)));
}

function partsOfMapped(mapped: Mapped): OriginalPart[] {
  switch (mapped.kind) {
    case 'skip':
      return [];
    case 'reject':
      return [rejected(mapped)];
    case 'event':
      return [{ value: mapped.event }];
    case 'cells':
      return mapped.cells.map((cell) => (cell.kind === 'event' ? { value: cell.event } : rejected(cell)));
  }
}

function rejected({
  code,
  message,
  field,
}: {
  readonly code: Code;
  readonly message: string;
  readonly field?: string;
}): OriginalPart {
  const said = withoutCells(message);
  return broken(code, field === undefined ? said : `${field}: ${said}`);
}

function broken(code: Code, message: string): OriginalPart {
  return { value: BROKEN, fault: { code, message } };
}

function sourced(event: Json, topic: string): Json {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const { source } = event;
  return source === undefined || source === null ? { ...event, source: topic } : event;
}

function tryParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
