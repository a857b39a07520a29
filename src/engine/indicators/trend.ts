// The slope of a least-squares line over a window.
import type { Value } from '../../model/expression/expression.js';
import { covarianceOf, ExactSum } from '../exact-sum.js';
import type { EventReference } from '../reference.js';
import { Window } from './window.js';

const DAY_MS = 86_400_000;

/**
 * How much the number grows a day: the slope of the least-squares line through the entries at their placement; null
 * where all of them, or none, lie at one instant. It is 0 where all numbers are equal.
 */
export class TrendWindow extends Window {
  private readonly times = new ExactSum();
  private readonly squaredTimes = new ExactSum();
  private readonly sum = new ExactSum();
  private readonly products = new ExactSum();

  protected joined(value: Value, _atEnd: boolean, reference: EventReference): void {
    if (typeof value === 'number') this.count(value, this.placement(reference), 1);
  }

  protected left(value: Value, _oldest: boolean, reference: EventReference): void {
    if (typeof value === 'number') this.count(value, this.placement(reference), -1);
  }

  protected figure(): Value {
    const spread = covarianceOf(this.size, this.squaredTimes, this.times, this.times);
    if (spread === 0) return null;
    return (covarianceOf(this.size, this.products, this.times, this.sum) * DAY_MS) / spread;
  }

  private count(value: number, time: number, sign: 1 | -1): void {
    this.times.add(sign * time);
    this.squaredTimes.addProduct(sign * time, time);
    this.sum.add(sign * value);
    this.products.addProduct(sign * time, value);
  }
}
