// The shape of the files beside models, and which keys an event there has.
import { z } from 'zod';
import {
  DURATION_FORM,
  DURATION_PATTERN,
  LONGEST_SPAN_MS,
  parseDuration,
  parseSignedDuration,
  SIGNED_DURATION_PATTERN,
} from '../catalogue/duration.js';
import { STREAMS, type KeyScope, type StreamName } from '../events/event.js';
import { LEVELS } from './model.js';

const CASES_MAX = 200;
const ENTRIES_MAX = 1_000;
const TIMES_MAX = 20_000;
const KEYS_MAX = 200;

/** What a cadence may be said to be broken by: a key, or a whole source. */
export const FEEDS = ['key', 'source'] as const;

/** Milliseconds from the origin; negative before it. */
const offset = z
  .string()
  .transform((value, context) => {
    const offsetMs = parseSignedDuration(value);
    if (offsetMs !== null && Math.abs(offsetMs) <= LONGEST_SPAN_MS) return offsetMs;
    context.issues.push({
      code: 'custom',
      input: value,
      message: `${DURATION_FORM}, with - before the origin`,
    });
    return z.NEVER;
  })
  .meta({ pattern: SIGNED_DURATION_PATTERN });

const every = z
  .string()
  .transform((value, context) => {
    const spanMs = parseDuration(value);
    if (spanMs !== null && spanMs <= LONGEST_SPAN_MS) return spanMs;
    context.issues.push({ code: 'custom', input: value, message: DURATION_FORM });
    return z.NEVER;
  })
  .meta({ pattern: DURATION_PATTERN });

const times = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, `a whole number from 1 to ${TIMES_MAX}`)
  .transform(Number)
  .refine((count) => count <= TIMES_MAX, `a whole number from 1 to ${TIMES_MAX}`)
  .meta({ type: ['integer', 'string'], minimum: 1, maximum: TIMES_MAX });

const fields = z.record(z.string(), z.unknown());
const id = z.string().min(1, 'text').max(128, 'text of at most 128 characters');

const keys = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a name of a-z, 0-9, _ and -, a letter first, up to 32 characters'),
    fields,
  )
  .refine((map) => Object.keys(map).length <= KEYS_MAX, `at most ${KEYS_MAX} names`)
  .default({});

/** Where a case declares keys beside its own. */
export const OTHERS = { subject: 'subjects', device: 'devices', place: 'places' } as const satisfies {
  [scope in KeyScope]: string;
};

const event = z.strictObject({
  at: offset,
  time: offset.optional(),
  id: id.optional(),
  source: id.optional(),
  revokes: id.optional(),
  amends: id.optional(),
  backfill: z.enum(['true', 'false'], 'true or false').optional(),
  subject: id.optional(),
  device: id.optional(),
  place: id.optional(),
  times: times.default(1),
  every: every.optional(),
  ...(Object.fromEntries(STREAMS.map((stream) => [stream, fields.optional()])) as {
    [S in StreamName]: z.ZodOptional<typeof fields>;
  }),
});

const expectation = z
  .object({
    at: offset,
    level: z.enum(LEVELS, `one of ${LEVELS.join(', ')}`),
    key: id.optional(),
    feed: z.enum(FEEDS, `one of ${FEEDS.join(', ')}`).optional(),
  })
  .catchall(z.unknown());

const testCase = z.strictObject({
  name: z.string().trim().min(1, 'text').max(300, 'text of at most 300 characters'),
  subject: fields.optional(),
  device: fields.optional(),
  place: fields.optional(),
  subjects: keys,
  devices: keys,
  places: keys,
  events: z.array(event).max(ENTRIES_MAX, `at most ${ENTRIES_MAX} entries`),
  expect: z.array(expectation).max(ENTRIES_MAX, `at most ${ENTRIES_MAX} entries`),
});

export const TEST_SHAPE = z.strictObject({
  model: z.string(),
  cases: z.array(testCase).min(1, 'at least one case').max(CASES_MAX, `at most ${CASES_MAX} cases`),
});

/** The parts of the shape whose keys are explained to authors. */
export const TEST_PARTS = { testCase, event, expectation };

export type CaseContent = z.output<typeof testCase>;
export type EventContent = z.output<typeof event>;

/** The streams that an event of the file names: one, unless it is faulty or a bare revocation. */
export function streamOf(content: EventContent): StreamName[] {
  return STREAMS.filter((stream) => content[stream] !== undefined);
}
