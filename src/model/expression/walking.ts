// Going through lists: the macros.
import type { Json } from '../../events/event.js';
import type { ExpressionError, Value } from './expression.js';
import { MAX_LIST_LENGTH } from './limits.js';
import { isError, refuse, refuseCondition, TOO_MANY, type Found } from './operations.js';

type Body = (element: Value) => Value;

/** The list to go through, or what the macro yields instead. */
function walk(list: Found): Json[] | null | ExpressionError {
  if (!Array.isArray(list)) return refuse([list], 'a list');
  return list.length > MAX_LIST_LENGTH ? TOO_MANY : list;
}

/** `exists` is `||` over the elements, `all` is `&&`. */
function fold(list: Found, body: Body, deciding: boolean): Value {
  const elements = walk(list);
  if (!Array.isArray(elements)) return elements;
  let result: Value = !deciding;
  for (const item of elements) {
    const value = body(item);
    if (value === deciding) return deciding;
    if (value === !deciding || isError(result)) continue;
    result = refuseCondition(value);
  }
  return result;
}

export function exists(list: Found, body: Body): Value {
  return fold(list, body, true);
}

export function all(list: Found, body: Body): Value {
  return fold(list, body, false);
}

export function existsOne(list: Found, body: Body): Value {
  const elements = walk(list);
  if (!Array.isArray(elements)) return elements;
  let count = 0;
  let unknown: null | undefined;
  for (const item of elements) {
    const value = body(item);
    if (value === true) count++;
    else if (value !== false) {
      const fault = refuseCondition(value);
      if (fault !== null) return fault;
      unknown = null;
    }
  }
  return count > 1 ? false : unknown === null ? null : count === 1;
}

export function filter(list: Found, body: Body): Value {
  const elements = walk(list);
  if (!Array.isArray(elements)) return elements;
  const kept: Json[] = [];
  for (const item of elements) {
    const value = body(item);
    if (value === true) kept.push(item);
    else if (value !== false) {
      const fault = refuseCondition(value);
      if (fault !== null) return fault;
    }
  }
  return kept;
}

export function map(list: Found, body: Body): Value {
  const elements = walk(list);
  if (!Array.isArray(elements)) return elements;
  const mapped: Json[] = [];
  for (const item of elements) {
    const value = body(item);
    if (isError(value)) return value;
    mapped.push(value);
  }
  return mapped;
}

export function mapIf(list: Found, condition: Body, body: Body): Value {
  return map(filter(list, condition), body);
}

/** For `nextChange`: goes through the elements where there are any. */
export function each(list: Found, visit: (element: Value) => void): void {
  const elements = walk(list);
  if (Array.isArray(elements)) for (const item of elements) visit(item);
}
