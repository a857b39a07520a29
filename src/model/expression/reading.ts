// Reading fields: of the event, of the profile, of any object; own ones only, checked against their declaration.
import type { Event, Json } from '../../events/event.js';
import type { FieldType } from '../../events/fields.js';
import type { EvaluationScope, Value } from './expression.js';
import { parseInstant } from './instant.js';
import { MAX_LIST_LENGTH } from './limits.js';
import { isError, kindOf, TOO_MANY, typeError, type Found } from './operations.js';

/** A field of an object, never one that it inherits. */
export function member(object: Found, name: string): Value {
  if (object === null || object === undefined || isError(object)) return object ?? null;
  if (typeof object !== 'object' || Array.isArray(object)) {
    return typeError(`Expected an object with the field ${name}, found ${kindOf(object)}.`);
  }
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}

/** An element of a list, or a field of an object; null where there is none. */
export function element(object: Found, key: Found): Value {
  if (isError(object)) return object;
  if (isError(key)) return key;
  if (object === null || object === undefined || key === null || key === undefined) return null;
  if (Array.isArray(object)) {
    if (typeof key !== 'number' || !Number.isInteger(key))
      return typeError('A list is read by a whole number.');
    return object[key] ?? null;
  }
  return typeof key === 'string' ? member(object, key) : typeError('A field is read by a text.');
}

export function hasMember(object: Found, name: string): Value {
  const found = member(object, name);
  return isError(found) ? found : found !== null;
}

/** A declared field of the event that is not of its primitive type: absent, or wrong. */
export function fieldFault(scope: EvaluationScope, value: Found, name: string, expected: string): Value {
  if (value === null || value === undefined) {
    scope.missing(name);
    return null;
  }
  return typeError(`event.${name}: expected ${expected}, found ${kindOf(value)}.`);
}

/** A declared field of the event that needs conversion or a look inside. */
export function deepField(scope: EvaluationScope, value: Found, type: FieldType, name: string): Value {
  if (value === null || value === undefined) return fieldFault(scope, value, name, type.type);
  return decode(value as Json, type, name);
}

/** From the form in data to the form in expressions: timestamps become seconds, everything is checked. */
function decode(value: Json, type: FieldType, place: string): Value {
  switch (type.type) {
    case 'dyn':
      return value;
    case 'timestamp': {
      if (typeof value !== 'string') break;
      const seconds = parseInstant(value);
      return isError(seconds) ? typeError(`event.${place}: ${seconds.message}`) : seconds;
    }
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'number':
    case 'duration':
      if (typeof value === 'number') return value;
      break;
    case 'list':
      if (Array.isArray(value)) return decodeList(value, type.element, place);
      break;
    case 'object':
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
        return decodeObject(value, type.fields, place);
      }
      break;
  }
  return typeError(`event.${place}: expected ${type.type}, found ${kindOf(value)}.`);
}

function decodeList(list: Json[], type: FieldType, place: string): Value {
  if (list.length > MAX_LIST_LENGTH) return TOO_MANY;
  const decoded: Json[] = [];
  for (const value of list) {
    const converted = value === null ? null : decode(value, type, `${place}[]`);
    if (isError(converted)) return converted;
    decoded.push(converted);
  }
  return decoded;
}

function decodeObject(
  object: { [name: string]: Json },
  fields: { readonly [name: string]: { readonly type: FieldType } },
  place: string,
): Value {
  const decoded: { [name: string]: Json } = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(object, name) ? (object[name] ?? null) : null;
    const converted = value === null ? null : decode(value, field.type, `${place}.${name}`);
    if (isError(converted)) return converted;
    decoded[name] = converted;
  }
  return decoded;
}

/** `event` as a value: its declared fields and its envelope. */
export function wholeEvent(event: Event, fields: readonly (readonly [string, FieldType])[]): Value {
  const whole: { [name: string]: Json } = {};
  for (const [name, type] of fields) {
    const value = Object.hasOwn(event.data, name) ? (event.data[name] ?? null) : null;
    const converted = value === null ? null : decode(value, type, name);
    if (isError(converted)) return converted;
    whole[name] = converted;
  }
  const { id, source, stream } = event;
  return { ...whole, id, source, stream, time: event.time / 1000, at: event.at / 1000 };
}

/** A declared fact of the profile that is not of its primitive type. */
export function factFault(value: Found, name: string, expected: string): Value {
  if (value === null || value === undefined) return null;
  return typeError(`The profile's ${name}: expected ${expected}, found ${kindOf(value)}.`);
}

/** A fact that is a list, an object or of any type. */
export function deepFact(value: Found, expected: string, name: string): Value {
  if (value === null || value === undefined || expected === 'dyn' || kindOf(value) === expected)
    return value ?? null;
  return factFault(value, name, expected);
}

/** A field by a name that was not declared. */
export function own(object: { readonly [name: string]: Json }, name: string): Json {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}

/** Milliseconds since the event that a `since` indicator counts from; null without one. */
export function elapsedMs(scope: EvaluationScope, index: number): Value {
  const value = scope.values[index];
  if (isError(value)) return value;
  const elapsed = scope.now - (scope.anchors[index] ?? Number.NaN);
  return Number.isNaN(elapsed) ? null : elapsed;
}
