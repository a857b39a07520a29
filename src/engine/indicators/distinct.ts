import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** Number of different values; numbers, strings and bools are different kinds. */
export class DistinctWindow extends Window {
  private readonly counts = new Map<Value, number>();

  protected joined(value: Value): void {
    const key = keyOf(value);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  protected left(value: Value): void {
    const key = keyOf(value);
    const count = this.counts.get(key) ?? 0;
    if (count <= 1) this.counts.delete(key);
    else this.counts.set(key, count - 1);
  }

  protected figure(): Value {
    return this.counts.size;
  }
}

/** Lists and objects are compared by content. */
function keyOf(value: Value): Value {
  return typeof value === 'object' && value !== null ? `\u0000${JSON.stringify(value)}` : value;
}
