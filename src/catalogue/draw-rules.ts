// Double-random inspection (双随机): which share of each credit class is drawn, and in what time it is inspected.
import { z } from 'zod';
import { parseTerm } from './duration.js';
import { term } from './schema-parts.js';
import { URGING_SCHEMA, USUAL_URGING, type UrgeStep } from './urging.js';

/** Credit classes as strata of a draw, the best first; `unknown` is for subjects without one. */
export const DRAW_CLASSES = ['A', 'B', 'C', 'D', 'unknown'] as const;
export type DrawClass = (typeof DRAW_CLASSES)[number];

/** Percent of each class, 0 to 100, at most two decimals. */
export type DrawShares = { readonly [credit in DrawClass]: number };

export interface DrawRules {
  readonly shares: DrawShares;
  /** Working days, counted from the draw: `20 workdays`. */
  readonly due: string;
  /** A term from the draw within which each department signs for a task. */
  readonly sign: string;
  readonly urge: readonly UrgeStep[];
}

/** The longest that an inspection may take: a year of working days. */
const DUE_MOST = 250;
/** What to write where the time of an inspection is expected. */
export const DUE_FORM = `working days, 1 to ${DUE_MOST}, such as 20 workdays`;

/** Reads the time of an inspection; null where the text is none. */
export function parseDue(text: string): number | null {
  const read = parseTerm(text);
  return read?.unit === 'workdays' && read.days >= 1 && read.days <= DUE_MOST ? read.days : null;
}

/** What holds where catalogue/draws.yaml says nothing else. */
export const USUAL_DRAW: DrawRules = {
  shares: { A: 1, B: 5, C: 20, D: 50, unknown: 5 },
  due: '20 workdays',
  sign: '3 workdays',
  urge: USUAL_URGING,
};

export const SHARE_FORM = 'a percentage from 0% to 100% with at most two decimals, such as 5%';

/** Reads `12.5%` or `12.5`; null where the text is no such share. */
export function parseShare(text: string): number | null {
  const match = /^(\d{1,3}(?:\.\d{1,2})?)\s*%?$/.exec(text);
  const percent = Number(match?.[1]);
  return match === null || percent > 100 ? null : percent;
}

const share = z
  .string()
  .refine((text) => parseShare(text) !== null, SHARE_FORM)
  .transform((text) => parseShare(text) ?? 0);

/** The schema of catalogue/draws.yaml. */
export const DRAWS_SCHEMA = z.strictObject({
  shares: z.strictObject({ A: share, B: share, C: share, D: share, unknown: share }).optional(),
  due: z
    .string()
    .refine((text) => parseDue(text) !== null, DUE_FORM)
    .optional(),
  sign: term.optional(),
  urge: URGING_SCHEMA.optional(),
});

/** From the content of the file to the rules. */
export function drawRulesOf(content: z.output<typeof DRAWS_SCHEMA> | undefined): DrawRules {
  return {
    shares: content?.shares ?? USUAL_DRAW.shares,
    due: content?.due ?? USUAL_DRAW.due,
    sign: content?.sign ?? USUAL_DRAW.sign,
    urge: content?.urge ?? USUAL_DRAW.urge,
  };
}
