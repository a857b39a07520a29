// Functions over texts. Positions count characters (code points), as CEL has it.
import { ExpressionError, type Value } from './expression.js';
import { MAX_LIST_LENGTH, MAX_TEXT_LENGTH } from './limits.js';
import { refuse, TOO_LONG, TOO_MANY, typeError } from './operations.js';

const SURROGATE = /[\ud800-\udfff]/;
/** White space as Unicode has it; JavaScript's own set differs in two characters. */
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING_SPACE = new RegExp(`^${SPACE}+`);
const SPACE_CHARACTER = new RegExp(SPACE);

function outside(name: string, position: number, length: number): ExpressionError {
  return new ExpressionError(
    'EXPR_RANGE',
    `${name}: position ${position} is outside a text of ${length} characters.`,
  );
}

export function textSize(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let size = 0;
  for (const _ of text) size++;
  return size;
}

export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function trim(text: string): string {
  // From the end by hand: a pattern anchored there would try every run of spaces in the text.
  let end = text.length;
  while (end > 0 && SPACE_CHARACTER.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end).replace(LEADING_SPACE, '');
}

export function reverse(text: string): string {
  return [...text].reverse().join('');
}

export function replace(text: string, from: string, to: string, limit = -1): Value {
  if (!Number.isInteger(limit)) return typeError('replace: the number of times is a whole number.');
  if (limit === 0) return text;
  const pieces = from === '' ? ['', ...text] : text.split(from);
  if (from === '') pieces.push('');
  const times = limit < 0 ? pieces.length - 1 : Math.min(limit, pieces.length - 1);
  if (text.length + times * (to.length - from.length) > MAX_TEXT_LENGTH) return TOO_LONG;
  const rest = pieces.slice(times).join(from);
  return [...pieces.slice(0, times), rest].join(to);
}

export function split(text: string, separator: string, limit = -1): Value {
  if (!Number.isInteger(limit)) return typeError('split: the number of parts is a whole number.');
  if (limit === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit > 0 && parts.length > limit) {
    parts.push(parts.splice(limit - 1).join(separator));
  }
  return parts.length > MAX_LIST_LENGTH ? TOO_MANY : parts;
}

export function join(list: readonly Value[], separator = ''): Value {
  if (list.length > MAX_LIST_LENGTH) return TOO_MANY;
  const parts: string[] = [];
  let length = Math.max(list.length - 1, 0) * separator.length;
  for (const part of list) {
    if (typeof part !== 'string') return refuse([part], 'a list of texts');
    length += part.length;
    if (length > MAX_TEXT_LENGTH) return TOO_LONG;
    parts.push(part);
  }
  return parts.join(separator);
}

/** The UTF-16 index of a character position, or undefined beyond the end. */
function unitIndex(text: string, position: number): number | undefined {
  if (position < 0 || !Number.isInteger(position)) return undefined;
  if (!SURROGATE.test(text)) return position <= text.length ? position : undefined;
  let index = 0;
  for (let passed = 0; passed < position; passed++) {
    const point = text.codePointAt(index);
    if (point === undefined) return undefined;
    index += point > 0xffff ? 2 : 1;
  }
  return index;
}

export function substring(text: string, from: number, to?: number): Value {
  const start = unitIndex(text, from);
  if (start === undefined) return outside('substring', from, textSize(text));
  if (to === undefined) return text.slice(start);
  const end = unitIndex(text, to);
  if (end === undefined || to < from) return outside('substring', to, textSize(text));
  return text.slice(start, end);
}

export function charAt(text: string, position: number): Value {
  const index = unitIndex(text, position);
  if (index === undefined) return outside('charAt', position, textSize(text));
  const point = text.codePointAt(index);
  return point === undefined ? '' : String.fromCodePoint(point);
}

export function indexOf(text: string, wanted: string, from = 0): Value {
  const start = unitIndex(text, from);
  if (start === undefined) return outside('indexOf', from, textSize(text));
  const found = text.indexOf(wanted, start);
  return found < 0 ? -1 : textSize(text.slice(0, found));
}

export function lastIndexOf(text: string, wanted: string, from?: number): Value {
  const start = from === undefined ? text.length : unitIndex(text, from);
  if (start === undefined) return outside('lastIndexOf', from ?? 0, textSize(text));
  const found = text.lastIndexOf(wanted, start);
  return found < 0 ? -1 : textSize(text.slice(0, found));
}
