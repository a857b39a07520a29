// Silences that people order: what is sent to order one.
import { z } from 'zod';
import { parseDateTime } from './timestamp.js';

/** A silence has an end, and this is the longest. */
export const SILENCE_MAX_MS = 90 * 86_400_000;

const name = z.string().min(1).max(200, 'at most 200 characters');

const match = z
  .strictObject({
    domain: name.optional(),
    item: name.optional(),
    model: name.optional(),
    key: name.optional().describe('the key of one subject, device or place'),
    region: z
      .string()
      .regex(/^\d{2,12}$/, 'must be the beginning of a region code')
      .optional(),
    levels: z
      .array(z.enum(['blue', 'yellow', 'orange', 'red']))
      .min(1)
      .optional(),
  })
  .refine(
    ({ domain, item, model, key, region }) =>
      [domain, item, model, key, region].some((one) => one !== undefined),
    'must name a domain, item, model, key or region',
  );

/** What is sent: which warnings departments are not to be told of, why, and until when. */
export const SILENCE_SCHEMA = z.strictObject({
  reason: z.string().trim().min(1, 'must say something').max(2_000, 'at most 2000 characters'),
  until: z
    .string()
    .transform((text) => parseDateTime(text) ?? NaN)
    .refine((ms) => !Number.isNaN(ms), 'must be an RFC 3339 time with offset')
    .meta({ type: 'string', format: 'date-time' }),
  match,
});
export type SilenceOrder = z.output<typeof SILENCE_SCHEMA>;
