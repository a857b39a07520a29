// The panes of one indicator on one key: spans between fixed edges, each with the tally of what lies in it.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { PaneClock } from '../../model/pane-clock.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { PANED_VALUES_MAX } from '../limits.js';
import type { EventReference } from '../reference.js';
import type { Tally } from './tally.js';

/** One pane, to be written to by `Panes` alone. */
export interface Pane {
  readonly start: number;
  /** The first instant that no longer belongs to it. */
  readonly end: number;
  tally: Tally;
  /** What makes it up, where that can be taken back; empty otherwise. */
  readonly references: EventReference[];
  readonly values: Value[];
  /** The error of the earliest entry by (placement, id) that has one. */
  error: FirstError | null;
  /** Something was left out, for the limit. */
  lost: boolean;
}

interface FirstError {
  readonly placement: number;
  readonly id: string;
  readonly error: ExpressionError;
}

/** What becomes of the panes' tallies, to whom keeps a total of them. */
export interface PanesObserver {
  /** A value joined a pane that it was new to. */
  joined(value: Value, placement: number): void;
  /** A pane is gone, or is about to become another one. */
  gone(pane: Pane): void;
  /** A pane became another one. */
  replaced(pane: Pane): void;
}

/**
 * Panes that hold something, by start. Where events can be taken back, each keeps the references and values of its
 * entries; elsewhere its tally alone, so that a key costs as much as it has panes, however much comes.
 */
export class Panes {
  list: Pane[] = [];
  private weight = 0;
  /** How many panes have an error or an omission. */
  private troubled = 0;

  constructor(
    readonly clock: PaneClock,
    private readonly keepsEntries: boolean,
    private readonly open: () => Tally,
    private readonly observer: PanesObserver,
  ) {}

  add(reference: EventReference, placement: number, value: Value): void {
    const pane = this.paneAt(placement);
    const isFull = this.weight >= PANED_VALUES_MAX;
    this.measure(pane, -1);
    if (isFull) pane.lost = true;
    else if (this.keepsEntries) {
      pane.references.push(reference);
      pane.values.push(value);
    }
    const joins = !isFull && take(pane, reference, placement, value);
    this.measure(pane, 1);
    if (joins) this.observer.joined(value, placement);
  }

  /** Something was left out of the pane of a placement. */
  lose(placement: number): void {
    const pane = this.paneAt(placement);
    this.measure(pane, -1);
    pane.lost = true;
    this.measure(pane, 1);
  }

  /** Takes an entry back. @returns false where no pane holds it */
  remove(
    reference: EventReference,
    placement: number,
    placementOf: (one: EventReference) => number,
  ): boolean {
    const pane = this.list[this.indexOf(placement)];
    const index = pane?.references.indexOf(reference) ?? -1;
    if (pane === undefined || index < 0) return false;
    this.observer.gone(pane);
    this.measure(pane, -1);
    pane.references.splice(index, 1);
    pane.values.splice(index, 1);
    pane.tally = this.open();
    pane.error = null;
    pane.references.forEach((one, place) => take(pane, one, placementOf(one), pane.values[place] as Value));
    this.measure(pane, 1);
    if (pane.references.length === 0 && !pane.lost) this.list = this.list.filter((one) => one !== pane);
    else this.observer.replaced(pane);
    return true;
  }

  /** Drops the panes that end at an instant or before it. */
  dropUntil(instant: number): void {
    let count = 0;
    for (const pane of this.list) {
      if (pane.end > instant) break;
      this.observer.gone(pane);
      this.measure(pane, -1);
      count++;
    }
    if (count > 0) this.list.splice(0, count);
  }

  /** The earliest error of the panes, an omission before all; null where there is neither. */
  get error(): ExpressionError | null {
    if (this.troubled === 0) return null;
    let first: ExpressionError | null = null;
    for (const pane of this.list) {
      if (pane.lost) return errorOf(pane);
      first ??= errorOf(pane);
    }
    return first;
  }

  each(visit: (reference: EventReference, value: Value) => void): void {
    for (const pane of this.list) {
      pane.references.forEach((reference, index) => visit(reference, pane.values[index] as Value));
    }
  }

  /**
   * Count of panes, then each: start after that of the pane before (signed), u8 (1 something was left out, 2 error), and
   *   entries: count, then each: place of its event after that of the entry before (signed), value
   *   or [error: placement, id, error], tally
   */
  encode(writer: ByteWriter): void {
    writer.whole(this.list.length);
    let before = 0;
    let expected = 1;
    for (const pane of this.list) {
      writer.signed(pane.start - before);
      writer.byte((pane.lost ? 1 : 0) | (pane.error !== null && !this.keepsEntries ? 2 : 0));
      before = pane.start;
      if (!this.keepsEntries) {
        if (pane.error !== null) {
          writer.instant(pane.error.placement, before);
          writer.string(pane.error.id);
          writer.value(pane.error.error);
        }
        pane.tally.encode(writer);
        continue;
      }
      const { references, values } = pane;
      writer.whole(references.length);
      for (let index = 0; index < references.length; index++) {
        const { place } = references[index] as EventReference;
        writer.signed(place - expected);
        writer.value(values[index] as Value);
        expected = place + 1;
      }
    }
  }

  decode(
    reader: ByteReader,
    references: readonly EventReference[],
    placementOf: (reference: EventReference) => number,
  ): void {
    let start = 0;
    let place = 0;
    for (let panes = reader.whole(); panes > 0; panes--) {
      start += reader.signed();
      const flags = reader.byte();
      const pane = this.paneAt(start);
      if (this.keepsEntries) {
        for (let entries = reader.whole(); entries > 0; entries--) {
          place += reader.signed();
          const reference = references[place++] as EventReference;
          this.add(reference, placementOf(reference), reader.value());
        }
      } else {
        if ((flags & 2) !== 0) {
          const placement = reader.instant(start);
          const id = reader.string();
          pane.error = { placement, id, error: reader.value() as ExpressionError };
        }
        pane.tally.decode(reader);
        this.observer.replaced(pane);
      }
      if (this.keepsEntries) this.measure(pane, -1);
      pane.lost = (flags & 1) !== 0;
      this.measure(pane, 1);
    }
  }

  /** The value with which a pane holds an event; undefined where none does. */
  valueOf(reference: EventReference, placement: number): Value | undefined {
    if (!this.keepsEntries) return undefined;
    const pane = this.list[this.indexOf(placement)];
    const index = pane?.references.indexOf(reference) ?? -1;
    return index < 0 ? undefined : pane?.values[index];
  }

  /**
   * What is more than the entries, which are stored elsewhere: 0 for no pane, or 1 and the start of the first; and count
   * of panes of which something was left out, each: start. Where panes keep no entries, all that they are.
   */
  encodeHead(writer: ByteWriter): void {
    if (!this.keepsEntries) return this.encode(writer);
    const first = this.list[0];
    writer.byte(first === undefined ? 0 : 1);
    if (first !== undefined) writer.signed(first.start);
    const lost = this.list.filter((pane) => pane.lost);
    writer.whole(lost.length);
    for (const { start } of lost) writer.signed(start);
  }

  /** Reads what `encodeHead` wrote, and takes those of the entries whose panes had not been let go by then. */
  restore(
    reader: ByteReader,
    references: readonly EventReference[],
    values: readonly Value[],
    placementOf: (reference: EventReference) => number,
  ): void {
    if (!this.keepsEntries) return this.decode(reader, references, placementOf);
    const first = reader.byte() === 0 ? Infinity : reader.signed();
    for (let index = 0; index < references.length; index++) {
      const reference = references[index] as EventReference;
      const placement = placementOf(reference);
      if (placement >= first) this.add(reference, placement, values[index] as Value);
    }
    for (let count = reader.whole(); count > 0; count--) {
      this.lose(reader.signed());
    }
  }

  /** Counts a pane in (1), or out (-1) before it changes. */
  private measure(pane: Pane, sign: 1 | -1): void {
    this.weight += sign * (this.keepsEntries ? pane.references.length : pane.tally.weight);
    if (pane.lost || pane.error !== null) this.troubled += sign;
  }

  private paneAt(placement: number): Pane {
    const index = this.indexOf(placement);
    const found = this.list[index];
    if (found !== undefined && found.start <= placement) return found;
    const start = this.clock.startOf(placement);
    const end = this.clock.endOf(placement);
    const pane = { start, end, tally: this.open(), references: [], values: [], error: null, lost: false };
    this.list.splice(index, 0, pane);
    return pane;
  }

  private indexOf(instant: number): number {
    return paneAfter(this.list, instant);
  }
}

/** Index of the first pane that ends after an instant: the one that it lies in, or where that one would be. */
export function paneAfter(list: readonly Pane[], instant: number): number {
  const last = list[list.length - 1];
  if (last === undefined || last.end <= instant) return list.length;
  if (last.start <= instant) return list.length - 1;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as Pane).end <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is wrong with a pane; null for nothing. */
export function errorOf(pane: Pane): ExpressionError | null {
  if (!pane.lost) return pane.error?.error ?? null;
  return new ExpressionError(
    'LIMIT_PANES',
    `more than ${PANED_VALUES_MAX} values in the panes of the window`,
  );
}

/** Lets a value count in its pane. @returns whether the tally holds something new by it */
function take(pane: Pane, reference: EventReference, placement: number, value: Value): boolean {
  if (!(value instanceof ExpressionError)) return pane.tally.add(value, placement);
  const { error, id } = { error: pane.error, id: reference.id };
  if (error === null || placement < error.placement || (placement === error.placement && id < error.id)) {
    pane.error = { placement, id, error: value };
  }
  return false;
}
