import type { Value } from '../../model/expression/expression.js';
import { finite } from '../../model/expression/operations.js';
import { ExactSum } from '../exact-sum.js';
import { StepsWindow } from './steps.js';

/**
 * Growth of a counter over the window: the sum of its steps upwards, exactly rounded. A step downwards is a reset,
 * after which the counter has grown by its new value; a value below 0, which no counter has, adds nothing. Below two
 * events there is no step: 0.
 */
export class IncreaseWindow extends StepsWindow {
  private sum = new ExactSum();

  protected step(before: Value, after: Value, sign: 1 | -1): void {
    if (typeof before !== 'number' || typeof after !== 'number') return;
    if (after >= before) {
      // What is taken away goes first, so that nothing exceeds the range of numbers but a total that does.
      this.sum.subtract(sign === 1 ? before : after);
      this.sum.add(sign === 1 ? after : before);
    } else if (after > 0) this.sum.add(sign * after);
  }

  protected reset(): void {
    this.sum = new ExactSum();
  }

  protected override figure(): Value {
    // Beyond the range of numbers a sum keeps nothing that a step could be taken from.
    this.stale ||= !Number.isFinite(this.sum.value());
    return super.figure();
  }

  protected total(): Value {
    return finite(this.sum.value());
  }
}
