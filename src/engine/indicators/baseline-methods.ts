// How far a number is from the ones before it: the methods of `baseline`.
import type { BaselineMethod } from '../../model/baseline.js';
import { covarianceOf, ExactSum } from '../exact-sum.js';
import { quantileOf } from './quantile.js';

/** What was to be expected, and how far off the number is; a score of null where nothing spreads. */
export interface Comparison {
  readonly expected: number;
  readonly spread: number;
  readonly score: number | null;
}

/** Weight of the newest number in `ewma`. */
const EWMA_WEIGHT = 0.3;
/** What a number may lie above its expectation, in spreads, before `cusum` adds it up. */
const CUSUM_SLACK = 0.5;
/** The standard deviation of normal numbers is so many times their median absolute deviation. */
const MAD_TO_DEVIATION = 1.4826;
const EARS_BASE = 7;
const EARS_LAG = 2;

/**
 * Compares the number `now` (null for none) with the ones before it, oldest first; there are at least as many as
 * `PANES_NEEDED` of the method says.
 *
 * - zscore: mean and sample standard deviation.
 * - mad: median and 1.4826 times the median absolute deviation from it.
 * - ewma: exponentially weighted mean and deviation with weight 0.3 (Roberts 1959; Finch, Incremental calculation of
 *   weighted mean and variance, 2009), folded from the oldest number on.
 * - cusum: mean and standard deviation as zscore; the score is the upper cumulative sum (Page 1954) of all numbers and
 *   `now`, in standard deviations above the mean and 0.5.
 * - c1, c2, c3: EARS (Hutwagner et al., The bioterrorism preparedness and response Early Aberration Reporting System,
 *   2003; formulas as in Fricker et al., Comparing syndromic surveillance detection methods, 2008): C1 compares with
 *   the seven panes before, C2 with the seven before those two, C3 adds up how far C2 was above 1 in the last three.
 *   The usual thresholds are 3, 3 and 2.
 */
export function compare(method: BaselineMethod, before: readonly number[], now: number | null): Comparison {
  switch (method) {
    case 'zscore':
      return scored(meanOf(before), deviationOf(before), now);
    case 'mad': {
      const expected = medianOf(before);
      const spread = MAD_TO_DEVIATION * medianOf(before.map((one) => Math.abs(one - expected)));
      return scored(expected, spread, now);
    }
    case 'ewma':
      return ewma(before, now);
    case 'cusum':
      return cusum(before, now);
    case 'c1':
      return ears(before, now, 0);
    case 'c2':
      return ears(before, now, EARS_LAG);
    case 'c3':
      return c3(before, now);
  }
}

function scored(expected: number, spread: number, now: number | null): Comparison {
  return { expected, spread, score: now === null || spread === 0 ? null : (now - expected) / spread };
}

function ewma(before: readonly number[], now: number | null): Comparison {
  let mean = before[0] ?? 0;
  let variance = 0;
  for (const one of before.slice(1)) {
    const distance = one - mean;
    mean += EWMA_WEIGHT * distance;
    variance = (1 - EWMA_WEIGHT) * (variance + EWMA_WEIGHT * distance * distance);
  }
  return scored(mean, Math.sqrt(variance), now);
}

function cusum(before: readonly number[], now: number | null): Comparison {
  const expected = meanOf(before);
  const spread = deviationOf(before);
  if (now === null || spread === 0) return { expected, spread, score: null };
  let score = 0;
  for (const one of [...before, now]) score = Math.max(0, score + (one - expected) / spread - CUSUM_SLACK);
  return { expected, spread, score };
}

function ears(before: readonly number[], now: number | null, lag: number): Comparison {
  const base = before.slice(before.length - EARS_BASE - lag, before.length - lag);
  return scored(meanOf(base), deviationOf(base), now);
}

function c3(before: readonly number[], now: number | null): Comparison {
  const { expected, spread, score: last } = ears(before, now, EARS_LAG);
  if (last === null) return { expected, spread, score: null };
  let score = Math.max(0, last - 1);
  for (const back of [1, 2]) {
    const earlier = before.length - back;
    const { score: one } = ears(before.slice(0, earlier), before[earlier] as number, EARS_LAG);
    if (one === null) return { expected, spread, score: null };
    score += Math.max(0, one - 1);
  }
  return { expected, spread, score };
}

function meanOf(numbers: readonly number[]): number {
  const sum = new ExactSum();
  for (const one of numbers) sum.add(one);
  return sum.value() / numbers.length;
}

/** Sample standard deviation, rounded once: 0 where all are equal. */
function deviationOf(numbers: readonly number[]): number {
  const sum = new ExactSum();
  const squares = new ExactSum();
  for (const one of numbers) {
    sum.add(one);
    squares.addProduct(one, one);
  }
  const count = numbers.length;
  return Math.sqrt(Math.max(0, covarianceOf(count, squares, sum, sum)) / (count * (count - 1)));
}

function medianOf(numbers: readonly number[]): number {
  return quantileOf(
    [...numbers].sort((a, b) => a - b),
    0.5,
  ) as number;
}
