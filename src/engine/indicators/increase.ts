import type { Value } from '../../model/expression/expression.js';
import { ExactSum } from '../exact-sum.js';
import { StepsWindow } from './steps.js';

/**
 * Growth of a counter over the window: the sum of its steps upwards, exactly rounded. A step downwards is a reset,
 * after which the counter has grown by its new value; a value below 0, which no counter has, adds nothing. Below two
 * events there is no step: 0.
 */
export class IncreaseWindow extends StepsWindow {
  private readonly sum = new ExactSum();

  protected step(before: Value, after: Value, sign: 1 | -1): void {
    if (typeof before !== 'number' || typeof after !== 'number') return;
    if (after >= before) {
      this.sum.add(sign * after);
      this.sum.subtract(sign * before);
    } else if (after > 0) this.sum.add(sign * after);
  }

  override reach(up: boolean): number {
    return up ? this.figure() : 0;
  }

  protected figure(): number {
    return this.sum.value();
  }
}
