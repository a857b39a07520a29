import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** Share of the events for which the expression holds, 0 to 1; null over an empty window. */
export class ShareWindow extends Window {
  private matching = 0;

  protected joined(value: Value): void {
    if (value === true) this.matching++;
  }

  protected left(value: Value): void {
    if (value === true) this.matching--;
  }

  override reach(up: boolean): number {
    return up ? 1 : 0;
  }

  protected figure(): Value {
    return this.size === 0 ? null : this.matching / this.size;
  }
}
