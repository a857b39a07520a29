// The last closed pane against the panes of the same key before it.
import type { Baseline } from '../../model/baseline.js';
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { PaneClock } from '../../model/pane-clock.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { readDeparted, writeDeparted } from './departed.js';
import type { EventReference } from '../reference.js';
import { compare } from './baseline-methods.js';
import { PaneKeepingWindow } from './paned-window.js';
import { errorOf, type Pane } from './panes.js';
import { tallyFor } from './tally-for.js';
import type { Instant } from './window.js';

/**
 * `{ now, expected, spread, score }`, or null until there are enough panes. The panes are those that end after `over`
 * before the end of the last closed one, from the pane on in which the key was first known: by an entry, or by its
 * registration. One in which nothing happened counts as the operator counts nothing: 0, or not at all. The figure is
 * folded from the panes' values anew whenever a closed pane changes.
 */
export class BaselineWindow extends PaneKeepingWindow {
  /** Start of the earliest pane that was let go; NaN for none. */
  private departed = NaN;
  /** What was computed last, for which open pane and which first one; `for: NaN` for nothing. */
  private computed: { for: number; first: number; figure: Value } = { for: NaN, first: NaN, figure: null };

  /** The figure over an empty pane. */
  private readonly nothing = tallyFor(this.indicator).figure();

  constructor(
    indicator: WindowIndicator,
    clock: PaneClock,
    private readonly baseline: Baseline,
  ) {
    super(indicator, clock);
  }

  /** An event before the window is kept as well: the key has been known since. */
  override admits(): boolean {
    return true;
  }

  override add(reference: EventReference, value: Value, clock: number): boolean {
    if (!super.add(reference, value, clock)) return false;
    this.changedAt(this.placement(reference));
    return true;
  }

  override remove(reference: EventReference): boolean {
    const placement = this.placement(reference);
    return this.panes.remove(reference, placement, (one) => this.placement(one));
  }

  /** A pane before the window stays as long as something in it can be taken back. */
  override expire(clock: number): void {
    const limit = this.oldestEnd(clock);
    for (;;) {
      const first = this.panes.list[0];
      if (first === undefined || first.end > limit) return;
      if (first.references.some(({ keepUntil }) => keepUntil > clock)) return;
      if (!(this.departed <= first.start)) this.departed = first.start;
      this.panes.dropUntil(first.end);
    }
  }

  override compute(instant: Instant): Value {
    const first = this.firstPane(instant);
    if (Number.isNaN(first)) return null;
    const open = this.clock.startOf(instant.clock);
    const { computed } = this;
    if (computed.for !== open || computed.first !== first) {
      computed.for = open;
      computed.first = first;
      computed.figure = this.figureBefore(open, first);
    }
    return computed.figure;
  }

  override nextChange(instant: Instant): number {
    const first = this.firstPane(instant);
    if (Number.isNaN(first)) return Infinity;
    const { clock } = instant;
    const edge = this.panes.list.length > 0 ? this.clock.endOf(clock) : this.edgeOverNothing(clock, first);
    return edge > clock ? this.wakeUpAt(edge, instant) : Infinity;
  }

  override encode(writer: ByteWriter): void {
    writeDeparted(writer, this.departed);
    super.encode(writer);
  }

  override decode(reader: ByteReader, references: readonly EventReference[]): void {
    this.departed = readDeparted(reader);
    super.decode(reader, references);
  }

  override encodeHead(writer: ByteWriter): void {
    writeDeparted(writer, this.departed);
    super.encodeHead(writer);
  }

  override restore(
    reader: ByteReader,
    references: readonly EventReference[],
    values: readonly Value[],
  ): void {
    this.departed = readDeparted(reader);
    super.restore(reader, references, values);
  }

  /** Panes count back from the end of the last closed one. */
  protected override oldestEnd(clock: number): number {
    return this.clock.startOf(clock) - this.overMs;
  }

  protected figure(instant: Instant): Value {
    return this.compute(instant);
  }

  protected joinedPane(): void {}

  protected paneGone(pane: Pane): void {
    this.changedAt(pane.start);
  }

  protected paneReplaced(pane: Pane): void {
    this.changedAt(pane.start);
  }

  /** The open pane is compared with nothing yet. */
  private changedAt(placement: number): void {
    if (placement < this.computed.for) this.computed.for = NaN;
  }

  /** Start of the pane in which the key was first known; NaN where it is not. */
  private firstPane({ registered }: Instant): number {
    let first = this.departed;
    const kept = this.panes.list[0];
    if (kept !== undefined && !(first <= kept.start)) first = kept.start;
    if (Number.isNaN(registered) || first <= registered) return first;
    return this.clock.startOf(registered);
  }

  /** Where nothing is kept, every pane is like the one before: the edge at which there are enough of them. */
  private edgeOverNothing(clock: number, first: number): number {
    const { byWeekday, panesMin } = this.baseline;
    if (this.nothing === null) return Infinity;
    if (byWeekday) {
      const isFull = first <= this.clock.startOf(this.clock.startOf(clock) - this.overMs);
      return isFull ? Infinity : this.clock.endOf(clock);
    }
    let edge = first;
    for (let count = 0; count <= panesMin; count++) edge = this.clock.endOf(edge);
    return edge;
  }

  /** The figure while the pane that starts at `open` is open. */
  private figureBefore(open: number, first: number): Value {
    const { clock, baseline } = this;
    const { list } = this.panes;
    const last = clock.startBefore(open);
    const weekday = baseline.byWeekday ? clock.weekdayOf(last) : 0;
    const before: number[] = [];
    let now: Value = null;
    let index = 0;
    let start = Math.max(first, clock.startOf(open - this.overMs));
    for (; start < open; start = clock.endOf(start)) {
      while ((list[index]?.start ?? Infinity) < start) index++;
      const pane = list[index]?.start === start ? list[index] : undefined;
      if (weekday !== 0 && clock.weekdayOf(start) !== weekday) continue;
      const value = pane === undefined ? this.nothing : (errorOf(pane) ?? pane.tally.figure());
      if (value instanceof ExpressionError) return value;
      if (start === last) now = value;
      else if (typeof value === 'number') before.push(value);
    }
    if (before.length < baseline.panesMin) return null;
    const number = typeof now === 'number' ? now : null;
    return { now: number, ...compare(baseline.method, before, number) };
  }
}
