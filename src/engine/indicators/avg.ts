import type { Value } from '../../model/expression/expression.js';
import { SumWindow } from './sum.js';

/** Up to so many entries are added up in turn. */
const FEW = 32;
/** More than what rounding can do to a mean of so few, in parts of the largest of them. */
const ROUNDING = 1e-14;

/** Mean of the entries' numbers; null over an empty window. */
export class AverageWindow extends SumWindow {
  override most(): number {
    return Infinity;
  }

  /** Entries leave from the oldest on, so the means to come are those of the youngest ones. */
  override reach(up: boolean): number | null | undefined {
    if (this.size === 0) return null;
    if (this.size > FEW) return undefined;
    let sum = 0;
    let size = 0;
    let largest = 0;
    let best = up ? -Infinity : Infinity;
    for (let index = this.references.length - 1; index >= this.head; index--) {
      const value = this.valueAt(index);
      if (typeof value !== 'number') return undefined;
      sum += value;
      size++;
      largest = Math.max(largest, Math.abs(value));
      best = up ? Math.max(best, sum / size) : Math.min(best, sum / size);
    }
    return best + (up ? largest : -largest) * ROUNDING;
  }

  protected override figure(): Value {
    return this.size === 0 ? null : this.sum.value() / this.size;
  }
}
