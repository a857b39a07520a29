// What departments were not told at once: for which reasons, and how it is asked for.
import { z } from 'zod';
import { parseDateTime } from './timestamp.js';

/** By which rule; `overtaken` is what was over, or as before, when its turn came, so that nobody hears of it. */
export const WITHHELD_REASONS = [
  'source-silent',
  'muted',
  'inhibited',
  'grouped',
  'digested',
  'capped',
  'overtaken',
] as const;
export type UntoldReason = (typeof WITHHELD_REASONS)[number];

const instant = z
  .string()
  .transform((text) => parseDateTime(text) ?? NaN)
  .refine((ms) => !Number.isNaN(ms), 'an RFC 3339 time with offset')
  .meta({ type: 'string', format: 'date-time' });

/** A query as it is sent; instants are epoch ms here. */
export const WITHHELD_QUERY_SCHEMA = z.strictObject({
  since: instant.optional(),
  until: instant.optional(),
  reason: z
    .enum(WITHHELD_REASONS, `one of ${WITHHELD_REASONS.join(', ')}`)
    .optional()
    .describe('by which rule it was not told'),
  department: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'the id of a department')
    .optional()
    .describe('who was not told'),
  model: z
    .string()
    .regex(/^[a-z0-9/:_-]{1,200}$/, 'the name of a model')
    .optional(),
  before: z
    .string()
    .regex(/^\d{1,15}\.\d{1,15}\.\d{1,15}$/, 'what next said')
    .optional()
    .describe('goes on where the answer before ended: its next'),
});
export type WithheldFilter = z.output<typeof WITHHELD_QUERY_SCHEMA>;
