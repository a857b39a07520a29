import type { Value } from '../../model/expression/expression.js';
import { valueKey } from './value-key.js';
import { Window } from './window.js';

/** Number of different values; numbers, strings and bools are different kinds. */
export class DistinctWindow extends Window {
  protected readonly counts = new Map<Value, number>();

  protected joined(value: Value): void {
    const key = valueKey(value);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  protected left(value: Value): void {
    const key = valueKey(value);
    const count = this.counts.get(key) ?? 0;
    if (count <= 1) this.counts.delete(key);
    else this.counts.set(key, count - 1);
  }

  protected figure(): Value {
    return this.counts.size;
  }
}
