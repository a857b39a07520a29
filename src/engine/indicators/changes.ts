import type { Value } from '../../model/expression/expression.js';
import { StepsWindow } from './steps.js';
import { valueKey } from './value-key.js';

/** Number of events whose value is another than that of the event before it in the window. */
export class ChangesWindow extends StepsWindow {
  private changes = 0;

  protected step(before: Value, after: Value, sign: 1 | -1): void {
    if (valueKey(before) !== valueKey(after)) this.changes += sign;
  }

  override most(clock: number): number {
    return this.sizeAt(clock);
  }

  override reach(up: boolean): number {
    return up ? this.figure() : 0;
  }

  protected figure(): number {
    return this.changes;
  }
}
