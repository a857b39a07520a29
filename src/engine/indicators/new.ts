import type { Value } from '../../model/expression/expression.js';
import { DistinctWindow } from './distinct.js';

/**
 * Whether the latest event's value occurs nowhere else in the window; null over an empty window. The only event of a
 * window brings a new value.
 */
export class NewWindow extends DistinctWindow {
  override reach(): undefined {
    return undefined;
  }

  protected override figure(): Value {
    return this.size === 0 ? null : this.isSingle(this.references.length - 1);
  }
}
