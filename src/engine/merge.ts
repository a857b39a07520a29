// A merge of logs that each say how far they have come: nothing is released before all of them have passed it.
import { compareDerived, type Ordered } from './derived.js';

/** Holds records until every source has passed their instant, and releases them in their total order. */
export class Merge<T extends Ordered> {
  private readonly marks = new Map<string, number>();
  private held: T[] = [];
  /** The earliest instant of what is held; Infinity where nothing is. Many records may share one instant. */
  private earliest = Infinity;

  /** @param sources names of all logs that are read */
  constructor(sources: readonly string[]) {
    for (const source of sources) this.marks.set(source, -Infinity);
  }

  push(record: T): void {
    this.held.push(record);
    if (record.at < this.earliest) this.earliest = record.at;
  }

  /** A source has come to this clock: what it says from now on is dated there or later. */
  mark(source: string, clock: number): void {
    if (clock > (this.marks.get(source) ?? -Infinity)) this.marks.set(source, clock);
  }

  /** The clock that every source has reached. */
  get least(): number {
    let least = Infinity;
    for (const clock of this.marks.values()) if (clock < least) least = clock;
    return least;
  }

  /** Reads another log from now on. */
  addSource(source: string): void {
    if (!this.marks.has(source)) this.marks.set(source, -Infinity);
  }

  /** Whether it waits for a log. */
  reads(source: string): boolean {
    return this.marks.has(source);
  }

  /** Takes out what lies before the least mark, and before `end`, in order. */
  release(end = Infinity): T[] {
    const least = Math.min(this.least, end);
    if (!(this.earliest < least)) return [];
    const released: T[] = [];
    const held: T[] = [];
    this.earliest = Infinity;
    for (const record of this.held) {
      if (record.at < least) released.push(record);
      else {
        held.push(record);
        if (record.at < this.earliest) this.earliest = record.at;
      }
    }
    this.held = held;
    return released.sort(compareDerived);
  }

  /** Takes out everything in order, whatever the marks say: where no source says any more. */
  drain(): T[] {
    const all = this.held.sort(compareDerived);
    this.held = [];
    this.earliest = Infinity;
    return all;
  }

  /** What waits, for the checkpoint. */
  get waiting(): readonly T[] {
    return this.held;
  }
}
