// How long clear personal values are kept (个人信息保存期), by the stream that brought them.
import { z } from 'zod';
import { DURATION_FORM, LONGEST_SPAN_MS, parseDuration } from './duration.js';

/** What brings clear values into the vault: streams, and what was refused, whose original is kept whole. */
export const PERSONAL_ORIGINS = [
  'complaint',
  'inspection',
  'penalty',
  'credit-change',
  'sensor-reading',
  'opinion',
  'judgment',
  'registration',
  'rectification',
  'dead-letters',
] as const;
export type PersonalOrigin = (typeof PERSONAL_ORIGINS)[number];

const DAY_MS = 86_400_000;

/** By origin, how long after its last arrival a value is kept, in ms; what is not named is kept without end. */
export type PersonalTerms = ReadonlyMap<PersonalOrigin, number>;

export interface RetentionRules {
  readonly personal: PersonalTerms;
}

const term = z
  .string()
  .refine((text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= DAY_MS && ms <= LONGEST_SPAN_MS;
  }, `${DURATION_FORM}, from a day to ten years`)
  .transform((text) => parseDuration(text) ?? LONGEST_SPAN_MS);

/** The schema of catalogue/retention.yaml. */
export const RETENTION_SCHEMA = z.strictObject({
  personal: z.partialRecord(z.enum(PERSONAL_ORIGINS, `one of ${PERSONAL_ORIGINS.join(', ')}`), term),
});

/** From the content of the file to the rules. */
export function retentionOf(content: z.output<typeof RETENTION_SCHEMA> | undefined): RetentionRules {
  const entries = Object.entries(content?.personal ?? {}) as [PersonalOrigin, number][];
  return { personal: new Map(entries) };
}
