// What an operator keeps of many values at once: of one pane, or of all panes of a window together.
import type { Value } from '../../model/expression/expression.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { covarianceOf, ExactSum } from '../exact-sum.js';

/** It depends on the multiset of the values that were added, not on their order. */
export abstract class Tally {
  /** Takes in a value. @returns whether that changes what the tally holds */
  abstract add(value: Value, placement: number): boolean;
  /** Takes in all that another tally holds. */
  abstract merge(other: this): void;
  /** Takes away what was merged. @returns false where that cannot be done, and all must be merged anew */
  abstract subtract(other: this): boolean;
  abstract figure(): Value;
  abstract encode(writer: ByteWriter): void;
  /** Reads into an empty tally. */
  abstract decode(reader: ByteReader): void;

  /** Takes in a value that was new to the pane that it lies in. */
  count(value: Value, placement: number): void {
    this.add(value, placement);
  }

  /** Values held, for limits; 0 where the size does not depend on them. */
  get weight(): number {
    return 0;
  }
}

export class CountTally extends Tally {
  private entries = 0;

  add(): boolean {
    this.entries++;
    return true;
  }

  merge(other: this): void {
    this.entries += other.entries;
  }

  subtract(other: this): boolean {
    this.entries -= other.entries;
    return true;
  }

  figure(): Value {
    return this.entries;
  }

  encode(writer: ByteWriter): void {
    writer.whole(this.entries);
  }

  decode(reader: ByteReader): void {
    this.entries = reader.whole();
  }
}

export class ShareTally extends Tally {
  private entries = 0;
  private matching = 0;

  add(value: Value): boolean {
    this.entries++;
    if (value === true) this.matching++;
    return true;
  }

  merge(other: this): void {
    this.entries += other.entries;
    this.matching += other.matching;
  }

  subtract(other: this): boolean {
    this.entries -= other.entries;
    this.matching -= other.matching;
    return true;
  }

  figure(): Value {
    return this.entries === 0 ? null : this.matching / this.entries;
  }

  encode(writer: ByteWriter): void {
    writer.whole(this.entries);
    writer.whole(this.matching);
  }

  decode(reader: ByteReader): void {
    this.entries = reader.whole();
    this.matching = reader.whole();
  }
}

/** Least or largest number; null over none. */
export class ExtremeTally extends Tally {
  private entries = 0;
  private extreme = 0;

  constructor(
    /** 1 for the largest, -1 for the least. */
    private readonly sign: 1 | -1,
  ) {
    super();
  }

  add(value: Value): boolean {
    if (typeof value === 'number') this.take(1, value);
    return true;
  }

  merge(other: this): void {
    if (other.entries > 0) this.take(other.entries, other.extreme);
  }

  subtract(other: this): boolean {
    if (other.entries === 0) return true;
    this.entries -= other.entries;
    return other.extreme !== this.extreme;
  }

  figure(): Value {
    return this.entries === 0 ? null : this.extreme;
  }

  encode(writer: ByteWriter): void {
    writer.whole(this.entries);
    if (this.entries > 0) writer.value(this.extreme);
  }

  decode(reader: ByteReader): void {
    this.entries = reader.whole();
    if (this.entries > 0) this.extreme = reader.value() as number;
  }

  private take(entries: number, value: number): void {
    if (this.entries === 0 || (value - this.extreme) * this.sign > 0) this.extreme = value;
    this.entries += entries;
  }
}

/** A tally of sums that never drift, and of how many values made them. */
abstract class SumsTally extends Tally {
  protected entries = 0;
  protected abstract readonly sums: readonly ExactSum[];

  merge(other: this): void {
    this.entries += other.entries;
    this.sums.forEach((sum, index) => {
      for (const part of other.sums[index]?.parts ?? []) sum.add(part);
    });
  }

  subtract(other: this): boolean {
    this.entries -= other.entries;
    this.sums.forEach((sum, index) => {
      for (const part of other.sums[index]?.parts ?? []) sum.subtract(part);
    });
    return true;
  }

  encode(writer: ByteWriter): void {
    writer.whole(this.entries);
    for (const { parts } of this.sums) {
      writer.whole(parts.length);
      for (const part of parts) writer.value(part);
    }
  }

  decode(reader: ByteReader): void {
    this.entries = reader.whole();
    for (const sum of this.sums) {
      for (let count = reader.whole(); count > 0; count--) sum.add(reader.value() as number);
    }
  }
}

export class SumTally extends SumsTally {
  protected readonly sum = new ExactSum();
  protected override readonly sums = [this.sum];

  add(value: Value): boolean {
    if (typeof value === 'number') {
      this.entries++;
      this.sum.add(value);
    }
    return true;
  }

  figure(): Value {
    return this.sum.value();
  }
}

export class AverageTally extends SumTally {
  override figure(): Value {
    return this.entries === 0 ? null : this.sum.value() / this.entries;
  }
}

/** Sample standard deviation; null below two numbers. */
export class DeviationTally extends SumsTally {
  private readonly sum = new ExactSum();
  private readonly squares = new ExactSum();
  protected override readonly sums = [this.sum, this.squares];

  add(value: Value): boolean {
    if (typeof value === 'number') {
      this.entries++;
      this.sum.add(value);
      this.squares.addProduct(value, value);
    }
    return true;
  }

  figure(): Value {
    const { entries } = this;
    if (entries < 2) return null;
    const squares = covarianceOf(entries, this.squares, this.sum, this.sum);
    return Math.sqrt(Math.max(0, squares) / (entries * (entries - 1)));
  }
}

/** Slope a day of the least-squares line; null where all numbers, or none, lie at one instant. */
export class TrendTally extends SumsTally {
  private readonly times = new ExactSum();
  private readonly squaredTimes = new ExactSum();
  private readonly sum = new ExactSum();
  private readonly products = new ExactSum();
  protected override readonly sums = [this.times, this.squaredTimes, this.sum, this.products];

  add(value: Value, placement: number): boolean {
    if (typeof value === 'number') {
      this.entries++;
      this.times.add(placement);
      this.squaredTimes.addProduct(placement, placement);
      this.sum.add(value);
      this.products.addProduct(value, placement);
    }
    return true;
  }

  figure(): Value {
    const { entries, times, squaredTimes, sum, products } = this;
    const spread = covarianceOf(entries, squaredTimes, times, times);
    return spread === 0 ? null : (covarianceOf(entries, products, times, sum) * 86_400_000) / spread;
  }
}
