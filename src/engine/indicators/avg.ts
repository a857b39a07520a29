import type { Value } from '../../model/expression/expression.js';
import { SumWindow } from './sum.js';

/** Up to so many entries are added up in turn. */
const FEW = 32;
/** More than what rounding can do to a mean of so few, in parts of the largest of them. */
const ROUNDING = 1e-14;

/** Mean of the entries' numbers; null over an empty window. */
export class AverageWindow extends SumWindow {
  /** No mean is more than the largest number. */
  override most(clock: number): number {
    if (this.sizeAt(clock) > FEW) return Infinity;
    let largest = -Infinity;
    this.each((_reference, value) => {
      largest = Math.max(largest, typeof value === 'number' ? value : Infinity);
    });
    return largest;
  }

  /** Entries leave from the oldest on, so the means to come are those of the youngest ones. */
  override reach(up: boolean): number | null | undefined {
    const { held } = this;
    if (held.size <= FEW) {
      for (let index = held.head; index < held.references.length; index++) {
        if (typeof this.valueAt(index) !== 'number') return undefined;
      }
    }
    return bestMean(held.size, (index) => this.valueAt(held.head + index) as number, up);
  }

  protected override figure(): Value {
    return this.size === 0 ? null : this.sum.value() / this.size;
  }
}

/**
 * The largest (`up`), or the least, of the means that so many numbers come to while the oldest leave, one after the
 * other; null over none, undefined over more than a few.
 */
export function bestMean(
  size: number,
  numberAt: (index: number) => number,
  up: boolean,
): number | null | undefined {
  if (size === 0) return null;
  if (size > FEW) return undefined;
  let sum = 0;
  let largest = 0;
  let best = up ? -Infinity : Infinity;
  for (let index = size - 1; index >= 0; index--) {
    const value = numberAt(index);
    sum += value;
    largest = Math.max(largest, Math.abs(value));
    const mean = sum / (size - index);
    best = up ? Math.max(best, mean) : Math.min(best, mean);
  }
  return best + (up ? largest : -largest) * ROUNDING;
}
