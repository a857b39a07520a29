// What adds up over the steps from each event of a window to the next.
import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** Keeps a figure by steps: an event at either end of the window costs one step, one in between all of them. */
export abstract class StepsWindow extends Window {
  /** All steps are to be taken again: an entry came or went in between. */
  protected stale = false;

  /** Adds (`sign` 1) or takes away (-1) the step from one entry's value to the next one's. */
  protected abstract step(before: Value, after: Value, sign: 1 | -1): void;
  /** Forgets all steps. */
  protected abstract reset(): void;
  /** What the steps come to. */
  protected abstract total(): Value;

  protected joined(value: Value, atEnd: boolean): void {
    if (!atEnd) this.stale = true;
    else if (!this.stale && this.size > 1) this.step(this.values[this.values.length - 2] as Value, value, 1);
  }

  protected left(value: Value, oldest: boolean): void {
    if (!oldest) this.stale = true;
    else if (!this.stale && this.size > 0) this.step(value, this.values[this.head] as Value, -1);
  }

  protected figure(): Value {
    if (this.stale) {
      this.reset();
      for (let index = this.head + 1; index < this.values.length; index++) {
        this.step(this.values[index - 1] as Value, this.values[index] as Value, 1);
      }
      this.stale = false;
    }
    return this.total();
  }
}
