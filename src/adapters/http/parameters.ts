// The parameters of a query: only known ones, each once, whole numbers within a range.
import type { z } from 'zod';
import { Refusal } from './refusal.js';

/** Parsed query: a parameter that stands twice is an array. */
export interface Query {
  readonly [name: string]: string | readonly string[] | undefined;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

const PAGE: ReadonlyMap<string, Range> = new Map([
  ['offset', { min: 0, max: 1_000_000, fallback: 0 }],
  ['limit', { min: 1, max: 500, fallback: 50 }],
]);

/**
 * Reads offset (0 to 1,000,000, else 0) and limit (1 to 500, else 50).
 * @throws Refusal 400 for anything else
 */
export function readPage(query: Query): { offset: number; limit: number } {
  const values = readNumbers(query, PAGE);
  return { offset: values.get('offset') ?? 0, limit: values.get('limit') ?? 0 };
}

/**
 * Reads parameters by a schema, and limit (1 to 500, else 50).
 * @throws Refusal 400 where one is unknown or does not fit; it is named, its value is not
 */
export function readFiltered<S extends z.ZodType>(
  { limit, ...rest }: Query,
  schema: S,
): { readonly filter: z.output<S>; readonly limit: number } {
  const page = readPage(limit === undefined ? {} : { limit });
  const parsed = schema.safeParse(rest);
  if (parsed.success) return { filter: parsed.data, limit: page.limit };
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'query';
  throw new Refusal(400, 'HTTP_PARAMETER', `${place}: ${issue?.message ?? 'not as expected'}.`);
}

/** @throws Refusal 400 where there are parameters at all */
export function readNothing(query: Query): void {
  readNumbers(query, new Map());
}

/** The warning that a path names. @throws Refusal 404 for what can be the id of none */
export function readWarningId(params: unknown): string {
  const { id } = params as { id: string };
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Refusal(404, 'HTTP_NOT_FOUND');
  return id;
}

function readNumbers(query: Query, known: ReadonlyMap<string, Range>): Map<string, number> {
  const values = new Map([...known].map(([name, range]) => [name, range.fallback]));
  for (const [name, text] of Object.entries(query)) {
    const range = known.get(name);
    if (range === undefined || typeof text !== 'string' || !/^(0|[1-9][0-9]{0,8})$/.test(text)) {
      throw new Refusal(400, 'HTTP_PARAMETER', expected(known));
    }
    const value = Number(text);
    if (value < range.min || value > range.max) throw new Refusal(400, 'HTTP_PARAMETER', expected(known));
    values.set(name, value);
  }
  return values;
}

function expected(known: ReadonlyMap<string, Range>): string {
  if (known.size === 0) return 'This path takes none.';
  const ranges = [...known].map(([name, { min, max }]) => `${name} from ${min} to ${max}`);
  return `Each at most once: ${ranges.join(', ')}.`;
}
