import type { Value } from '../../model/expression/expression.js';
import { SumWindow } from './sum.js';

/** Mean of the entries' numbers; null over an empty window. */
export class AverageWindow extends SumWindow {
  protected override figure(): Value {
    return this.size === 0 ? null : this.sum.value() / this.size;
  }
}
