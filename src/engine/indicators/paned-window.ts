// A window in panes: the ones that end after `clock - over`, the open one included.
import type { Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { PaneClock } from '../../model/pane-clock.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { WAKE_UP_SPREAD_MAX_MS } from '../limits.js';
import { murmur3 } from '../murmur3.js';
import type { EventReference } from '../reference.js';
import { errorOf, Panes, type Pane } from './panes.js';
import type { Tally } from './tally.js';
import { tallyFor } from './tally-for.js';
import { Window, type HeldPane, type Instant } from './window.js';

/**
 * How long after an edge a key is woken, so that the keys of a partition do not all wake at once: MurmurHash3_x86_32
 * of the key modulo the lesser of the pane's size and five minutes.
 */
export function wakeUpDelayMs(key: string, everyMs: number): number {
  return murmur3(key, 0) % Math.min(everyMs, WAKE_UP_SPREAD_MAX_MS);
}

/** What all windows made of panes have in common. */
export abstract class PaneKeepingWindow extends Window {
  protected readonly panes: Panes;

  constructor(
    indicator: WindowIndicator,
    protected readonly clock: PaneClock,
  ) {
    super(indicator);
    this.panes = new Panes(clock, indicator.keepsEntries, () => tallyFor(indicator), {
      joined: (value, placement) => this.joinedPane(value, placement),
      gone: (pane) => this.paneGone(pane),
      replaced: (pane) => this.paneReplaced(pane),
    });
  }

  /** How many panes hold something. */
  get paneCount(): number {
    return this.panes.list.length;
  }

  override admits(reference: EventReference, clock: number): boolean {
    return this.clock.endOf(this.placement(reference)) > this.oldestEnd(clock);
  }

  override add(reference: EventReference, value: Value, clock: number): boolean {
    if (!this.admits(reference, clock)) return false;
    this.panes.add(reference, this.placement(reference), value);
    return true;
  }

  override remove(reference: EventReference, clock: number): boolean {
    const placement = this.placement(reference);
    return (
      this.panes.remove(reference, placement, (one) => this.placement(one)) && this.admits(reference, clock)
    );
  }

  override lose(placement: number): void {
    this.panes.lose(placement);
  }

  override expire(clock: number): void {
    this.panes.dropUntil(this.oldestEnd(clock));
  }

  override each(visit: (reference: EventReference, value: Value) => void): void {
    this.panes.each(visit);
  }

  override panesHeld(): readonly HeldPane[] {
    return this.panes.list.map((pane) => ({
      start: pane.start,
      figure: () => errorOf(pane) ?? pane.tally.figure(),
    }));
  }

  override encode(writer: ByteWriter): void {
    this.panes.encode(writer);
  }

  override decode(reader: ByteReader, references: readonly EventReference[]): void {
    this.panes.decode(reader, references, (one) => this.placement(one));
  }

  override valueOf(reference: EventReference): Value | undefined {
    return this.panes.valueOf(reference, this.placement(reference));
  }

  override encodeHead(writer: ByteWriter): void {
    this.panes.encodeHead(writer);
  }

  override restore(
    reader: ByteReader,
    references: readonly EventReference[],
    values: readonly Value[],
  ): void {
    this.panes.restore(reader, references, values, (one) => this.placement(one));
  }

  /** At this clock, panes that end at this instant or before it are over. */
  protected oldestEnd(clock: number): number {
    return clock - this.overMs;
  }

  /** The instant at which what happens at an edge is looked at. */
  protected wakeUpAt(edge: number, instant: Instant): number {
    return edge + wakeUpDelayMs(instant.key, this.clock.everyMs);
  }

  protected abstract joinedPane(value: Value, placement: number): void;
  protected abstract paneGone(pane: Pane): void;
  protected abstract paneReplaced(pane: Pane): void;

  protected joined(): void {}
  protected left(): void {}
}

/** An aggregate over the panes of a window. */
export class PanedWindow extends PaneKeepingWindow {
  /** Over all panes; null when they must be merged anew. */
  private total: Tally | null = tallyFor(this.indicator);

  override compute(): Value {
    const { error } = this.panes;
    if (error !== null) return error;
    if (this.total === null) {
      this.total = tallyFor(this.indicator);
      for (const pane of this.panes.list) this.total.merge(pane.tally);
    }
    return this.total.figure();
  }

  override nextChange(instant: Instant): number {
    const first = this.panes.list[0];
    return first === undefined ? Infinity : this.wakeUpAt(first.end + this.overMs, instant);
  }

  protected figure(): Value {
    return this.compute();
  }

  protected joinedPane(value: Value, placement: number): void {
    this.total?.count(value, placement);
  }

  protected paneGone(pane: Pane): void {
    if (this.total?.subtract(pane.tally) === false) this.total = null;
  }

  protected paneReplaced(pane: Pane): void {
    this.total?.merge(pane.tally);
  }
}
