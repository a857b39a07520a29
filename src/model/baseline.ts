// The settings of `baseline`: what the last closed pane is compared with, and how.
import type { FieldType } from '../events/fields.js';

export const BASELINE_METHODS = ['zscore', 'mad', 'ewma', 'cusum', 'c1', 'c2', 'c3'] as const;
export type BaselineMethod = (typeof BASELINE_METHODS)[number];

/** How many panes there must be until there is anything to compare with, where nothing else is said. */
export const PANES_EXPECTED = 7;

/** Panes before the compared one that a method cannot do without. */
export const PANES_NEEDED: { readonly [method in BaselineMethod]: number } = {
  zscore: 2,
  mad: 2,
  ewma: 2,
  cusum: 2,
  c1: 7,
  c2: 9,
  c3: 11,
};

export interface Baseline {
  readonly method: BaselineMethod;
  /** Only panes of the same day of the week are compared. */
  readonly byWeekday: boolean;
  /** The figure is null until there are so many panes before the compared one. */
  readonly panesMin: number;
}

const NUMBER = { type: { type: 'number' }, optional: true } as const;

/** The type of `{ now, expected, spread, score }`. */
export const BASELINE_TYPE: FieldType = {
  type: 'object',
  fields: { now: NUMBER, expected: NUMBER, spread: NUMBER, score: NUMBER },
};
