// Data and figures in tests of models: text typed by the declared fields.
import { parseSignedDuration } from '../catalogue/duration.js';
import type { Json, JsonObject } from '../events/event.js';
import type { Fields, FieldType } from '../events/fields.js';
import { formatInstant, parseTimestamp } from '../events/timestamp.js';
import type { Report } from './report.js';
import { parseNumber, typeScalar } from './scalar.js';
import type { TextNode, YamlNode } from './yaml.js';

/** The instant that offsets count from: Monday, 3 March 2025, 00:00 in Asia/Shanghai. */
export const TEST_ORIGIN_MS = Date.UTC(2025, 2, 2, 16);

export interface DataContext {
  readonly report: Report;
  /** Which repetition it is, from 1, and how far it lies after the first. */
  readonly n: number;
  readonly shiftMs: number;
  /** What a field that is not declared is: a source may send one, a profile cannot have one. */
  readonly unknown: 'error' | 'warning';
}

/** Types the fields of a map. Fields that are not declared are typed by how they look. */
export function readData(context: DataContext, node: YamlNode, fields: Fields): JsonObject {
  if (node.kind !== 'map') return {};
  const data: JsonObject = {};
  for (const [name, { key, value }] of node.entries) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined && context.n === 1) {
      context.report.add('TEST_UNKNOWN_NAME', key, `the field "${name}" is not declared`, {
        severity: context.unknown,
        sought: { name, among: Object.keys(fields) },
      });
    }
    data[name] = readValue(context, value, field?.type ?? { type: 'dyn' });
  }
  return data;
}

/** A figure that a transition must have: numbers, bools, null, durations in seconds, text, lists of them. */
export function readFigure(report: Report, node: YamlNode): Json {
  return readValue({ report, n: 1, shiftMs: 0, unknown: 'warning' }, node, { type: 'dyn' });
}

function readValue(context: DataContext, node: YamlNode, type: FieldType): Json {
  if (node.kind === 'text') return readScalar(context, node, type);
  if (type.type === 'list' && node.kind === 'list') {
    return node.items.map((item) => readValue(context, item, type.element));
  }
  if (type.type === 'object' && node.kind === 'map') return readData(context, node, type.fields);
  if (type.type === 'dyn' && node.kind === 'list')
    return node.items.map((item) => readValue(context, item, type));
  if (type.type === 'dyn' && node.kind === 'map') return readOpenMap(context, node.entries);
  context.report.add('TEST_VALUE', node, `a ${node.kind} does not fit here`, { expected: wordsFor(type) });
  return null;
}

function readOpenMap(
  context: DataContext,
  entries: ReadonlyMap<string, { readonly value: YamlNode }>,
): JsonObject {
  return Object.fromEntries(
    [...entries].map(([name, entry]) => [name, readValue(context, entry.value, { type: 'dyn' })]),
  );
}

function readScalar(context: DataContext, node: TextNode, type: FieldType): Json {
  if (node.style === 'plain' && node.value === 'null') return null;
  const text = node.value.replaceAll('{n}', String(context.n));
  const typed = type.type === 'dyn' ? readOpen(context, node, text) : readTyped(context, text, type);
  if (typed !== undefined) return typed;
  context.report.add('TEST_VALUE', node, `"${text}" does not fit here`, { expected: wordsFor(type) });
  return null;
}

function readOpen(context: DataContext, node: TextNode, text: string): Json {
  const scalar = typeScalar({ ...node, value: text });
  if (scalar.ok) return scalar.value;
  context.report.add('TEST_VALUE', node, scalar.message, { expected: scalar.expected });
  return null;
}

/** Undefined where the text is not of the type. */
function readTyped(context: DataContext, text: string, type: FieldType): Json | undefined {
  switch (type.type) {
    case 'string':
      return text;
    case 'number':
    case 'duration':
      return parseNumber(text) ?? undefined;
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'timestamp': {
      const offsetMs = parseSignedDuration(text);
      if (offsetMs !== null) return formatInstant(TEST_ORIGIN_MS + offsetMs + context.shiftMs);
      return parseTimestamp(text) === undefined ? undefined : text;
    }
    default:
      return undefined;
  }
}

function wordsFor(type: FieldType): string {
  if (type.type === 'timestamp') return 'a date, an RFC 3339 instant with offset, or an offset such as 10d';
  if (type.type === 'list') return 'a list';
  if (type.type === 'object') return 'a map of fields';
  return type.type === 'string' ? 'text' : `a ${type.type}`;
}
