// How the open warnings of a department are ranked: the weight of each factor, and how many inspections fit a week.
import { z } from 'zod';
import { DURATION_FORM, LONGEST_SPAN_MS, parseDuration } from './duration.js';

/** What a rank is made of. */
export const QUEUE_FACTORS = ['level', 'age', 'deadline', 'credit'] as const;
export type QueueFactor = (typeof QUEUE_FACTORS)[number];

export interface QueueRules {
  /** Points of each factor where it is at its full; a hundred together. */
  readonly weights: { readonly [factor in QueueFactor]: number };
  /** Which share of its points each level gets, 0 to 1; a warning of no level gets none. */
  readonly levels: {
    readonly red: number;
    readonly orange: number;
    readonly yellow: number;
    readonly blue: number;
  };
  /** Which share of its points each credit class gets, 0 to 1. */
  readonly credit: { readonly [credit: string]: number };
  /** The share of a subject whose class is not known. */
  readonly creditUnknown: number;
  /** The age at which a warning has all points of its age; they grow evenly until then. */
  readonly fullAgeMs: number;
  /** How long before a deadline its points begin to grow; all of them are reached as it passes. */
  readonly nearMs: number;
  /** Inspections a week of a department that names none of its own; null where that is not known. */
  readonly perWeek: number | null;
}

const DAY_MS = 86_400_000;

/** What holds where catalogue/queue.yaml says nothing else. */
export const USUAL_QUEUE: QueueRules = {
  weights: { level: 50, age: 10, deadline: 25, credit: 15 },
  levels: { red: 1, orange: 0.7, yellow: 0.4, blue: 0.1 },
  credit: { A: 0, B: 0.3, C: 0.6, D: 1 },
  creditUnknown: 0.3,
  fullAgeMs: 30 * DAY_MS,
  nearMs: 5 * DAY_MS,
  perWeek: null,
};

const WEIGHT_FORM = 'a whole number from 0 to 100';
const weight = z
  .string()
  .regex(/^(100|[1-9]?\d)$/, WEIGHT_FORM)
  .transform(Number);

const share = z
  .string()
  .regex(/^(0(\.\d{1,3})?|1(\.0{1,3})?)$/, 'a share from 0 to 1, with at most three decimals')
  .transform(Number);

const span = z
  .string()
  .refine((text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= 1_000 && ms <= LONGEST_SPAN_MS;
  }, `${DURATION_FORM}, of a second or more`)
  .transform((text) => parseDuration(text) ?? DAY_MS);

/** Inspections a week. */
export const perWeek = z
  .string()
  .regex(/^(0|[1-9]\d{0,3})$/, 'inspections a week, a whole number from 0 to 9999')
  .transform(Number);

const weights = z
  .strictObject({ level: weight, age: weight, deadline: weight, credit: weight })
  .refine(
    ({ level, age, deadline, credit }) => level + age + deadline + credit === 100,
    'weights that sum to 100',
  );

const levels = z
  .strictObject({ red: share, orange: share, yellow: share, blue: share })
  .refine(
    ({ red, orange, yellow, blue }) => red >= orange && orange >= yellow && yellow >= blue,
    'a graver level with no smaller share than a lesser one',
  );

const credit = z
  .strictObject({ A: share, B: share, C: share, D: share })
  .refine(
    ({ A, B, C, D }) => A <= B && B <= C && C <= D,
    'a worse class with no smaller share than a better one',
  );

/** The schema of catalogue/queue.yaml. */
export const QUEUE_SCHEMA = z.strictObject({
  weights: weights.optional(),
  levels: levels.optional(),
  credit: credit.optional(),
  credit_unknown: share.optional(),
  full_age: span.optional(),
  near: span.optional(),
  inspections_per_week: perWeek.optional(),
});

/** From the content of the file to the rules. */
export function queueRulesOf(content: z.output<typeof QUEUE_SCHEMA> | undefined): QueueRules {
  return {
    weights: content?.weights ?? USUAL_QUEUE.weights,
    levels: content?.levels ?? USUAL_QUEUE.levels,
    credit: content?.credit ?? USUAL_QUEUE.credit,
    creditUnknown: content?.credit_unknown ?? USUAL_QUEUE.creditUnknown,
    fullAgeMs: content?.full_age ?? USUAL_QUEUE.fullAgeMs,
    nearMs: content?.near ?? USUAL_QUEUE.nearMs,
    perWeek: content?.inspections_per_week ?? USUAL_QUEUE.perWeek,
  };
}
