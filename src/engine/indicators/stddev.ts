import type { Value } from '../../model/expression/expression.js';
import { covarianceOf, ExactSum } from '../exact-sum.js';
import { Window } from './window.js';

/**
 * Sample standard deviation of the entries' numbers; null below two of them. It depends on the multiset of the numbers
 * alone, and is 0 where all are equal.
 */
export class DeviationWindow extends Window {
  private readonly sum = new ExactSum();
  private readonly squares = new ExactSum();

  protected joined(value: Value): void {
    if (typeof value === 'number') this.count(value, 1);
  }

  protected left(value: Value): void {
    if (typeof value === 'number') this.count(value, -1);
  }

  protected figure(): Value {
    const count = this.size;
    if (count < 2) return null;
    const squares = covarianceOf(count, this.squares, this.sum, this.sum);
    return Math.sqrt(Math.max(0, squares) / (count * (count - 1)));
  }

  private count(value: number, sign: 1 | -1): void {
    this.sum.add(sign * value);
    this.squares.addProduct(sign * value, value);
  }
}
