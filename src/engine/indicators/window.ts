// An exact window: the known events of one indicator on one key, ordered by (placement, id).
import type { Value } from '../../model/expression/expression.js';
import { ExpressionError } from '../../model/expression/expression.js';
import { WINDOW_ENTRIES_MAX } from '../limits.js';
import type { EventReference } from '../reference.js';

/** What the computation of an indicator may know besides its entries. */
export interface Instant {
  /** Epoch ms. */
  readonly clock: number;
  /** Arrival of the first registration of the key, epoch ms; NaN where there is none. */
  readonly registered: number;
  /** Total ms in (from, to] in which nobody listened. */
  gapsWithin(from: number, to: number): number;
}

/**
 * A window holds the entries with `clock - over < placement <= clock`; the placement is the event's time or its
 * arrival. Subclasses keep what their operator needs; everything is a function of the entries alone.
 */
export abstract class Window {
  protected references: EventReference[] = [];
  protected values: Value[] = [];
  /** Index of the first entry that has not left the window. */
  protected head = 0;
  private errors = 0;
  /** Entries were dropped for the limit; the figure is an error until the last of them would have left. */
  private overflowUntil = -Infinity;

  constructor(
    readonly overMs: number,
    readonly byArrival: boolean,
  ) {}

  /** An entry joined: `values[index]`. */
  protected abstract joined(value: Value, atEnd: boolean, reference: EventReference, index: number): void;
  /** An entry left, by time (`oldest`) or because it was taken back; the next one now is `values[index]`. */
  protected abstract left(value: Value, oldest: boolean, reference: EventReference, index: number): void;
  /** The figure over the entries now in the window. */
  protected abstract figure(instant: Instant): Value;

  placement(reference: EventReference): number {
    return this.byArrival ? reference.at : reference.time;
  }

  get size(): number {
    return this.references.length - this.head;
  }

  /** Adds an entry. @returns false where it lies outside the window already. */
  add(reference: EventReference, value: Value, clock: number): boolean {
    if (!this.admits(reference, clock)) return false;
    this.insert(reference, value);
    if (this.size > WINDOW_ENTRIES_MAX) this.dropOldest();
    return true;
  }

  /** Takes an entry back. @returns false where it does not lie in the window at this clock. */
  remove(reference: EventReference, clock: number): boolean {
    const index = this.search(reference);
    if (this.references[index] !== reference || index < this.head) return false;
    const value = this.values[index] as Value;
    this.references.splice(index, 1);
    this.values.splice(index, 1);
    this.forget(value, false, reference, index);
    return this.admits(reference, clock);
  }

  /** Lets entries leave whose time is over. */
  expire(clock: number): void {
    const edge = clock - this.overMs;
    const { references } = this;
    while (this.head < references.length) {
      const first = references[this.head] as EventReference;
      if (this.placement(first) > edge || !this.mayLeave(first, clock)) break;
      const value = this.values[this.head] as Value;
      this.head++;
      this.expired(first);
      this.forget(value, true, first, this.head);
    }
    if (this.head > 32 && this.head * 2 > references.length) this.compact();
  }

  /** The indicator's figure at an instant; call `expire` first. */
  compute(instant: Instant): Value {
    if (instant.clock < this.overflowUntil) {
      return new ExpressionError('LIMIT_WINDOW', `more than ${WINDOW_ENTRIES_MAX} entries in the window`);
    }
    if (this.errors > 0) return this.firstError();
    return this.figure(instant);
  }

  /** The next instant at which the figure can change by time alone; Infinity if never. */
  nextChange(instant: Instant): number {
    const first = this.references[this.head];
    const leaves = first === undefined ? Infinity : this.placement(first) + this.overMs;
    return this.overflowUntil > instant.clock ? Math.min(leaves, this.overflowUntil) : leaves;
  }

  /** Epoch ms that `since` counts from; NaN for every other operator. */
  anchor(): number {
    return NaN;
  }

  /** Visits the entries in the window in order. */
  each(visit: (reference: EventReference, value: Value) => void): void {
    for (let index = this.head; index < this.references.length; index++) {
      visit(this.references[index] as EventReference, this.values[index] as Value);
    }
  }

  get overflow(): number {
    return this.overflowUntil;
  }

  /** Restores an entry from the state; they come in order. */
  restore(reference: EventReference, value: Value): void {
    this.insert(reference, value);
  }

  restoreOverflow(until: number): void {
    this.overflowUntil = until;
  }

  /** Whether an entry that arrives now lies in the window. */
  admits(reference: EventReference, clock: number): boolean {
    return this.placement(reference) > clock - this.overMs;
  }

  /** What the operator keeps beyond its entries, as one number; NaN for nothing. */
  get remainder(): number {
    return NaN;
  }

  restoreRemainder(_remainder: number): void {}

  protected mayLeave(_first: EventReference, _clock: number): boolean {
    return true;
  }

  protected expired(_reference: EventReference): void {}

  private insert(reference: EventReference, value: Value): void {
    if (value instanceof ExpressionError) this.errors++;
    const last = this.references[this.references.length - 1];
    if (last === undefined || this.compare(last, reference) < 0) {
      this.references.push(reference);
      this.values.push(value);
      this.joined(value, true, reference, this.values.length - 1);
      return;
    }
    const index = this.search(reference);
    if (index < this.head) {
      // Older than an entry that the limit dropped already: it would be the next to be dropped.
      if (value instanceof ExpressionError) this.errors--;
      this.overflowUntil = Math.max(this.overflowUntil, this.placement(reference) + this.overMs);
      return;
    }
    this.references.splice(index, 0, reference);
    this.values.splice(index, 0, value);
    this.joined(value, false, reference, index);
  }

  private dropOldest(): void {
    const reference = this.references[this.head] as EventReference;
    const value = this.values[this.head] as Value;
    this.head++;
    this.forget(value, true, reference, this.head);
    this.overflowUntil = Math.max(this.overflowUntil, this.placement(reference) + this.overMs);
  }

  private forget(value: Value, oldest: boolean, reference: EventReference, index: number): void {
    if (value instanceof ExpressionError) this.errors--;
    this.left(value, oldest, reference, index);
  }

  private firstError(): Value {
    for (let index = this.head; index < this.values.length; index++) {
      const value = this.values[index] as Value;
      if (value instanceof ExpressionError) return value;
    }
    return new ExpressionError('EXPR_INTERNAL', 'the error count of a window does not match its entries');
  }

  private compare(a: EventReference, b: EventReference): number {
    return this.placement(a) - this.placement(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  }

  /** Index of the first entry that does not come before `reference`. */
  private search(reference: EventReference): number {
    let low = 0;
    let high = this.references.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.references[middle] as EventReference, reference) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compact(): void {
    this.references = this.references.slice(this.head);
    this.values = this.values.slice(this.head);
    this.head = 0;
  }
}
