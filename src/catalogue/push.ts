// How messages are kept from becoming noise: grouping, digests, caps, repetition, and what a red warning silences.
import { z } from 'zod';
import { DURATION_FORM, parseDuration } from './duration.js';

export const PUSH_LEVELS = ['blue', 'yellow', 'orange', 'red'] as const;
export type PushLevel = (typeof PUSH_LEVELS)[number];

/** By what messages of one department are put together. */
export const GROUP_FIELDS = ['item', 'region', 'model'] as const;
export type GroupField = (typeof GROUP_FIELDS)[number];

/** Messages of these levels that agree in some fields wait for each other, and go out as one. */
export interface GroupRule {
  readonly levels: readonly PushLevel[];
  readonly by: readonly GroupField[];
  /** From the first message until the group goes out. */
  readonly waitMs: number;
  /** At least so long between two messages of a group. */
  readonly intervalMs: number;
}

/** Messages of these levels go out together: on the hour, or as office hours begin. */
export interface DigestRule {
  readonly levels: readonly PushLevel[];
  readonly at: 'hour' | 'morning';
}

export interface PushRules {
  /** Levels that are withheld while a red warning of the same key and item stands. */
  readonly inhibit: readonly PushLevel[];
  readonly groups: readonly GroupRule[];
  readonly digests: readonly DigestRule[];
  /** Messages an hour and department; red ones count and are never held back. Null for no limit. */
  readonly cap: { readonly perHour: number; readonly departments: ReadonlyMap<string, number> } | null;
  /** How often a warning that nobody signed for is pushed again, ms by level. */
  readonly repeat: ReadonlyMap<PushLevel, number>;
}

export const NO_PUSH_RULES: PushRules = {
  inhibit: [],
  groups: [],
  digests: [],
  cap: null,
  repeat: new Map(),
};

const level = z.enum(PUSH_LEVELS, 'one of red, orange, yellow, blue');
// Red is never held back, so no rule that holds back may name it.
const held = z
  .array(z.enum(['blue', 'yellow', 'orange'], 'one of orange, yellow, blue; red is never held back'))
  .min(1);
const duration = (leastMs: number, mostMs: number) =>
  z
    .string()
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== null && ms >= leastMs && ms <= mostMs;
    }, `${DURATION_FORM}, in a sensible range`)
    .transform((text) => parseDuration(text) ?? leastMs);

const DAY_MS = 86_400_000;
const PER_HOUR_FORM = 'a whole number from 1 to 99999';
const perHour = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, PER_HOUR_FORM)
  .transform(Number);

/** The schema of catalogue/push.yaml. */
export const PUSH_SCHEMA = z.strictObject({
  inhibit: z.array(z.enum(['blue', 'yellow', 'orange'], 'one of orange, yellow, blue')).default([]),
  group: z
    .array(
      z.strictObject({
        levels: held,
        by: z.array(z.enum(GROUP_FIELDS, 'one of item, region, model')).default(['item', 'region']),
        wait: duration(1_000, DAY_MS),
        interval: duration(1_000, 7 * DAY_MS),
      }),
    )
    .max(20, 'at most 20 rules')
    .default([]),
  digest: z
    .array(z.strictObject({ levels: held, at: z.enum(['hour', 'morning'], 'hour or morning') }))
    .max(4, 'at most 4 rules')
    .default([]),
  cap: z
    .strictObject({ per_hour: perHour, departments: z.record(z.string(), perHour).default({}) })
    .optional(),
  repeat: z.partialRecord(level, duration(60_000, 30 * DAY_MS)).default({}),
});

/** From the content of the file to the rules. */
export function pushRulesOf(content: z.output<typeof PUSH_SCHEMA> | undefined): PushRules {
  if (content === undefined) return NO_PUSH_RULES;
  const { inhibit, group, digest, cap, repeat } = content;
  return {
    inhibit,
    groups: group.map(({ levels, by, wait, interval }) => ({
      levels,
      by,
      waitMs: wait,
      intervalMs: interval,
    })),
    digests: digest,
    cap:
      cap === undefined
        ? null
        : { perHour: cap.per_hour, departments: new Map(Object.entries(cap.departments)) },
    repeat: new Map(Object.entries(repeat) as [PushLevel, number][]),
  };
}
