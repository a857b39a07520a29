// Data of an event for which simple conditions hold, or fail: for the tests that a new model begins with.
import type { Json, StreamName } from '../../events/event.js';
import { declarationOf } from '../../events/sources.js';
import { streamFields, valuesOf } from '../../events/streams.js';
import { parseSyntax, type BinarySyntax, type Syntax } from '../expression/syntax.js';
import { fieldOf } from '../written.js';

export type SampleData = { [field: string]: Json };

const ENVELOPE = ['id', 'source', 'stream', 'time', 'at'];
const OTHER = '其他';
/** Fields of which a stream asks for one of several. */
const BESIDE: { readonly [S in StreamName]?: SampleData } = {
  'sensor-reading': { value: 1 },
  'credit-change': { credit: 'B' },
};

/**
 * Data with every field that the stream needs, changed so that conditions hold. What of them is not simple is passed
 * over, so that who runs the sample must see whether it counts.
 * @param lists words by the name of a list of the catalogue
 */
export function sampleOf(
  stream: StreamName,
  conditions: readonly (string | null)[],
  lists: ReadonlyMap<string, Iterable<string>>,
): SampleData {
  const data: SampleData = { ...BESIDE[stream] };
  const { number } = declarationOf(stream);
  for (const [name, { optional, type }] of Object.entries(streamFields(stream))) {
    if (optional || ENVELOPE.includes(name)) continue;
    const [first] = valuesOf(stream, name) ?? [];
    if (name === number) data[name] = 'N-{n}';
    else data[name] = first ?? (type.type === 'number' ? 1 : type.type === 'timestamp' ? '0d' : OTHER);
  }
  for (const part of conditions.flatMap((one) => (one === null ? [] : conjunctsOf(parseSyntax(one))))) {
    const value = wanted(stream, part, true, lists);
    if (value !== null) data[value.field] = value.value;
  }
  return data;
}

/** What makes a condition fail, laid over a sample; null where the condition is not simple. */
export function against(
  stream: StreamName,
  condition: string,
  lists: ReadonlyMap<string, Iterable<string>>,
): SampleData | null {
  for (const part of conjunctsOf(parseSyntax(condition))) {
    const value = wanted(stream, part, false, lists);
    if (value !== null) return { [value.field]: value.value };
  }
  return null;
}

/** The field of the event that an expression is; null where it is more. */
export function eventField(expression: string): string | null {
  const field = fieldOf(parseSyntax(expression));
  return field?.owner === 'event' ? field.field : null;
}

function conjunctsOf(syntax: Syntax): Syntax[] {
  return syntax.op === 'and' ? [...conjunctsOf(syntax.left), ...conjunctsOf(syntax.right)] : [syntax];
}

interface Wanted {
  readonly field: string;
  readonly value: Json;
}

/** The value with which one simple condition holds, or fails. */
function wanted(
  stream: StreamName,
  syntax: Syntax,
  holds: boolean,
  lists: ReadonlyMap<string, Iterable<string>>,
): Wanted | null {
  if (syntax.op === 'not') return wanted(stream, syntax.operand, !holds, lists);
  if (syntax.op === 'member' || syntax.op === 'index') return flagOf(syntax, holds);
  if (syntax.op === 'call') return textOf(syntax.receiver, syntax.args, holds);
  if (syntax.op !== 'binary') return null;
  const field = ownField(syntax.left);
  if (field === null) return null;
  if (syntax.operator === 'in') {
    const [first] = wordsOf(syntax.right, lists);
    if (first === undefined) return null;
    return { field, value: holds ? first : another(stream, field, wordsOf(syntax.right, lists)) };
  }
  const value = compared(stream, field, syntax, holds);
  return value === null ? null : { field, value };
}

function ownField(syntax: Syntax): string | null {
  const field = fieldOf(syntax);
  return field?.owner === 'event' ? field.field : null;
}

function flagOf(syntax: Syntax, holds: boolean): Wanted | null {
  const field = ownField(syntax);
  return field === null ? null : { field, value: holds };
}

/** `event.category.startsWith("x")` and the like. */
function textOf(receiver: Syntax | null, [first]: readonly Syntax[], holds: boolean): Wanted | null {
  const field = receiver === null ? null : ownField(receiver);
  if (field === null || first?.op !== 'literal' || typeof first.value !== 'string') return null;
  return { field, value: holds ? first.value : OTHER };
}

function compared(
  stream: StreamName,
  field: string,
  { operator, right }: BinarySyntax,
  holds: boolean,
): Json {
  if (right.op !== 'literal') return null;
  const { value } = right;
  if (operator === '==' || operator === '!=') {
    return (operator === '==') === holds ? value : another(stream, field, [value]);
  }
  if (typeof value !== 'number') return null;
  const above = value + 1;
  const below = value - 1;
  switch (operator) {
    case '>=':
      return holds ? value : below;
    case '>':
      return holds ? above : value;
    case '<=':
      return holds ? value : above;
    case '<':
      return holds ? below : value;
    default:
      return null;
  }
}

/** A value of the field that is none of some. */
function another(stream: StreamName, field: string, values: readonly Json[]): Json {
  const known = valuesOf(stream, field)?.find((value) => !values.includes(value));
  if (known !== undefined) return known;
  const [first] = values;
  if (typeof first === 'number') return Math.max(...values.filter((value) => typeof value === 'number')) + 1;
  return typeof first === 'boolean' ? !first : OTHER;
}

function wordsOf(syntax: Syntax, lists: ReadonlyMap<string, Iterable<string>>): Json[] {
  if (syntax.op === 'list')
    return syntax.items.flatMap((item) => (item.op === 'literal' ? [item.value] : []));
  if (syntax.op !== 'call' || syntax.name !== 'list') return [];
  const [name] = syntax.args;
  return name?.op === 'literal' && typeof name.value === 'string' ? [...(lists.get(name.value) ?? [])] : [];
}
