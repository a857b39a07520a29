// A window that waits for its history: it remembers what came since, and has no figure yet.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { PRIMING_ENTRIES_MAX } from '../limits.js';
import type { EventReference } from '../reference.js';
import { openWindow } from './open.js';
import { Window } from './window.js';

export class PrimingWindow extends Window {
  /** In the order of arrival. */
  private waiting = new Map<EventReference, Value>();
  private readonly model: Window;
  /** Placements of what was forgotten: the latest of each pane, or the latest of all where there are no panes. */
  private readonly lost = new Map<number, number>();

  constructor(indicator: WindowIndicator) {
    super(indicator);
    this.model = openWindow(indicator);
  }

  override get size(): number {
    return this.waiting.size;
  }

  /** Whether any of it is no history itself. */
  get heardLive(): boolean {
    if (this.lost.size > 0) return true;
    for (const reference of this.waiting.keys()) if (!reference.backfilled) return true;
    return false;
  }

  override admits(reference: EventReference, clock: number): boolean {
    return this.model.admits(reference, clock);
  }

  override add(reference: EventReference, value: Value, clock: number): boolean {
    if (!this.admits(reference, clock)) return false;
    this.waiting.set(reference, value);
    const [oldest] = this.waiting.keys();
    if (this.waiting.size > PRIMING_ENTRIES_MAX && oldest !== undefined) {
      this.waiting.delete(oldest);
      this.forgotten(this.placement(oldest));
    }
    return true;
  }

  private forgotten(placement: number): void {
    const pane = this.indicator.panes?.startOf(placement) ?? 0;
    this.lost.set(pane, Math.max(placement, this.lost.get(pane) ?? -Infinity));
  }

  override remove(reference: EventReference): boolean {
    return this.waiting.delete(reference);
  }

  override expire(): void {}

  override compute(): Value {
    return new ExpressionError('INDICATOR_UNPRIMED', 'its history is being read');
  }

  override nextChange(): number {
    return Infinity;
  }

  override each(visit: (reference: EventReference, value: Value) => void): void {
    for (const [reference, value] of this.waiting) visit(reference, value);
  }

  override encode(writer: ByteWriter): void {
    writer.whole(this.waiting.size);
    for (const [reference, value] of this.waiting) {
      writer.whole(reference.place - 1);
      writer.value(value);
    }
    this.encodeLost(writer);
  }

  override decode(reader: ByteReader, references: readonly EventReference[]): void {
    for (let count = reader.whole(); count > 0; count--) {
      const reference = references[reader.whole()] as EventReference;
      this.waiting.set(reference, reader.value());
    }
    this.decodeLost(reader);
  }

  override valueOf(reference: EventReference): Value | undefined {
    return this.waiting.get(reference);
  }

  override encodeHead(writer: ByteWriter): void {
    writer.whole(this.waiting.size);
    this.encodeLost(writer);
  }

  override restore(
    reader: ByteReader,
    references: readonly EventReference[],
    values: readonly Value[],
  ): void {
    for (let index = references.length - reader.whole(); index < references.length; index++) {
      this.waiting.set(references[index] as EventReference, values[index] as Value);
    }
    this.decodeLost(reader);
  }

  /** Count of placements of what was forgotten, each. */
  private encodeLost(writer: ByteWriter): void {
    writer.whole(this.lost.size);
    for (const placement of this.lost.values()) writer.instant(placement, 0);
  }

  private decodeLost(reader: ByteReader): void {
    for (let count = reader.whole(); count > 0; count--) this.forgotten(reader.instant(0));
  }

  /** Lets what came since count in the window with the history; what that holds already is passed over. */
  settleInto(window: Window, clock: number): Window {
    const held = new Set<EventReference>();
    window.each((reference) => held.add(reference));
    for (const [reference, value] of this.waiting) {
      if (!held.has(reference)) window.add(reference, value, clock);
    }
    for (const placement of this.lost.values()) window.lose(placement);
    return window;
  }

  protected joined(): void {}
  protected left(): void {}
  protected figure(): Value {
    return null;
  }
}
