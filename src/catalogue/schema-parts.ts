// What several files of the catalogue have in their shape: ids, texts, region codes, terms, levels, channels.
import { z } from 'zod';
import { parseTerm, TERM_FORM } from './duration.js';

/** Ids of items, departments, plans, lists, rules of routes and channels. */
export const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'a name of a-z, 0-9 and -, up to 64 characters, a letter first');

/** Text that says something, of at most so many characters. */
export const text = (max: number) =>
  z.string().trim().min(1, 'text').max(max, `text of at most ${max} characters`);

export const region = z
  .string()
  .regex(/^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/, 'a region code of 2, 4, 6, 9 or 12 digits (GB/T 2260)');

/** How long a department has. */
export const term = z.string().refine((value) => parseTerm(value) !== null, TERM_FORM);

const ALLOWANCES_MAX = 100;

/** Warnings that a file of the catalogue allows under `lint`: of one of its entries, or of all of it, with a reason. */
export const ALLOWANCES = z
  .array(z.strictObject({ allow: z.string(), of: z.string().optional(), because: text(500) }))
  .max(ALLOWANCES_MAX, `at most ${ALLOWANCES_MAX} entries`);

/** The levels of warnings. */
export const warningLevel = z.enum(['red', 'orange', 'yellow', 'blue'], 'one of red, orange, yellow, blue');

/** Names of channels; a department has at least one. */
export const channels = z.array(id).min(1, 'at least one channel').max(10, 'at most 10 channels');
