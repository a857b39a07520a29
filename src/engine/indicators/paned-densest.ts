// The largest figure in any short span of a window that is kept in panes.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { PaneClock } from '../../model/pane-clock.js';
import { PaneKeepingWindow } from './paned-window.js';
import { paneAfter, type Pane } from './panes.js';
import type { Tally } from './tally.js';
import { tallyFor } from './tally-for.js';
import type { Instant } from './window.js';

type Figure = number | null | ExpressionError;

/**
 * The largest figure of the operator over the panes of the window that lie in a span of whole panes that ends with any
 * one of them that holds something; null figures count for nothing, and over an empty window it is the operator's own.
 * What has left the window counts in no span.
 */
export class PanedDensestWindow extends PaneKeepingWindow {
  /** By start of a pane, the figure over the span that ends with it. */
  private readonly figures = new Map<number, Figure>();
  /** The largest of the figures; NaN where it must be sought anew. */
  private largest: number | null = null;
  /** Figures of panes that end in here, the latter not included, must be computed anew. */
  private staleFrom = Infinity;
  private staleTo = -Infinity;

  constructor(
    indicator: WindowIndicator,
    clock: PaneClock,
    private readonly spanMs: number,
  ) {
    super(indicator, clock);
  }

  override compute(): Value {
    const { error, list } = this.panes;
    if (error !== null) return error;
    if (list.length === 0) return tallyFor(this.indicator).figure();
    if (this.staleFrom < this.staleTo) this.renew();
    return Number.isNaN(this.largest) ? this.seek() : this.largest;
  }

  override nextChange(instant: Instant): number {
    const first = this.panes.list[0];
    return first === undefined ? Infinity : this.wakeUpAt(first.end + this.overMs, instant);
  }

  protected figure(): Value {
    return this.compute();
  }

  protected joinedPane(_value: Value, placement: number): void {
    this.touch(this.clock.endOf(placement));
  }

  protected paneGone(pane: Pane): void {
    this.drop(pane.start);
    this.touch(pane.end);
  }

  protected paneReplaced(pane: Pane): void {
    this.touch(pane.end);
  }

  /** A pane changed: stale is every span that holds it. */
  private touch(end: number): void {
    this.staleFrom = Math.min(this.staleFrom, end);
    this.staleTo = Math.max(this.staleTo, end + this.spanMs);
  }

  private drop(start: number): void {
    const figure = this.figures.get(start);
    if (figure !== undefined && figure === this.largest) this.largest = NaN;
    this.figures.delete(start);
  }

  private renew(): void {
    const { list } = this.panes;
    const { staleTo } = this;
    let place = paneAfter(list, this.staleFrom - 1);
    let first = this.firstOf(place);
    let moving: Tally | null = this.mergedFrom(first, place);
    for (let pane = list[place]; pane !== undefined && pane.end < staleTo; pane = list[++place]) {
      for (const start = this.firstOf(place); first < start; first++) {
        if (moving?.subtract((list[first] as Pane).tally) === false) moving = null;
      }
      if (moving === null) moving = this.mergedFrom(first, place);
      moving.merge(pane.tally);
      const figure = moving.figure();
      this.drop(pane.start);
      this.keep(pane.start, figure instanceof ExpressionError || typeof figure === 'number' ? figure : null);
    }
    this.staleFrom = Infinity;
    this.staleTo = -Infinity;
  }

  private keep(start: number, figure: Figure): void {
    this.figures.set(start, figure);
    if (figure instanceof ExpressionError) this.largest = NaN;
    else if (figure !== null && (this.largest === null || figure > this.largest)) this.largest = figure;
  }

  /** The largest figure, or the error of the earliest span that has one. */
  private seek(): Figure {
    let largest: number | null = null;
    for (const { start } of this.panes.list) {
      const figure = this.figures.get(start) ?? null;
      if (figure instanceof ExpressionError) return figure;
      if (figure !== null && (largest === null || figure > largest)) largest = figure;
    }
    this.largest = largest;
    return largest;
  }

  /** The first pane in the span that ends with a pane; days may be an hour shorter or longer than others. */
  private firstOf(place: number): number {
    const last = this.panes.list[place];
    return last === undefined
      ? place
      : paneAfter(this.panes.list, last.end - this.spanMs + this.clock.everyMs / 2);
  }

  private mergedFrom(first: number, end: number): Tally {
    const tally = tallyFor(this.indicator);
    for (const pane of this.panes.list.slice(first, end)) tally.merge(pane.tally);
    return tally;
  }
}
