// Operators where the fast path of generated code does not fit: nulls, errors, wrong types, deep values.
import type { Json, JsonObject } from '../../events/event.js';
import { spend, TOO_MUCH } from './effort.js';
import { ExpressionError, type Value } from './expression.js';
import { MAX_DATA_DEPTH, MAX_LIST_LENGTH, MAX_TEXT_LENGTH } from './limits.js';

/** A value as generated code hands it over: a slot that was never filled counts as null. */
export type Found = Value | undefined;

const TOO_LARGE = new ExpressionError('EXPR_NUMBER', 'The result is too large for a number.');
export const TOO_MANY = new ExpressionError(
  'EXPR_LIMIT',
  `A list has more than ${MAX_LIST_LENGTH} elements.`,
);
export const TOO_LONG = new ExpressionError(
  'EXPR_LIMIT',
  `A text is longer than ${MAX_TEXT_LENGTH} characters.`,
);
const TOO_DEEP = new ExpressionError('EXPR_LIMIT', `A value is nested deeper than ${MAX_DATA_DEPTH}.`);

export function isError(value: unknown): value is ExpressionError {
  return value instanceof ExpressionError;
}

/** The type of a value in the words of the dialect; never the value itself, it may be personal. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'list';
  return typeof value;
}

export function typeError(message: string): ExpressionError {
  return new ExpressionError('EXPR_TYPE', message);
}

/** For operands that are not all of the type needed: an error if there is one, else null if there is one, else EXPR_TYPE. */
export function refuse(operands: readonly unknown[], expected: string): null | ExpressionError {
  for (const operand of operands) if (isError(operand)) return operand;
  for (const operand of operands) if (operand === null || operand === undefined) return null;
  return typeError(`Expected ${expected}, found ${operands.map(kindOf).join(' and ')}.`);
}

// Arithmetic.

export function finite(value: number): number | ExpressionError {
  return value - value === 0 ? value : TOO_LARGE;
}

export function refuseNumbers(a: Found, b: Found): null | ExpressionError {
  return refuse([a, b], 'numbers');
}

export function divide(a: Found, b: Found): Value {
  if (typeof a !== 'number' || typeof b !== 'number') return refuseNumbers(a, b);
  return b === 0 ? null : finite(a / b);
}

export function remainder(a: Found, b: Found): Value {
  if (typeof a !== 'number' || typeof b !== 'number') return refuseNumbers(a, b);
  if (!Number.isInteger(a) || !Number.isInteger(b)) return typeError('% needs whole numbers.');
  return b === 0 ? null : (a % b) + 0;
}

export function negate(a: Found): Value {
  return typeof a === 'number' ? -a : refuse([a], 'a number');
}

/** `+` where only the run shows what it adds: numbers, texts or lists. */
export function add(a: Found, b: Found): Value {
  if (typeof a === 'number' && typeof b === 'number') return finite(a + b);
  if (Array.isArray(a) && Array.isArray(b)) return joinLists(a, b);
  return joinTexts(a, b);
}

export function joinTexts(a: Found, b: Found): Value {
  if (typeof a !== 'string' || typeof b !== 'string') return refuse([a, b], 'values that + can join');
  const { length } = a;
  if (length + b.length > MAX_TEXT_LENGTH) return TOO_LONG;
  return spend(length + b.length) ? a + b : TOO_MUCH;
}

export function joinLists(a: Found, b: Found): Value {
  if (!Array.isArray(a) || !Array.isArray(b)) return refuse([a, b], 'lists');
  if (a.length + b.length > MAX_LIST_LENGTH) return TOO_MANY;
  return spend(a.length + b.length) ? [...a, ...b] : TOO_MUCH;
}

/** A written list: an error among its elements is the error of the list. */
export function listOf(elements: readonly Found[]): Value {
  const list: Json[] = [];
  for (const element of elements) {
    if (isError(element)) return element;
    list.push(element ?? null);
  }
  return list;
}

// Logic. The generated code has already dealt with an operand that decides.

export function refuseCondition(a: Found): null | ExpressionError {
  return refuse([a], 'a condition');
}

/** `!`, and the condition of `? :`, of what is no truth value. */
export function not(a: Found): null | ExpressionError {
  return refuseCondition(a);
}

/** `&&` and `||` of operands of which none decides and not both are truth values that do not decide. */
export function undecided(a: Found, b: Found): null | ExpressionError {
  const first = typeof a === 'boolean' ? null : refuseCondition(a);
  if (first !== null) return first;
  return typeof b === 'boolean' ? null : refuseCondition(b);
}

// Comparison.

/** Negative, zero or positive; texts by code point. */
function order(a: Found, b: Found): number | null | ExpressionError {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') {
    return spend(Math.min(a.length, b.length)) ? orderTexts(a, b) : TOO_MUCH;
  }
  return refuse([a, b], 'two numbers or two texts');
}

/** As CEL orders: by code point, where JavaScript compares halves of surrogate pairs. */
function orderTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftHalf = left >= 0xd800 && left <= 0xdfff;
    const rightHalf = right >= 0xd800 && right <= 0xdfff;
    return leftHalf === rightHalf ? left - right : leftHalf ? 1 : -1;
  }
  return a.length - b.length;
}

export function less(a: Found, b: Found): Value {
  const sign = order(a, b);
  return typeof sign === 'number' ? sign < 0 : sign;
}

export function lessOrEqual(a: Found, b: Found): Value {
  const sign = order(a, b);
  return typeof sign === 'number' ? sign <= 0 : sign;
}

export function greater(a: Found, b: Found): Value {
  return less(b, a);
}

export function greaterOrEqual(a: Found, b: Found): Value {
  return lessOrEqual(b, a);
}

export function equal(a: Found, b: Found): Value {
  if (isError(a)) return a;
  if (isError(b)) return b;
  if (a === null || b === null || a === undefined || b === undefined) return null;
  return same(a, b, 0);
}

export function notEqual(a: Found, b: Found): Value {
  const result = equal(a, b);
  return typeof result === 'boolean' ? !result : result;
}

/** Characters of two texts of one length that are compared in a step; texts of unlike lengths differ at once. */
export const CHARACTERS_A_STEP = 16;
/** Steps to look at one value within a list or an object. */
const STEPS_A_VALUE = 4;

/** An error where the values are nested too deep or there are too many. Unlike types are never the same, as in CEL. */
function same(a: Json, b: Json, depth: number): boolean | ExpressionError {
  if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) {
    return spend(a.length / CHARACTERS_A_STEP) ? a === b : TOO_MUCH;
  }
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (depth >= MAX_DATA_DEPTH) return TOO_DEEP;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) {
      if (!spend(STEPS_A_VALUE)) return TOO_MUCH;
      const result = same(a[index] ?? null, b[index] ?? null, depth + 1);
      if (result !== true) return result;
    }
    return true;
  }
  return sameFields(a, b, depth);
}

function sameFields(a: JsonObject, b: JsonObject, depth: number): boolean | ExpressionError {
  const names = Object.keys(a);
  if (!spend(STEPS_A_VALUE * names.length)) return TOO_MUCH;
  if (names.length !== Object.keys(b).length) return false;
  for (const name of names) {
    if (!Object.hasOwn(b, name)) return false;
    if (!spend(STEPS_A_VALUE)) return TOO_MUCH;
    const result = same(a[name] ?? null, b[name] ?? null, depth + 1);
    if (result !== true) return result;
  }
  return true;
}

export function isNull(a: Found, negated: boolean): Value {
  if (isError(a)) return a;
  return (a === null || a === undefined) !== negated;
}

// Membership.

export function inSet(item: Found, set: ReadonlySet<unknown>, textOnly: boolean): Value {
  if (isError(item)) return item;
  if (item === null || item === undefined) return null;
  if (textOnly && typeof item !== 'string') return refuse([item], 'a text');
  return set.has(item);
}

export function isIn(item: Found, container: Found): Value {
  if (isError(item)) return item;
  if (isError(container)) return container;
  if (item === null || item === undefined || container === null || container === undefined) return null;
  if (Array.isArray(container)) return isAmong(item, container);
  if (typeof container !== 'object') return refuse([container], 'a list');
  return typeof item === 'string' ? Object.hasOwn(container, item) : refuse([item], 'the name of a field');
}

/** An element that cannot be compared is not the one sought; only the cost of comparing ends the search. */
function isAmong(item: Json, list: readonly Json[]): Value {
  if (list.length > MAX_LIST_LENGTH) return TOO_MANY;
  if (typeof item !== 'object' && typeof item !== 'string') return list.includes(item);
  for (const element of list) {
    const result = same(item, element, 0);
    if (result === true || result === TOO_MUCH) return result;
  }
  return false;
}
