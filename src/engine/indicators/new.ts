import type { Value } from '../../model/expression/expression.js';
import { DistinctWindow } from './distinct.js';
import { valueKey } from './value-key.js';

/**
 * Whether the latest event's value occurs nowhere else in the window; null over an empty window. The only event of a
 * window brings a new value.
 */
export class NewWindow extends DistinctWindow {
  protected override figure(): Value {
    if (this.size === 0) return null;
    return this.counts.get(valueKey(this.values[this.values.length - 1] as Value)) === 1;
  }
}
