// What an event brings into a sequence: which steps it can serve, and what of it is asked later. Decided at arrival.
import type { JsonObject, SourceName } from '../events/event.js';
import type { Fields } from '../events/fields.js';
import { declarationOf } from '../events/sources.js';
import { eventEnvironment, fieldsOfAll, type ModelNames } from './environment.js';
import { compileExpression } from './expression/compile.js';
import {
  ExpressionError,
  type EvaluationScope,
  type Expression,
  type Value,
} from './expression/expression.js';
import { isEnvelopeName } from './expression/term.js';
import type { SequenceStep } from './model.js';

/** What one step asks of an event that arrives. */
export interface StepAtArrival {
  readonly from: readonly SourceName[];
  /** Null where there is none, or where it names an earlier step. */
  readonly where: Expression | null;
  /** The part of a condition naming an earlier step that names none, so that it is false at arrival or later alike. */
  readonly known: Expression | null;
  /** What later steps read of it, in the form of expressions. */
  readonly kept: readonly (readonly [string, Expression])[];
  /** The fields of its data that the condition of this step reads while matching, and whether one that is missing counts. */
  readonly data: readonly (readonly [string, boolean])[];
}

/** What is known of a step before it is known what later ones read. */
export type StepCondition = Omit<StepAtArrival, 'kept' | 'data'>;

/**
 * An entry of a sequence: the steps that the event can serve, bit by bit. Where matching needs more of it, a list: the
 * bits; the fields of its data that conditions of its own steps read, or null; by the name of a step what later steps
 * read of it, instants as seconds, or null.
 */
export type SequenceEntry = number | [number, JsonObject | null, { [step: string]: JsonObject } | null];

/**
 * The argument of a sequence: what enters its window for the event of the scope; null where it can serve no step.
 * @param read what steps read of earlier ones, as `order.deadline` or `order`
 */
export function sequenceArgument(
  names: ModelNames,
  steps: readonly { readonly at: StepCondition; readonly step: SequenceStep }[],
  read: ReadonlySet<string>,
): Expression {
  const asked = steps.map(({ at, step }) => {
    return { ...at, kept: keptOf(names, at.from, step.as, read), data: dataOf(at, step.join), step };
  });
  const expressions = asked.flatMap(({ where, known, kept, step }) => [
    ...[where, known, step.join, step.until].filter((one) => one !== null),
    ...kept.map(([, one]) => one),
  ]);
  return {
    source: asked.map(({ where, step }) => (where ?? step.join)?.source.trim() ?? 'true').join(' || '),
    type: { type: 'dyn' },
    nullable: true,
    cost: expressions.reduce((total, { cost }) => total + cost, 0),
    reads: allReads(expressions),
    run: (scope) => entryOf(asked, scope),
    nextChange: () => Infinity,
  };
}

/** What an expression reads that reads nothing. */
export const NOTHING_READ: Expression['reads'] = {
  event: [],
  profile: [],
  owner: [],
  params: [],
  indicators: [],
  lists: [],
  steps: [],
  now: false,
};

/** What any of several expressions reads; earlier steps and the clock are no matter of the arrival. */
function allReads(expressions: readonly Expression[]): Expression['reads'] {
  const all = new Map<string, Set<string>>();
  for (const { reads } of expressions) {
    for (const [kind, names] of Object.entries(reads)) {
      if (typeof names === 'boolean') continue;
      const known = all.get(kind) ?? new Set();
      for (const name of names) known.add(name);
      all.set(kind, known);
    }
  }
  const sorted = Object.fromEntries([...all].map(([kind, names]) => [kind, [...names].sort()]));
  return { ...NOTHING_READ, ...sorted, steps: [] };
}

type AskedStep = StepAtArrival & { readonly step: SequenceStep };

function entryOf(steps: readonly AskedStep[], scope: EvaluationScope): Value {
  const { event } = scope;
  if (event === null) return null;
  let bits = 0;
  let data: JsonObject | null = null;
  let named: { [step: string]: JsonObject } | null = null;
  for (const [position, { from, where, known, kept, data: asked, step }] of steps.entries()) {
    if (!(from as readonly string[]).includes(event.stream)) continue;
    // What is null or an error there is left to the whole condition, in which another part may decide.
    if (known?.run(scope) === false) continue;
    if (where !== null) {
      const serves = where.run(scope);
      if (serves instanceof ExpressionError) return serves;
      if (serves !== true) continue;
    }
    bits |= 1 << position;
    if (asked.length > 0) keepData((data ??= {}), asked, event, scope);
    if (step.as === null || kept.length === 0) continue;
    const fields: JsonObject = {};
    for (const [name, field] of kept) {
      const value = field.run(scope);
      if (value instanceof ExpressionError) return value;
      fields[name] = value;
    }
    named ??= {};
    named[step.as] = fields;
  }
  if (bits === 0) return null;
  return data === null && named === null ? bits : [bits, data, named];
}

/** Keeps the fields of the data that a condition reads, as they came. */
function keepData(
  kept: JsonObject,
  asked: StepAtArrival['data'],
  { data }: { readonly data: JsonObject },
  scope: EvaluationScope,
): void {
  for (const [name, counts] of asked) {
    const value = Object.hasOwn(data, name) ? (data[name] ?? null) : null;
    if (value !== null) kept[name] = value;
    else if (counts) scope.missing(name);
  }
}

function dataOf({ from, known }: StepCondition, join: Expression | null): [string, boolean][] {
  const declared = fieldsOfAll(from);
  const names = (join?.reads.event ?? []).filter((name) => !isEnvelopeName(name));
  return names.map((name) => [name, Object.hasOwn(declared, name) && !known?.reads.event.includes(name)]);
}

/** What later steps read of a step, each with the expression that takes it from the event. */
function keptOf(
  names: ModelNames,
  from: readonly SourceName[],
  as: string | null,
  read: ReadonlySet<string>,
): [string, Expression][] {
  if (as === null) return [];
  const environment = eventEnvironment(names, from);
  const declared = Object.keys(environment.event ?? {});
  const wanted = read.has(as)
    ? declared
    : [...read].filter((name) => name.startsWith(`${as}.`)).map((name) => name.slice(as.length + 1));
  return wanted.map((name) => {
    const source = name === 'id' ? recordNumber(from) : `event[${JSON.stringify(name)}]`;
    const result = compileExpression(source, environment);
    if (!result.ok) throw new Error(`the field ${name} of the step ${as} cannot be read: ${source}`);
    return [name, result.expression];
  });
}

/** The fields of a step's event, as later steps read them. */
export function stepFields(from: readonly SourceName[]): Fields {
  const fields = fieldsOfAll(from);
  const isOptional = ({ number }: { number: string | null }) =>
    number !== null && fields[number]?.optional === true;
  const optional = from.some((stream) => isOptional(declarationOf(stream)));
  return { ...fields, id: { type: { type: 'string' }, optional } };
}

/**
 * The id of a step's event, by which other events name it: its number in the records where the stream has one, as
 * `inspection` of an inspection, else its own id.
 */
function recordNumber(from: readonly SourceName[]): string {
  let source = 'event.id';
  for (const stream of from) {
    const { number } = declarationOf(stream);
    const own = number === null ? 'event.id' : `event.${number}`;
    source = from.length === 1 ? own : `event.stream == "${stream}" ? ${own} : ${source}`;
  }
  return source;
}
