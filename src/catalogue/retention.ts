// How long events are kept (数据保存期), and clear personal values (个人信息保存期), by the stream that brought them.
import { z } from 'zod';
import { STREAMS, type StreamName } from '../events/event.js';
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

/** Streams that make the profiles: whoever reads history anew needs all of them, so they have no term. */
export const REGISTERS: readonly StreamName[] = ['registration', 'credit-change'];

/** By stream, how long after its arrival an event is kept, in ms; what is not named is kept without end. */
export type EventTerms = ReadonlyMap<StreamName, number>;

export interface RetentionRules {
  readonly personal: PersonalTerms;
  readonly events: EventTerms;
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
  personal: z
    .partialRecord(z.enum(PERSONAL_ORIGINS, `one of ${PERSONAL_ORIGINS.join(', ')}`), term)
    .optional(),
  events: z.partialRecord(z.enum(STREAMS, `one of ${STREAMS.join(', ')}`), term).optional(),
});

/** From the content of the file to the rules. */
export function retentionOf(content: z.output<typeof RETENTION_SCHEMA> | undefined): RetentionRules {
  const personal = Object.entries(content?.personal ?? {}) as [PersonalOrigin, number][];
  const events = Object.entries(content?.events ?? {}) as [StreamName, number][];
  return { personal: new Map(personal), events: new Map(events) };
}
