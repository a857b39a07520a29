// What the functions of the table do, by name: null in, null out; an error passes; wrong types are errors.
import { formatInstant } from '../../events/timestamp.js';
import type { Environment, Value } from './expression.js';
import { localClock, parseDuration, parseInstant, SPAN_SECONDS } from './instant.js';
import { spend, TOO_MUCH } from './effort.js';
import { finite, isError, kindOf, refuse, typeError, type Found } from './operations.js';
import * as text from './text.js';

export type Builtin = (...args: Found[]) => Value;

/** Lets a function spend steps before it runs, by its arguments. */
function metered(run: Builtin, stepsOf: (args: readonly Found[]) => number): Builtin {
  return (...args) => (spend(stepsOf(args)) ? run(...args) : TOO_MUCH);
}

const lengthOf = (value: Found) => (typeof value === 'string' || Array.isArray(value) ? value.length : 0);

/** A few steps a character: what is slowest walks code points. */
const STEPS_A_CHARACTER = 8;
function byLength(args: readonly Found[]): number {
  let length = 0;
  for (const arg of args) length += lengthOf(arg);
  return STEPS_A_CHARACTER * length;
}

/** Where one text is sought in another, at every place. */
function bySeeking(args: readonly Found[]): number {
  const [text, wanted] = args;
  return byLength(args) + (lengthOf(text) * lengthOf(wanted)) / STEPS_A_CHARACTER;
}

/** Steps a character where a text is laid against the beginning or the end of another. */
const STEPS_AT_AN_END = 4;
function byWanted([text, wanted]: readonly Found[]): number {
  return lengthOf(text) < lengthOf(wanted) ? 0 : STEPS_AT_AN_END * lengthOf(wanted);
}

const SEEKING = ['contains', 'indexOf', 'lastIndexOf', 'split', 'replace'];
const WALKING = [
  'size',
  'lowerAscii',
  'upperAscii',
  'trim',
  'reverse',
  'substring',
  'charAt',
  'double',
  'int',
  'duration',
  'timestamp',
  'math.greatest',
  'math.least',
];

/** A text made of a list: as long as its parts. */
function byParts(args: readonly Found[]): number {
  const [list] = args;
  return byLength(args) + (Array.isArray(list) ? byLength(list) : 0);
}

interface Kinds {
  string: string;
  number: number;
  list: Value[];
  any: Exclude<Value, null>;
}

function fits(value: Found, kind: keyof Kinds): boolean {
  if (kind === 'any') return value !== null && value !== undefined && !isError(value);
  return kind === 'list' ? Array.isArray(value) : typeof value === kind;
}

function unary<A extends keyof Kinds>(kind: A, run: (a: Kinds[A]) => Value): Builtin {
  return (a) => (fits(a, kind) ? run(a as Kinds[A]) : refuse([a], kind));
}

function binary<A extends keyof Kinds, B extends keyof Kinds>(
  kindA: A,
  kindB: B,
  run: (a: Kinds[A], b: Kinds[B]) => Value,
): Builtin {
  return (a, b) =>
    fits(a, kindA) && fits(b, kindB)
      ? run(a as Kinds[A], b as Kinds[B])
      : refuse([a, b], `${kindA} and ${kindB}`);
}

/** Of arguments the last of which may be left out. */
function several<const R extends readonly (keyof Kinds)[]>(
  kinds: R,
  run: (...args: { -readonly [I in keyof R]: Kinds[R[I]] }) => Value,
): Builtin {
  return (...args) =>
    args.every((argument, index) => fits(argument, kinds[index] ?? 'any'))
      ? run(...(args as unknown as { -readonly [I in keyof R]: Kinds[R[I]] }))
      : refuse(args, kinds.join(', '));
}

function span(seconds: number): Builtin {
  return unary('number', (count) => finite(count * seconds));
}

function size(value: Exclude<Value, null>): Value {
  if (typeof value === 'string') return text.textSize(value);
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' ? Object.keys(value).length : typeError(`A ${kindOf(value)} has no size.`);
}

function toNumber(value: Exclude<Value, null>): Value {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value))
    return finite(Number(value));
  return typeError(`This ${kindOf(value)} is no number.`);
}

function toWhole(value: Exclude<Value, null>): Value {
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value))
    return typeError('This text is no whole number.');
  const number = toNumber(value);
  return typeof number === 'number' ? Math.trunc(number) + 0 : number;
}

function toBool(value: Exclude<Value, null>): Value {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 't' || value === '1' || value === 'TRUE' || value === 'True') return true;
  if (value === 'false' || value === 'f' || value === '0' || value === 'FALSE' || value === 'False')
    return false;
  return typeError(`This ${kindOf(value)} is no truth value.`);
}

function toText(value: Exclude<Value, null>): Value {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeError(`A ${kindOf(value)} has no text.`);
}

function toInstant(value: Exclude<Value, null>): Value {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseInstant(value) : typeError(`A ${kindOf(value)} is no timestamp.`);
}

/** Halves away from zero; `Math.round` takes them up. */
function round(value: number): number {
  const rounded = Math.round(Math.abs(value));
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

function extreme(better: (a: number, b: number) => boolean): Builtin {
  return (...args) => {
    const values: readonly Found[] = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
    let best: number | null = null;
    for (const value of values) {
      if (typeof value !== 'number') return refuse(values, 'numbers');
      if (best === null || better(value, best)) best = value;
    }
    return best;
  };
}

const BUILTINS: { readonly [name: string]: Builtin } = {
  size: unary('any', size),
  contains: binary('string', 'string', (a, b) => a.includes(b)),
  startsWith: binary('string', 'string', (a, b) => a.startsWith(b)),
  endsWith: binary('string', 'string', (a, b) => a.endsWith(b)),
  lowerAscii: unary('string', text.lowerAscii),
  upperAscii: unary('string', text.upperAscii),
  trim: unary('string', text.trim),
  reverse: unary('string', text.reverse),
  replace: several(['string', 'string', 'string', 'number'], text.replace),
  split: several(['string', 'string', 'number'], text.split),
  join: several(['list', 'string'], text.join),
  substring: several(['string', 'number', 'number'], text.substring),
  indexOf: several(['string', 'string', 'number'], text.indexOf),
  lastIndexOf: several(['string', 'string', 'number'], text.lastIndexOf),
  charAt: binary('string', 'number', text.charAt),
  string: unary('any', toText),
  'string(timestamp)': unary('number', (seconds) =>
    formatInstant(Math.round(seconds * 1000)).replace(/\.?0+Z$/, 'Z'),
  ),
  'string(duration)': unary('number', (seconds) => `${seconds}s`),
  double: unary('any', toNumber),
  int: unary('any', toWhole),
  bool: unary('any', toBool),
  ...Object.fromEntries(Object.entries(SPAN_SECONDS).map(([name, seconds]) => [name, span(seconds)])),
  duration: unary('string', parseDuration),
  timestamp: unary('any', toInstant),
  'math.abs': unary('number', Math.abs),
  'math.ceil': unary('number', (value) => Math.ceil(value) + 0),
  'math.floor': unary('number', Math.floor),
  'math.round': unary('number', round),
  'math.greatest': extreme((a, b) => a > b),
  'math.least': extreme((a, b) => a < b),
};

const METERED: { readonly [name: string]: Builtin } = Object.fromEntries(
  Object.entries(BUILTINS).map(([name, run]) => {
    if (SEEKING.includes(name)) return [name, metered(run, bySeeking)];
    if (name === 'startsWith' || name === 'endsWith') return [name, metered(run, byWanted)];
    if (name === 'join') return [name, metered(run, byParts)];
    return [name, WALKING.includes(name) ? metered(run, byLength) : run];
  }),
);

/** All functions for an environment: its calendar and its zone are bound. */
export function builtinsFor(env: Environment): { readonly [name: string]: Builtin } {
  const workdays = binary('number', 'number', (t1, t2) => {
    const days = env.workdays(t1, t2);
    return typeof days === 'number' ? finite(days) : days;
  });
  return { ...METERED, workdays, local: unary('number', localClock(env.zone)) };
}
