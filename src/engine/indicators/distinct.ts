import type { Value } from '../../model/expression/expression.js';
import { valueKey } from './value-key.js';
import { Window } from './window.js';

/** Up to so many entries are compared with each other; beyond, values are counted as they come and go. */
const FEW = 8;
/** The same, where the window is looked at as it will be. */
const FEW_LATER = 1_000;

/** Number of different values; numbers, strings and bools are different kinds. */
export class DistinctWindow extends Window {
  /** How often each value occurs; null while there are few. */
  private counts: Map<Value, number> | null = null;

  protected joined(value: Value): void {
    if (this.counts !== null) this.count(this.counts, value);
    else if (this.size > FEW) {
      const counts = (this.counts = new Map<Value, number>());
      this.each((_reference, one) => this.count(counts, one));
    }
  }

  protected left(value: Value): void {
    if (this.counts === null) return;
    const key = valueKey(value);
    const count = this.counts.get(key) ?? 0;
    if (count <= 1) this.counts.delete(key);
    else this.counts.set(key, count - 1);
    if (this.size === 0) this.counts = null;
  }

  override most(clock: number): number {
    return this.sizeAt(clock);
  }

  override reach(up: boolean): number | undefined {
    return up ? this.different() : 0;
  }

  protected figure(): Value {
    return this.different();
  }

  override later(clock: number): number | undefined {
    return this.size > FEW_LATER ? undefined : this.differentFrom(this.firstAt(clock));
  }

  private different(): number {
    return this.counts === null ? this.differentFrom(this.head) : this.counts.size;
  }

  private differentFrom(from: number): number {
    if (this.references.length - from > FEW) {
      const seen = new Set<Value>();
      for (let index = from; index < this.references.length; index++) seen.add(valueKey(this.valueAt(index)));
      return seen.size;
    }
    let different = 0;
    for (let index = from; index < this.references.length; index++) {
      if (this.firstWith(valueKey(this.valueAt(index)), from) === index) different++;
    }
    return different;
  }

  /** Whether the value at an index occurs nowhere else. */
  protected isSingle(index: number): boolean {
    const key = valueKey(this.valueAt(index));
    if (this.counts !== null) return this.counts.get(key) === 1;
    for (let other = this.head; other < this.references.length; other++) {
      if (other !== index && valueKey(this.valueAt(other)) === key) return false;
    }
    return true;
  }

  private firstWith(key: Value, from: number): number {
    let index = from;
    while (valueKey(this.valueAt(index)) !== key) index++;
    return index;
  }

  private count(counts: Map<Value, number>, value: Value): void {
    const key = valueKey(value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
