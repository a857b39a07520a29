// Tallies that hold the values themselves: different ones, or all of them in order.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { WINDOW_ENTRIES_MAX } from '../limits.js';
import { quantileOf, rankOf } from './quantile.js';
import { Tally } from './tally.js';
import { valueKey } from './value-key.js';

/** So many numbers are taken out one by one; more are sorted anew. */
const FEW = 64;

/** Number of different values, counted one by one. */
export class DistinctTally extends Tally {
  /** In how many merged tallies each value lies. */
  private readonly counts = new Map<Value, number>();

  add(value: Value): boolean {
    const key = valueKey(value);
    if (this.counts.has(key)) return false;
    this.counts.set(key, 1);
    return true;
  }

  override count(value: Value): void {
    this.change(valueKey(value), 1);
  }

  merge(other: this): void {
    for (const key of other.counts.keys()) this.change(key, 1);
  }

  subtract(other: this): boolean {
    for (const key of other.counts.keys()) this.change(key, -1);
    return true;
  }

  figure(): Value {
    const { size } = this.counts;
    if (size <= WINDOW_ENTRIES_MAX) return size;
    const message = `more than ${WINDOW_ENTRIES_MAX} different values; count them with approx: true`;
    return new ExpressionError('LIMIT_PANES', message);
  }

  override get weight(): number {
    return this.counts.size;
  }

  encode(writer: ByteWriter): void {
    writer.whole(this.counts.size);
    for (const key of this.counts.keys()) writer.value(key);
  }

  decode(reader: ByteReader): void {
    for (let count = reader.whole(); count > 0; count--) this.counts.set(reader.value(), 1);
  }

  private change(key: Value, by: 1 | -1): void {
    const count = (this.counts.get(key) ?? 0) + by;
    if (count > 0) this.counts.set(key, count);
    else this.counts.delete(key);
  }
}

/** A quantile of all numbers, which are kept in order. */
export class QuantileTally extends Tally {
  private readonly numbers: number[] = [];
  private inOrder = true;

  constructor(private readonly q: number) {
    super();
  }

  add(value: Value): boolean {
    // Adding 0 makes one zero of the two.
    if (typeof value === 'number') this.sorted().splice(rankOf(this.numbers, value), 0, value + 0);
    return true;
  }

  merge(other: this): void {
    for (const number of other.numbers) this.numbers.push(number);
    this.inOrder = false;
  }

  subtract(other: this): boolean {
    if (other.numbers.length > FEW) return false;
    const sorted = this.sorted();
    for (const number of other.numbers) sorted.splice(rankOf(sorted, number), 1);
    return true;
  }

  override get weight(): number {
    return this.numbers.length;
  }

  figure(): Value {
    return quantileOf(this.sorted(), this.q);
  }

  encode(writer: ByteWriter): void {
    writer.whole(this.numbers.length);
    for (const number of this.numbers) writer.value(number);
  }

  decode(reader: ByteReader): void {
    for (let count = reader.whole(); count > 0; count--) this.numbers.push(reader.value() as number);
    this.inOrder = false;
  }

  private sorted(): number[] {
    if (!this.inOrder) this.numbers.sort((a, b) => a - b);
    this.inOrder = true;
    return this.numbers;
  }
}
