import type { Value } from '../../model/expression/expression.js';
import { ExactSum } from '../exact-sum.js';
import { Window } from './window.js';

/** Sum of the entries' numbers, exactly rounded; 0 over an empty window. */
export class SumWindow extends Window {
  protected readonly sum = new ExactSum();

  protected joined(value: Value): void {
    if (typeof value === 'number') this.sum.add(value);
  }

  protected left(value: Value): void {
    if (typeof value === 'number') this.sum.subtract(value);
  }

  protected figure(): Value {
    return this.sum.value();
  }
}
