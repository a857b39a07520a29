// A figure over the panes of a window, and over those of the window before it.
import type { Value } from '../../model/expression/expression.js';
import { PaneKeepingWindow } from './paned-window.js';
import { paneAfter, type Pane } from './panes.js';
import type { Tally } from './tally.js';
import { tallyFor } from './tally-for.js';
import { comparisonOf } from './versus.js';
import type { Instant } from './window.js';

/**
 * `{ now, before, change, ratio }`: the operator over the panes that end after `clock - over`, the open one included,
 * and over those that end in (clock - 2 over, clock - over].
 */
export class PanedVersusWindow extends PaneKeepingWindow {
  /** The window before holds the panes that end here or earlier. */
  private middle = -Infinity;
  /** Over the panes of each; null when they must be merged anew. */
  private now: Tally | null = tallyFor(this.indicator);
  private before: Tally | null = tallyFor(this.indicator);

  override expire(clock: number): void {
    const { list } = this.panes;
    const middle = clock - this.overMs;
    if ((list[paneAfter(list, this.middle)]?.end ?? Infinity) <= middle) this.now = this.before = null;
    this.middle = middle;
    super.expire(clock);
  }

  override compute(): Value {
    const { error } = this.panes;
    if (error !== null) return error;
    if (this.now === null || this.before === null) {
      const now = (this.now = tallyFor(this.indicator));
      const before = (this.before = tallyFor(this.indicator));
      for (const pane of this.panes.list) (pane.end <= this.middle ? before : now).merge(pane.tally);
    }
    return comparisonOf(this.now.figure(), this.before.figure());
  }

  override nextChange(instant: Instant): number {
    const { list } = this.panes;
    const edges = [
      (list[0]?.end ?? Infinity) + 2 * this.overMs,
      (list[paneAfter(list, this.middle)]?.end ?? Infinity) + this.overMs,
    ];
    const edge = Math.min(...edges);
    return edge === Infinity ? Infinity : this.wakeUpAt(edge, instant);
  }

  protected override oldestEnd(clock: number): number {
    return clock - 2 * this.overMs;
  }

  protected figure(): Value {
    return this.compute();
  }

  protected joinedPane(value: Value, placement: number): void {
    const half = this.clock.endOf(placement) <= this.middle ? this.before : this.now;
    half?.count(value, placement);
  }

  protected paneGone(pane: Pane): void {
    const isEarlier = pane.end <= this.middle;
    if ((isEarlier ? this.before : this.now)?.subtract(pane.tally) !== false) return;
    if (isEarlier) this.before = null;
    else this.now = null;
  }

  protected paneReplaced(pane: Pane): void {
    (pane.end <= this.middle ? this.before : this.now)?.merge(pane.tally);
  }
}
