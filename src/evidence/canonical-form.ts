// Canonical JSON (RFC 8785), for the values that evidence is made of in the fewest steps.
import canonicalize from 'canonicalize';

/** Deeper values are left to the library, which sees circles. */
const DEPTH_MAX = 100;
const DIGIT_ZERO = 0x30;
const DIGIT_NINE = 0x39;
/** Stands for a value that the library must judge. */
const UNUSUAL = Symbol('unusual');

/** Part of ES2024, which the compiler's library does not know yet and every supported Node has. */
interface WellFormedText {
  isWellFormed(): boolean;
}

export interface Canonical {
  readonly text: string;
  /** What decoding the text gives, so far as it was not the value itself; it may share parts with that. */
  readonly value: unknown;
}

/** Canonical JSON (RFC 8785). @throws TypeError on what JSON cannot say */
export function canonicalForm(record: unknown): string {
  return canonical(record).text;
}

/**
 * Canonical JSON (RFC 8785). What JSON.stringify writes is canonical once the names of every object are in order, so
 * objects are put in order and written in one go; the rare values of which that is not true go to the library.
 * @throws TypeError on what JSON cannot say
 */
export function canonical(record: unknown): Canonical {
  const ordered = inOrder(record, 0);
  const text = ordered === UNUSUAL ? canonicalize(record) : JSON.stringify(ordered);
  if (text === undefined) throw new TypeError('a record without a JSON form cannot be evidence');
  return { text, value: ordered === UNUSUAL ? JSON.parse(text) : ordered };
}

/** The value with the names of its objects in order, itself where they are. */
function inOrder(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return (value as unknown as WellFormedText).isWellFormed() ? value : UNUSUAL;
    case 'number':
      // JSON knows no negative zero.
      return Number.isFinite(value) ? value + 0 : UNUSUAL;
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return value;
      if (depth === DEPTH_MAX) return UNUSUAL;
      if (Array.isArray(value)) return elementsInOrder(value, depth + 1);
      return namesInOrder(value as Readonly<Record<string, unknown>>, depth + 1);
    default:
      return UNUSUAL;
  }
}

function elementsInOrder(list: readonly unknown[], depth: number): unknown {
  let changed: unknown[] | null = null;
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    const ordered = inOrder(element, depth);
    if (ordered === UNUSUAL) return UNUSUAL;
    if (!Object.is(ordered, element)) (changed ??= list.slice())[index] = ordered;
  }
  return changed ?? list;
}

function namesInOrder(object: Readonly<Record<string, unknown>>, depth: number): unknown {
  if (typeof object['toJSON'] === 'function') return UNUSUAL;
  const names = Object.keys(object);
  let changed = false;
  let previous = '';
  for (const name of names) {
    // Names that are numbers stand first in an object whatever was set first, and one name sets something else.
    const first = name.charCodeAt(0);
    if ((first >= DIGIT_ZERO && first <= DIGIT_NINE) || name === '__proto__') return UNUSUAL;
    if (!(name as unknown as WellFormedText).isWellFormed()) return UNUSUAL;
    if (name < previous) changed = true;
    previous = name;
  }
  if (changed) names.sort();
  const copy: Record<string, unknown> = {};
  for (const name of names) {
    const value = object[name];
    if (value === undefined) {
      changed = true;
      continue;
    }
    const ordered = inOrder(value, depth);
    if (ordered === UNUSUAL) return UNUSUAL;
    if (!Object.is(ordered, value)) changed = true;
    copy[name] = ordered;
  }
  return changed ? copy : object;
}
