// Steps that a run spends on texts and lists of the data. How long these are nobody knows before, so it is counted.
import { ExpressionError } from './expression.js';
import { MAX_DATA_STEPS } from './limits.js';

export const TOO_MUCH = new ExpressionError(
  'EXPR_COST',
  'The texts or lists of this event are too long for what the expression does with them.',
);

/** Of the run under way: runs never overlap. */
let left = MAX_DATA_STEPS;

/** A run begins. */
export function restart(): void {
  left = MAX_DATA_STEPS;
}

/** Spends steps. @returns false where the run has none left, and is to say so */
export function spend(steps: number): boolean {
  left -= steps;
  return left >= 0;
}

/** Steps that the run under way, or the last one, has spent; for tests. */
export function spent(): number {
  return MAX_DATA_STEPS - left;
}
