// What `data` may hold at all, before any schema: bounded depth and size, exact numbers, harmless names.
import type { Refusal } from './refusal.js';

export interface DataLimits {
  /** Levels of objects and arrays, `data` itself being the first. */
  readonly depth: number;
  /** Fields of one object. */
  readonly fields: number;
  /** Elements of one array. */
  readonly elements: number;
  /** UTF-16 units of one string. */
  readonly characters: number;
  /** UTF-16 units of a field's name. */
  readonly nameCharacters: number;
  /** Values in all, at any depth. */
  readonly values: number;
}

export const DATA_LIMITS: DataLimits = {
  depth: 8,
  fields: 200,
  elements: 1000,
  characters: 16_384,
  nameCharacters: 128,
  values: 10_000,
};

/** Names that reach the prototype of a JavaScript object. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Part of ES2024, which the compiler's library does not know yet and every supported Node has. */
interface WellFormedText {
  isWellFormed(): boolean;
}

/**
 * What in a JSON value breaks the limits, or undefined.
 * @param path name of the value in messages, for example `data`.
 */
export function dataFault(value: unknown, path: string, limits: DataLimits): Refusal | undefined {
  return new Inspection(limits).value(value, path, 1);
}

class Inspection {
  private seen = 0;

  constructor(private readonly limits: DataLimits) {}

  value(value: unknown, path: string, depth: number): Refusal | undefined {
    if (++this.seen > this.limits.values) return fault(path, `more than ${this.limits.values} values in all`);
    switch (typeof value) {
      case 'string':
        return this.text(value, path);
      case 'number':
        return number(value, path);
      case 'boolean':
        return undefined;
      case 'object':
        if (value === null) return undefined;
        if (depth > this.limits.depth) return fault(path, `nested deeper than ${this.limits.depth} levels`);
        return Array.isArray(value) ? this.array(value, path, depth) : this.object(value, path, depth);
      default:
        return fault(path, 'not a JSON value');
    }
  }

  private text(text: string, path: string): Refusal | undefined {
    if (text.length > this.limits.characters) {
      return fault(path, `longer than ${this.limits.characters} characters; send a reference instead`);
    }
    return isWellFormed(text) ? undefined : fault(path, 'half of a surrogate pair; send well-formed Unicode');
  }

  private array(array: readonly unknown[], path: string, depth: number): Refusal | undefined {
    if (array.length > this.limits.elements) {
      return fault(path, `more than ${this.limits.elements} elements`);
    }
    for (let i = 0; i < array.length; i++) {
      const found = this.value(array[i], path, depth + 1);
      // Paths are put together only on the way back from a fault: the usual case builds no strings.
      if (found !== undefined) return within(found, path, `[${i}]`);
    }
    return undefined;
  }

  private object(object: object, path: string, depth: number): Refusal | undefined {
    let fields = 0;
    for (const name in object) {
      if (!Object.hasOwn(object, name)) continue;
      if (++fields > this.limits.fields) return fault(path, `more than ${this.limits.fields} fields`);
      if (FORBIDDEN_NAMES.has(name)) return fault(`${path}.${name}`, 'a forbidden field name; rename it');
      if (name.length > this.limits.nameCharacters || !isWellFormed(name)) {
        return fault(path, `a field name longer than ${this.limits.nameCharacters} characters or malformed`);
      }
      const found = this.value((object as Record<string, unknown>)[name], path, depth + 1);
      if (found !== undefined) return within(found, path, `.${name}`);
    }
    return undefined;
  }
}

function number(value: number, path: string): Refusal | undefined {
  if (!Number.isFinite(value)) return fault(path, 'not a finite number');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return {
      ok: false,
      code: 'EVENT_NUMBER',
      field: path,
      message: 'a whole number beyond 2^53 cannot be kept exactly; send identifiers as strings',
    };
  }
  return undefined;
}

/** Whether every surrogate has its other half; only such text survives UTF-8 and canonical JSON. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormedText).isWellFormed();
}

/**
 * Whether a value is a text within the limits.
 * @param wellFormed whether it is known to hold whole surrogate pairs only
 */
export function isPlainText(value: unknown, wellFormed = false): value is string {
  return (
    typeof value === 'string' && value.length <= DATA_LIMITS.characters && (wellFormed || isWellFormed(value))
  );
}

/** Whether a value is a number that is kept exactly, by JSON too, which writes -0 as 0. */
export function isPlainNumber(value: unknown): value is number {
  if (typeof value !== 'number' || Object.is(value, -0)) return false;
  return (value > -SAFE && value < SAFE) || number(value, '') === undefined;
}

const SAFE = Number.MAX_SAFE_INTEGER;

/** Whether a field may have a name. */
export function isHarmlessName(name: string): boolean {
  return !FORBIDDEN_NAMES.has(name) && name.length <= DATA_LIMITS.nameCharacters && isWellFormed(name);
}

function fault(field: string, message: string): Refusal {
  return { ok: false, code: 'EVENT_DATA', field, message };
}

/** Inserts one step after the path of the container, so that the innermost step ends up last. */
function within(refusal: Refusal, path: string, step: string): Refusal {
  return { ...refusal, field: path + step + (refusal.field ?? path).slice(path.length) };
}
