import type { Value } from '../../model/expression/expression.js';
import { ExactSum } from '../exact-sum.js';
import { Window } from './window.js';

/** Sum of the entries' numbers, exactly rounded; 0 over an empty window. */
export class SumWindow extends Window {
  protected readonly sum = new ExactSum();
  private negative = 0;

  protected joined(value: Value): void {
    if (typeof value !== 'number') return;
    this.sum.add(value);
    if (value < 0) this.negative++;
  }

  protected left(value: Value): void {
    if (typeof value !== 'number') return;
    this.sum.subtract(value);
    if (value < 0) this.negative--;
  }

  override most(clock: number): number {
    return this.sizeAt(clock) === Infinity || this.negative > 0 ? Infinity : this.sum.value();
  }

  override reach(up: boolean): number | null | undefined {
    if (this.negative > 0) return undefined;
    return up ? this.sum.value() : 0;
  }

  protected figure(): Value {
    return this.sum.value();
  }
}
