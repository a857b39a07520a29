import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** Number of entries; what does not count was never added. */
export class CountWindow extends Window {
  protected joined(): void {}
  protected left(): void {}

  override most(clock: number): number {
    return this.sizeAt(clock);
  }

  override reach(up: boolean): number {
    return up ? this.size : 0;
  }

  override later(clock: number): number {
    return this.references.length - this.firstAt(clock);
  }

  protected figure(): Value {
    return this.size;
  }
}
