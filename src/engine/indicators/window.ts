// An exact window: the known events of one indicator on one key, ordered by (placement, id).
import { CodedError } from '../../events/coded-error.js';
import type { Key } from '../../events/event.js';
import type { Value } from '../../model/expression/expression.js';
import { ExpressionError } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { WINDOW_ENTRIES_MAX } from '../limits.js';
import type { EventReference } from '../reference.js';
import { append, lastOf, noEntries } from './entries.js';
import { EntryList } from './entry-list.js';

/** What the computation of an indicator may know besides its entries. */
export interface Instant {
  /** Epoch ms. */
  readonly clock: number;
  /** The key under evaluation. */
  readonly key: Key;
  /** Arrival of the first registration of the key, epoch ms; NaN where there is none. */
  readonly registered: number;
  /** Total ms in (from, to] in which nobody listened. */
  gapsWithin(from: number, to: number): number;
}

/** What an evaluation asks of a window, as it is at the clock of the evaluation. */
export interface Figures {
  expire(clock: number): void;
  compute(instant: Instant): Value;
  nextChange(instant: Instant): number;
  most(clock: number): number;
  reach(up: boolean): number | null | undefined;
  later(clock: number): number | undefined;
  departures(clock: number): number;
  leavesAt(before: number, clock: number): number;
  anchor(): number;
  eachContributing(visit: (reference: EventReference) => void, clock: number): void;
  panesHeld(): readonly HeldPane[] | null;
}

/** A pane that holds something, with the figure of the operator over it alone. */
export interface HeldPane {
  readonly start: number;
  figure(): Value;
}

/**
 * A window holds the entries with `clock - over < placement <= clock`; the placement is the event's time or its
 * arrival. Subclasses keep what their operator needs; everything is a function of the entries alone.
 */
export abstract class Window implements Figures {
  /** Apart from the window itself: what all kinds of windows do with it runs over one kind of object. */
  protected readonly held = new EntryList();

  constructor(readonly indicator: WindowIndicator) {}

  protected get references(): readonly EventReference[] {
    return this.held.references;
  }

  /** Index of the first entry that has not left the window. */
  protected get head(): number {
    return this.held.head;
  }

  get overMs(): number {
    return this.indicator.overMs;
  }

  /** An entry joined: `values[index]`. */
  protected abstract joined(value: Value, atEnd: boolean, reference: EventReference, index: number): void;
  /** An entry left, by time (`oldest`) or because it was taken back; the next one now is `values[index]`. */
  protected abstract left(value: Value, oldest: boolean, reference: EventReference, index: number): void;
  /** The figure over the entries now in the window. */
  protected abstract figure(instant: Instant): Value;

  placement(reference: EventReference): number {
    return this.indicator.basis === 'arrival' ? reference.at : reference.time;
  }

  get size(): number {
    return this.held.size;
  }

  /** Adds an entry. @returns false where it lies outside the window already. */
  add(reference: EventReference, value: Value, clock: number): boolean {
    if (!this.admits(reference, clock)) return false;
    this.insert(reference, value);
    if (this.size > WINDOW_ENTRIES_MAX) this.dropOldest();
    return true;
  }

  /** Takes an entry back. @returns false where it does not lie in the window at this clock */
  remove(reference: EventReference, clock: number): boolean {
    const { held: list } = this;
    const index = this.search(reference);
    if (list.references[index] !== reference || index < list.head) return false;
    const value = this.valueAt(index);
    list.references.splice(index, 1);
    if (list.values.length > 0) list.values.splice(index, 1);
    this.forget(value, false, reference, index);
    return this.admits(reference, clock);
  }

  /** Lets entries leave whose time is over. */
  expire(clock: number): void {
    const { held: list } = this;
    const { references } = list;
    if (list.head === references.length) return;
    const edge = clock - this.overMs;
    while (list.head < references.length) {
      const first = references[list.head] as EventReference;
      if (this.placement(first) > edge || !this.mayLeave(first, clock)) break;
      const value = this.valueAt(list.head);
      list.head++;
      this.expired(first);
      this.forget(value, true, first, list.head);
    }
    if (list.head === references.length) this.clear();
    else if (list.head > 8 && list.head * 2 > references.length) this.compact();
  }

  /** The indicator's figure at an instant; call `expire` first. */
  compute(instant: Instant): Value {
    const { overflowUntil, errors } = this.held;
    if (overflowUntil !== null && instant.clock < overflowUntil) {
      return new ExpressionError('LIMIT_WINDOW', `more than ${WINDOW_ENTRIES_MAX} entries in the window`);
    }
    if (errors > 0) return this.firstError();
    return this.figure(instant);
  }

  /** An entry that belongs here was forgotten before it came: the figure is an error until it would have left. */
  lose(placement: number): void {
    const { held: list } = this;
    const until = placement + this.overMs;
    list.overflowUntil = list.overflowUntil === null ? until : Math.max(list.overflowUntil, until);
  }

  /** The next instant at which the figure can change by time alone; Infinity if never. */
  nextChange(instant: Instant): number {
    const first = this.held.references[this.held.head];
    const leaves = first === undefined ? Infinity : this.placement(first) + this.overMs;
    return this.untilOverflow(leaves, instant);
  }

  /**
   * The most (`up`), or the least, that the figure can come to while entries leave by time and none comes, null aside;
   * null where it is null and stays so, undefined where none of this is known.
   */
  reach(_up: boolean): number | null | undefined {
    return undefined;
  }

  /**
   * No figure at the clock, or later if nothing comes until then, is more than this, nor is it an error; Infinity where
   * that is not known at once.
   */
  most(_clock: number): number {
    return Infinity;
  }

  /** How many entries are left at a clock; Infinity where the figure is an error. */
  protected sizeAt(clock: number): number {
    if (this.held.errors > 0 || this.held.overflowUntil !== null) return Infinity;
    this.expire(clock);
    return this.size;
  }

  /** The figure at a later clock if nothing comes until then; undefined where that is not known. */
  later(_clock: number): number | undefined {
    return undefined;
  }

  /** At how many instants the figure can fall while entries leave that are there at a clock. */
  departures(_clock: number): number {
    return this.size;
  }

  /** The instant of the departure that has `before` others before it, at the clock of `departures`. */
  leavesAt(before: number, _clock: number): number {
    return this.placement(this.held.references[this.held.head + before] as EventReference) + this.overMs;
  }

  /** Whether the last entry came after all others, where that matters. */
  get grewAtEnd(): boolean {
    return true;
  }

  /** Epoch ms that `since` counts from; NaN for every other operator. */
  anchor(): number {
    return NaN;
  }

  /** Visits the entries in the window in order. */
  each(visit: (reference: EventReference, value: Value) => void): void {
    const { references, head } = this.held;
    for (let index = head; index < references.length; index++) {
      visit(references[index] as EventReference, this.valueAt(index));
    }
  }

  /** Visits the entries that the figure at a clock rests on, for the evidence. */
  eachContributing(visit: (reference: EventReference) => void, _clock: number): void {
    this.each(visit);
  }

  /** The panes that hold something, in order, each with its own figure; null where the window has none. */
  panesHeld(): readonly HeldPane[] | null {
    return null;
  }

  /** Whether an entry that arrives now lies in the window. */
  admits(reference: EventReference, clock: number): boolean {
    return this.placement(reference) > clock - this.indicator.keptMs;
  }

  /**
   * Writes what the window holds; its definition is known from elsewhere:
   *   count x 4 (+ 1 where not every value is `true`, + 2 where entries were dropped for the limit) [until when]
   *   each: place of its event after that of the entry before (signed) [value]
   */
  encode(writer: ByteWriter): void {
    const { references, values, overflowUntil, head } = this.held;
    const hasValues = values.length > 0;
    writer.whole(4 * this.size + (hasValues ? 1 : 0) + (overflowUntil === null ? 0 : 2));
    if (overflowUntil !== null) writer.instant(overflowUntil, 0);
    let expected = 1;
    for (let index = head; index < references.length; index++) {
      const { place } = references[index] as EventReference;
      writer.signed(place - expected);
      if (hasValues) writer.value(values[index] as Value);
      expected = place + 1;
    }
  }

  /** Reads into an empty window what `encode` wrote. */
  decode(reader: ByteReader, references: readonly EventReference[]): void {
    const coded = reader.whole();
    const hasValues = coded % 2 === 1;
    const overflow = coded % 4 >= 2 ? reader.instant(0) : null;
    let place = 0;
    for (let entries = Math.floor(coded / 4); entries > 0; entries--) {
      place += reader.signed();
      this.insert(references[place++] as EventReference, hasValues ? reader.value() : true);
    }
    this.held.overflowUntil = overflow;
  }

  /** The value with which an event is an entry; undefined where it is none. */
  valueOf(reference: EventReference): Value | undefined {
    const { references, head } = this.held;
    const index = this.search(reference);
    return index >= head && references[index] === reference ? this.valueAt(index) : undefined;
  }

  /** Writes what is more than the entries, which are stored elsewhere: their count x 2 (+ 1) [end of the overflow]. */
  encodeHead(writer: ByteWriter): void {
    const { overflowUntil, size } = this.held;
    writer.whole(2 * size + (overflowUntil === null ? 0 : 1));
    if (overflowUntil !== null) writer.instant(overflowUntil, 0);
  }

  /** Reads what `encodeHead` wrote, and takes those of the entries that had not left by then; they come in any order. */
  restore(reader: ByteReader, references: readonly EventReference[], values: readonly Value[]): void {
    const coded = reader.whole();
    const overflow = coded % 2 === 1 ? reader.instant(0) : null;
    const entries = references.map((reference, index) => ({ reference, value: values[index] as Value }));
    entries.sort((a, b) => this.compare(a.reference, b.reference));
    const left = entries.length - Math.floor(coded / 2);
    if (left < 0) throw new CodedError('STATE_CORRUPT', `A window lacks ${-left} of its entries.`);
    for (const { reference, value } of entries.slice(left)) this.insert(reference, value);
    this.held.overflowUntil = overflow;
  }

  /** Index of the first entry that is in the window at a clock. */
  protected firstAt(clock: number): number {
    const edge = clock - this.overMs;
    const { references, head } = this.held;
    let low = head;
    let high = references.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.placement(references[middle] as EventReference) > edge) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  protected valueAt(index: number): Value {
    const { values } = this.held;
    return values.length === 0 ? true : (values[index] as Value);
  }

  protected untilOverflow(next: number, instant: Instant): number {
    const until = this.held.overflowUntil;
    return until !== null && until > instant.clock ? Math.min(next, until) : next;
  }

  protected mayLeave(_first: EventReference, _clock: number): boolean {
    return true;
  }

  protected expired(_reference: EventReference): void {}

  private insert(reference: EventReference, value: Value): void {
    const { held: list } = this;
    const { references } = list;
    const { length } = references;
    const last = references[length - 1];
    if (value instanceof ExpressionError) list.errors++;
    if (last === undefined || this.compare(last, reference) < 0) {
      if (value !== true || list.values.length > 0) list.values = append(this.allValues(), value);
      list.references = append(references, reference);
      this.joined(value, true, reference, length);
      return;
    }
    const index = this.search(reference);
    if (index < list.head) {
      // Older than an entry that the limit dropped already: it would be the next to be dropped.
      if (value instanceof ExpressionError) list.errors--;
      this.overflowAt(reference);
      return;
    }
    if (value !== true || list.values.length > 0) {
      list.values = this.allValues();
      list.values.splice(index, 0, value);
    }
    references.splice(index, 0, reference);
    this.joined(value, false, reference, index);
  }

  /** The values, one for each entry, the first that is not `true` being about to come. */
  private allValues(): Value[] {
    const { values, references } = this.held;
    if (values.length > 0 || references.length === 0) return values;
    return references.map((): Value => true);
  }

  private dropOldest(): void {
    const { held: list } = this;
    const reference = list.references[list.head] as EventReference;
    const value = this.valueAt(list.head);
    list.head++;
    this.forget(value, true, reference, list.head);
    this.overflowAt(reference);
  }

  private overflowAt(dropped: EventReference): void {
    this.lose(this.placement(dropped));
  }

  private forget(value: Value, oldest: boolean, reference: EventReference, index: number): void {
    if (value instanceof ExpressionError) this.held.errors--;
    this.left(value, oldest, reference, index);
  }

  private firstError(): Value {
    const { values, head } = this.held;
    for (let index = head; index < values.length; index++) {
      const value = values[index] as Value;
      if (value instanceof ExpressionError) return value;
    }
    return new ExpressionError('EXPR_INTERNAL', 'the error count of a window does not match its entries');
  }

  private compare(a: EventReference, b: EventReference): number {
    return this.placement(a) - this.placement(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  }

  /** Index of the first entry that does not come before `reference`. */
  private search(reference: EventReference): number {
    const { references } = this.held;
    let low = 0;
    let high = references.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(references[middle] as EventReference, reference) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private clear(): void {
    const { held: list } = this;
    list.references = noEntries();
    list.values = noEntries();
    list.head = 0;
  }

  private compact(): void {
    const { held: list } = this;
    list.references = lastOf(list.references, list.head);
    if (list.values.length > 0) list.values = lastOf(list.values, list.head);
    list.head = 0;
  }
}
