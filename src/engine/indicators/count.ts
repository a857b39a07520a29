import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** Number of entries; what does not count was never added. */
export class CountWindow extends Window {
  protected joined(): void {}
  protected left(): void {}
  protected figure(): Value {
    return this.size;
  }
}
