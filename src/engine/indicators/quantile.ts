import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** The fraction has at most six decimals, and counts as whole millionths. */
const MILLION = 1_000_000;

/**
 * The number below which a fraction `q` of the entries' numbers lies, interpolated linearly between the two nearest
 * ranks (Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996: definition 7); null over an empty window.
 */
export class QuantileWindow extends Window {
  /** The entries' numbers, ascending. */
  private readonly sorted: number[] = [];

  protected joined(value: Value): void {
    // Adding 0 makes one zero of the two, which would otherwise lie in the order in which they came.
    if (typeof value === 'number') this.sorted.splice(rankOf(this.sorted, value), 0, value + 0);
  }

  protected left(value: Value): void {
    if (typeof value === 'number') this.sorted.splice(rankOf(this.sorted, value), 1);
  }

  protected figure(): Value {
    return quantileOf(this.sorted, this.indicator.q);
  }
}

/** The quantile of ascending numbers; null over none. */
export function quantileOf(sorted: readonly number[], q: number): number | null {
  if (sorted.length === 0) return null;
  // In whole millionths, a rank that is whole is met exactly: 0.29 of 101 numbers is the 30th of them.
  const rank = Math.round(q * MILLION) * (sorted.length - 1);
  const fraction = rank % MILLION;
  const below = sorted[(rank - fraction) / MILLION] as number;
  if (fraction === 0) return below;
  const above = sorted[(rank - fraction) / MILLION + 1] as number;
  return below + (above - below) * (fraction / MILLION);
}

/** How many of ascending numbers are less than a value. */
export function rankOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
