// How a consumer of a log between partitions keeps its place: at the first record that still waits for the marks.
import { OriginFilter } from '../origins.js';
import type { Origin } from '../../alerts/inbox.js';
import type { Inlet } from './wide-records.js';

/**
 * What waits is in the log, so a checkpoint need not hold it: the reading begins anew at the first of it. What came
 * before that was stepped, and is told by its instant; what is behind it and came twice, by its origin.
 */
export class InletPlace {
  /** Offset of the next record to read. */
  next = 0;
  /** Offset behind what the marks go back to. */
  private read = 0;
  private filter = new OriginFilter({});
  private readonly known = new Map<string, number>();
  private readonly offsets = new WeakMap<object, number>();

  /** Takes the place of a checkpoint. */
  open(stored: Inlet | undefined): void {
    this.next = stored?.offset ?? 0;
    this.read = stored?.read ?? this.next;
    this.filter = new OriginFilter({});
    this.known.clear();
    for (const [source, at] of Object.entries(stored?.marks ?? {})) this.known.set(source, at);
  }

  /** Whether all that waited at the checkpoint is at hand again: the marks are of what came after it. */
  get isWhole(): boolean {
    return this.next >= this.read;
  }

  /** How far sources have come, by name. */
  get marks(): ReadonlyMap<string, number> {
    return this.known;
  }

  mark(source: string, at: number): void {
    if (at > (this.known.get(source) ?? -Infinity)) this.known.set(source, at);
  }

  /** Whether a record is new; then it waits from now on. */
  admit(record: object, origin: Origin, offset: number): boolean {
    if (!this.filter.admit(origin)) return false;
    this.offsets.set(record, offset);
    return true;
  }

  /** The place for a checkpoint. @param waiting records that were admitted and still wait */
  place(waiting: Iterable<object>): Inlet {
    let offset = this.next;
    for (const record of waiting) offset = Math.min(offset, this.offsets.get(record) ?? offset);
    return { offset, read: Math.max(this.next, this.read), marks: Object.fromEntries(this.known) };
  }
}
