import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** The value of the earliest event by (time, id); null over an empty window. */
export class FirstWindow extends Window {
  protected joined(): void {}
  protected left(): void {}
  protected figure(): Value {
    return this.size === 0 ? null : this.valueAt(this.head);
  }
}
