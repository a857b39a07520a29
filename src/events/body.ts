// A request body or file as single events: one JSON object, a JSON array, or NDJSON. Broken parts stay apart.
import type { Code } from './codes.js';

export interface BodyLimits {
  /** UTF-16 units of the whole body. */
  readonly characters: number;
  /** Events in one body. */
  readonly events: number;
  /** UTF-16 units of one event. */
  readonly eventCharacters: number;
}

export const BODY_LIMITS: BodyLimits = {
  characters: 16 * 1024 * 1024,
  events: 10_000,
  eventCharacters: 512 * 1024,
};

/** One event of a body, with the original text for the dead-letter log. */
export type BodyPart = {
  /** Position among the parts, from 0. */
  readonly index: number;
  /** Where it stood: `body`, `element 3` of an array, or `line 7`; counted from 1. */
  readonly place: string;
  readonly raw: string;
} & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: Code; readonly message: string }
);

/**
 * The text of a body: whole, or in pieces each of which but the last ends with a line feed. Pieces of some ten thousand
 * characters are handled faster than one large text.
 */
export type BodyText = string | readonly string[];

interface Piece {
  readonly place: string;
  readonly raw: string;
  /** Why the piece is refused unread. */
  readonly fault?: string;
}

/**
 * Splits a body into its events. A part that is not JSON is reported beside the others and stops none of them;
 * a body over the limits is refused whole, so that its sender can send it again in smaller pieces.
 */
export function splitBody(text: string, limits: BodyLimits = BODY_LIMITS): BodyPart[] {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.length > limits.characters) {
    return [tooLarge(body.slice(0, limits.eventCharacters), `over ${limits.characters} characters`)];
  }
  const start = skipSpace(body, 0);
  if (start === body.length) return [];
  if (body[start] !== '[') {
    // NDJSON fails here at its second line, so little of it is read twice.
    const whole = read({ place: 'body', raw: body }, 0, limits);
    if (whole.ok) return [whole];
  }
  const pieces = body[start] === '[' ? elements(body, start, limits.events) : lines(body, limits.events);
  if (pieces.length > limits.events) {
    return [tooLarge(body.slice(0, limits.eventCharacters), `over ${limits.events} events`)];
  }
  const parts = pieces.map((piece, index) => read(piece, index, limits));
  // A pretty-printed document cut short is one broken part, not one for each of its lines.
  if (body[start] === '{' && parts.length > 1 && !parts.some((part) => part.ok)) {
    return [read({ place: 'body', raw: body }, 0, limits)];
  }
  return parts;
}

/** Stands for the value of a part that is none. */
export const BROKEN = Symbol('broken');

/** A body as it is read on the short way: values alone; what is said of a part beside its value is found on demand. */
export interface BodyValues {
  /** In order; BROKEN for a part that is no JSON or over a limit. */
  readonly values: readonly unknown[];
  /** Whether the texts in the values hold half a surrogate pair only where the body itself does. */
  readonly wellFormed: boolean;
  /** All that is known of the part at an index. */
  readonly part: (index: number) => BodyPart;
  /** Whether a part is found again by its place, so that what is said of a refused one tells it. */
  readonly lasting?: true;
}

/**
 * Reads a body as `splitBody` does, without the text and the place of each part, which are found when asked for.
 */
export function readBody(text: BodyText, limits: BodyLimits = BODY_LIMITS): BodyValues {
  const pieces = typeof text === 'string' ? [text] : text;
  const wellFormed = !pieces.some(isEscaped);
  const elements = arrayOf(pieces, limits);
  if (elements === null) {
    const values = valuesOfLines(pieces, limits);
    if (values !== null) return { values, wellFormed, part: partOfLines(pieces, values) };
  }
  let parts: readonly BodyPart[] | null = null;
  const all = () => (parts ??= splitBody(pieces.join(''), limits));
  return {
    values: elements ?? all().map((part) => (part.ok ? part.value : BROKEN)),
    wellFormed,
    part: (index) => all()[index] as BodyPart,
  };
}

/** The elements of an array that is all of a body; null for any other body, and for one that needs a closer look. */
function arrayOf(pieces: readonly string[], limits: BodyLimits): readonly unknown[] | null {
  if (pieces[0]?.charCodeAt(0) !== 0x5b) return null;
  const body = pieces.join('');
  // No element is larger than the whole.
  if (body.length > Math.min(limits.characters, limits.eventCharacters)) return null;
  const parsed = tryParse(body);
  const list = parsed.ok ? (parsed.value as readonly unknown[]) : null;
  return list === null || list.length > limits.events ? null : list;
}

/** The values of two lines at least, all of them JSON; null for any other body, and for one that needs a closer look. */
function valuesOfLines(pieces: readonly string[], limits: BodyLimits): unknown[] | null {
  // What begins as an array is none of lines, whatever follows it.
  const first = pieces.find((piece) => skipSpace(piece, 0) < piece.length) ?? '';
  if (first.charCodeAt(skipSpace(first, 0)) === 0x5b) return null;
  const values: unknown[] = [];
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    if (length > limits.characters || piece.length > limits.eventCharacters) return null;
    if (!takeLines(piece, values) || values.length > limits.events) return null;
  }
  // What is a single value may be a body of many lines.
  return values.length < 2 ? null : values;
}

/** Adds the values of lines; false where one of them is no JSON. */
function takeLines(piece: string, values: unknown[]): boolean {
  try {
    for (let from = 0; from < piece.length;) {
      let to = piece.indexOf('\n', from);
      if (to < 0) to = piece.length;
      const line = piece.slice(from, to);
      if (line.charCodeAt(0) === 0x7b || line.trim() !== '') values.push(JSON.parse(line));
      from = to + 1;
    }
    return true;
  } catch {
    return false;
  }
}

function partOfLines(pieces: readonly string[], values: readonly unknown[]): (index: number) => BodyPart {
  let found: readonly Piece[] | null = null;
  return (index) => {
    found ??= lines(pieces.join(''), Infinity);
    const { place, raw } = found[index] as Piece;
    return { index, place, raw, ok: true, value: values[index] };
  };
}

/** Whether there are characters in it that are written as \\u and four digits. */
function isEscaped(text: string): boolean {
  return text.includes('\\u');
}

function read(piece: Piece, index: number, limits: BodyLimits): BodyPart {
  if (piece.raw.length > limits.eventCharacters) {
    const message = `${piece.place}: over ${limits.eventCharacters} characters`;
    return { index, place: piece.place, raw: piece.raw, ok: false, code: 'BODY_TOO_LARGE', message };
  }
  if (piece.fault !== undefined) return broken(piece, index, piece.fault);
  const parsed = tryParse(piece.raw);
  if (!parsed.ok) return broken(piece, index, 'not JSON');
  return { index, place: piece.place, raw: piece.raw, ok: true, value: parsed.value };
}

/** The engine's own words for a syntax error quote the text, which may be personal; they are not passed on. */
function broken(piece: Piece, index: number, fault: string): BodyPart {
  const message = `${piece.place}: ${fault}; expected a CloudEvent as a JSON object`;
  return { index, place: piece.place, raw: piece.raw, ok: false, code: 'BODY_NOT_JSON', message };
}

function tooLarge(raw: string, fault: string): BodyPart {
  const message = `body: ${fault}; send fewer events per request`;
  return { index: 0, place: 'body', raw, ok: false, code: 'BODY_TOO_LARGE', message };
}

function tryParse(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** Non-empty lines, at most one more than `limit`. */
function lines(body: string, limit: number): Piece[] {
  const pieces: Piece[] = [];
  let number = 0;
  for (let from = 0; from < body.length && pieces.length <= limit;) {
    let to = body.indexOf('\n', from);
    if (to < 0) to = body.length;
    number++;
    const raw = body.slice(from, body[to - 1] === '\r' && to > from ? to - 1 : to);
    if (raw.charCodeAt(0) === 0x7b || raw.trim() !== '') pieces.push({ place: `line ${number}`, raw });
    from = to + 1;
  }
  return pieces;
}

/** The texts between the commas of the outermost array, at most one more than `limit`. */
function elements(body: string, start: number, limit: number): Piece[] {
  const pieces: Piece[] = [];
  let from = start + 1;
  while (pieces.length <= limit) {
    const to = elementEnd(body, from);
    const raw = body.slice(from, to).trim();
    const place = `element ${pieces.length + 1}`;
    if (to === body.length) {
      pieces.push({ place, raw, fault: 'the array is not closed' });
      return pieces;
    }
    const closed = body[to] === ']';
    if (raw !== '' || !closed || pieces.length > 0) pieces.push({ place, raw });
    from = to + 1;
    if (!closed) continue;
    const rest = body.slice(from).trim();
    if (rest !== '') pieces.push({ place: 'after the array', raw: rest, fault: 'text after the array' });
    return pieces;
  }
  return pieces;
}

/** Index of the comma or bracket that ends the element starting at `from`, or the end of the body. */
function elementEnd(body: string, from: number): number {
  let depth = 0;
  for (let i = from; i < body.length; i++) {
    const unit = body.charCodeAt(i);
    if (unit === 0x22) {
      i = stringEnd(body, i);
    } else if (unit === 0x7b || unit === 0x5b) {
      depth++;
    } else if (unit === 0x7d || unit === 0x5d) {
      if (depth === 0) return unit === 0x5d ? i : body.length;
      depth--;
    } else if (unit === 0x2c && depth === 0) {
      return i;
    }
  }
  return body.length;
}

/** Index of the quote that closes the string opened at `from`, or the end of the body. */
function stringEnd(body: string, from: number): number {
  for (let i = body.indexOf('"', from + 1); i >= 0; i = body.indexOf('"', i + 1)) {
    let slashes = 0;
    while (body[i - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return i;
  }
  return body.length;
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return i;
}
