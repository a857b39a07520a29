// What a mapping makes of a raw value: split, pattern, map, type, prefix, in this order.
import { RE2JS } from 're2js';
import type { Json } from '../../events/event.js';
import { formatInstant } from '../../events/timestamp.js';
import type { Row } from '../../ports/rows.js';
import type { CellReader } from './cells.js';
import { compileDate } from './dates.js';
import { RowFault, shown } from './row-fault.js';
import type { Otherwise, ValueSpec, ValueType } from './mapping.js';

/** A field of the event from a row; undefined where the field is left out. */
export type ValueReader = (row: Row) => Json | RowFault | undefined;

/** Most elements that `split` makes of one cell. */
const MAX_PARTS = 1_000;
/** Longest text that a pattern is matched against. */
const MAX_MATCHED_CHARACTERS = 20_000;
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

type Convert = (text: string) => Json | RowFault | undefined;

/** Puts the steps of a value together. The specification has passed its checks. */
export function compileValue(spec: ValueSpec, read: CellReader, zone: string): ValueReader {
  const convert = converter(spec, zone);
  const absent = new Set(listOf(spec.absent));
  const empty = emptyReader(spec.emptyTo, convert);
  const shape = shaper(spec, convert);
  return (row) => {
    const raw = read(row);
    if (raw instanceof RowFault) return raw;
    const value = raw === undefined || (typeof raw === 'string' && absent.has(raw)) ? shape('') : shape(raw);
    return value === undefined ? empty() : value;
  };
}

function emptyReader(emptyTo: Otherwise | undefined, convert: Convert): () => Json | RowFault | undefined {
  if (emptyTo === undefined || emptyTo === 'omit') return () => undefined;
  if (emptyTo === 'reject')
    return () => new RowFault('ROW_EMPTY', 'there is no value, and the mapping asks for one');
  return () => convert(emptyTo.value);
}

/** Text to text or list; other JSON, which only expressions yield, passes as it is. */
function shaper(spec: ValueSpec, convert: Convert): (raw: Json) => Json | RowFault | undefined {
  const one = element(spec, convert);
  const finish = finisher(spec);
  const split = spec.split;
  return (raw) => {
    if (typeof raw === 'string' && split !== undefined) return finish(each(partsOf(raw, split), one));
    if (Array.isArray(raw)) return finish(each(raw, one));
    if (typeof raw === 'string') {
      const value = raw === '' ? undefined : one(raw);
      return spec.add === undefined || value instanceof RowFault
        ? value
        : finish(value === undefined ? [] : [value]);
    }
    return typed(raw, spec.type);
  };
}

/** What an expression yields that is no text must already be what the mapping says. */
function typed(raw: Json, type: ValueType | undefined): Json | RowFault {
  const fits =
    type === undefined ||
    (type === 'number' && typeof raw === 'number') ||
    (type === 'integer' && Number.isInteger(raw)) ||
    (type === 'boolean' && typeof raw === 'boolean');
  return fits
    ? raw
    : new RowFault('ROW_TYPE', `the expression yields ${typeof raw} where ${type} is expected`);
}

function finisher(spec: ValueSpec): (items: Json[] | RowFault) => Json | RowFault | undefined {
  const added = listOf(spec.add);
  const distinct = spec.distinct === 'true';
  return (items) => {
    if (items instanceof RowFault) return items;
    const all = [...items, ...added];
    const kept = distinct ? [...new Set(all)] : all;
    return kept.length === 0 ? undefined : kept;
  };
}

function each(parts: readonly Json[], one: Convert): Json[] | RowFault {
  if (parts.length > MAX_PARTS) return new RowFault('ROW_TOO_LARGE', `more than ${MAX_PARTS} elements`);
  const items: Json[] = [];
  for (const part of parts) {
    const item = typeof part === 'string' ? one(part) : part;
    if (item instanceof RowFault) return item;
    if (item !== undefined) items.push(item);
  }
  return items;
}

function partsOf(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function element(spec: ValueSpec, convert: Convert): Convert {
  const patterns = listOf(spec.pattern).map((pattern) => RE2JS.compile(pattern));
  const entries = spec.map === undefined ? undefined : new Map(Object.entries(spec.map));
  const otherwise = spec.else ?? 'reject';
  return (text) => {
    const captured = patterns.length === 0 ? text : capture(patterns, text);
    if (captured === undefined || captured instanceof RowFault) return captured;
    if (entries === undefined) return convert(captured);
    const mapped = entries.get(captured);
    if (mapped !== undefined) return convert(mapped);
    if (otherwise === 'omit') return undefined;
    if (otherwise === 'reject') return new RowFault('ROW_VALUE', `${shown(captured)} is not in the map`);
    return convert(otherwise.value);
  };
}

/** The first group of the first pattern that is found, or the whole match where it has no group. */
function capture(patterns: readonly RE2JS[], text: string): string | RowFault | undefined {
  if (text.length > MAX_MATCHED_CHARACTERS) {
    return new RowFault('ROW_TOO_LARGE', `a text over ${MAX_MATCHED_CHARACTERS} characters is not matched`);
  }
  for (const pattern of patterns) {
    const matcher = pattern.matcher(text);
    if (!matcher.find()) continue;
    const group = matcher.group(pattern.groupCount() > 0 ? 1 : 0)?.trim();
    if (group !== undefined && group !== null && group !== '') return group;
  }
  return undefined;
}

function converter(spec: ValueSpec, zone: string): Convert {
  const prefix = spec.prefix ?? '';
  switch (spec.type ?? 'string') {
    case 'string':
      return (text) => prefix + text;
    case 'number':
      return (text) => number(text, NUMBER, 'a number');
    case 'integer':
      return (text) => number(text, INTEGER, 'a whole number');
    case 'boolean':
      return (text) =>
        text === 'true' ||
        (text === 'false' ? false : new RowFault('ROW_TYPE', `${shown(text)} is not true or false`));
    case 'timestamp':
    case 'deadline':
      return instant(spec, zone);
  }
}

function number(text: string, form: RegExp, expected: string): number | RowFault {
  const value = form.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value)) return new RowFault('ROW_NUMBER', `${shown(text)} is not ${expected}`);
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? new RowFault('EVENT_NUMBER', `${shown(text)} is beyond 2^53 and cannot be kept exactly`)
    : value;
}

function instant(spec: ValueSpec, zone: string): Convert {
  const format = spec.format ?? 'iso';
  const read = compileDate(format, zone, spec.type === 'deadline' ? 'end' : 'exact');
  return (text) => {
    const at = read(text);
    if (at === undefined)
      return new RowFault('ROW_DATE', `${shown(text)} is not a date of the form ${format}`);
    return formatInstant(at);
  };
}

/** A value and a list of values are written alike. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
