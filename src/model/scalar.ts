// What a scalar stands for where its type is not declared: parameters and figures in tests.
import { DURATION_FORM, parseDuration } from '../catalogue/duration.js';
import type { FieldType } from '../events/fields.js';
import type { TextNode } from './yaml.js';

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** The form of a number as a regular expression. */
export const NUMBER_PATTERN = NUMBER.source;

export type TypedScalar =
  | { readonly ok: true; readonly type: FieldType; readonly value: string | number | boolean }
  | { readonly ok: false; readonly message: string; readonly expected: string };

/** Reads a number; null where the text is none, or is a whole number beyond 2^53. */
export function parseNumber(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return null;
  return value;
}

/**
 * Types a scalar: `8` and `2.5` are numbers, `true` and `false` bools, `7d` a duration in seconds, the rest text.
 * Quoted scalars are text, so that `'8'` and a code such as `010100` can be written.
 */
export function typeScalar(node: TextNode): TypedScalar {
  const { value } = node;
  if (node.style !== 'plain') return { ok: true, type: { type: 'string' }, value };
  if (value === '')
    return {
      ok: false,
      message: 'the value is missing',
      expected: `a number, true, false, text or ${DURATION_FORM}`,
    };
  if (value === 'true' || value === 'false')
    return { ok: true, type: { type: 'bool' }, value: value === 'true' };
  if (NUMBER.test(value)) {
    const number = parseNumber(value);
    if (number !== null) return { ok: true, type: { type: 'number' }, value: number };
    return {
      ok: false,
      message: `${value} cannot be kept exactly`,
      expected: 'a number below 2^53, or text in quotes',
    };
  }
  const spanMs = parseDuration(value);
  if (spanMs !== null) return { ok: true, type: { type: 'duration' }, value: spanMs / 1000 };
  return { ok: true, type: { type: 'string' }, value };
}
