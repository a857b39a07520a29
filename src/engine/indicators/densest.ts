// The largest figure in any short span of a window.
import type { Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { EventReference } from '../reference.js';
import { append, noEntries } from './entries.js';
import { Window, type Instant } from './window.js';

/** Of a figure that must be computed anew. */
const STALE = undefined;

/**
 * The largest figure of the operator over the entries of the window that lie in (t - span, t], for the placement t of
 * any of them; null figures count for nothing, and over an empty window it is the operator's own. Where a figure only
 * grows with more entries, that is the largest in any span at all. What has left the window counts in no span.
 */
export class DensestWindow extends Window {
  /**
   * By entry, the figure over the span that ends with it; null for all but the last entry of an instant. The oldest
   * entry's is at `first`.
   */
  private figures: (number | null | typeof STALE)[] = noEntries();
  private first = 0;
  /** The largest of the figures; NaN while one of them is stale. */
  private largest: number | null = null;
  private readonly span: WindowIndicator;

  /** @param open makes the window that is moved along the entries */
  constructor(
    indicator: WindowIndicator,
    private readonly spanMs: number,
    private readonly open: (span: WindowIndicator) => Window,
  ) {
    super(indicator);
    this.span = { ...indicator, densestMs: null, overMs: spanMs, keptMs: spanMs };
  }

  protected joined(_value: Value, atEnd: boolean, reference: EventReference, index: number): void {
    if (atEnd) this.figures = append(this.figures, STALE);
    else this.figures.splice(this.first + index - this.head, 0, STALE);
    this.touch(index, this.placement(reference));
  }

  protected left(_value: Value, oldest: boolean, reference: EventReference, index: number): void {
    if (oldest) this.first++;
    else this.figures.splice(this.first + index - this.head, 1);
    this.touch(index, this.placement(reference));
    if (this.first < this.figures.length) this.compactFigures();
    else {
      this.figures = noEntries();
      this.first = 0;
    }
  }

  protected figure(instant: Instant): Value {
    if (this.size === 0) return this.open(this.span).compute(instant);
    if (!Number.isNaN(this.largest)) return this.largest;
    this.renew(instant);
    let largest: number | null = null;
    for (let place = this.first; place < this.figures.length; place++) {
      const figure = this.figures[place] ?? null;
      if (figure !== null && (largest === null || figure > largest)) largest = figure;
    }
    this.largest = largest;
    return largest;
  }

  /** Something came or went before `index`: stale are the spans that hold its placement. */
  private touch(index: number, placement: number): void {
    this.largest = NaN;
    const shift = this.first - this.head;
    for (let before = index - 1; before >= this.head && this.placedAt(before) === placement; before--) {
      this.figures[before + shift] = STALE;
    }
    for (let after = index; after < this.references.length; after++) {
      if (this.placedAt(after) >= placement + this.spanMs) break;
      this.figures[after + shift] = STALE;
    }
  }

  /** Computes the stale figures: for each run of them a window moves from the start of its first span to its end. */
  private renew(instant: Instant): void {
    const shift = this.first - this.head;
    let moving: Window | null = null;
    for (let index = this.head; index < this.references.length; index++) {
      if (this.figures[index + shift] !== STALE) {
        moving = null;
        continue;
      }
      moving ??= this.spanBefore(index);
      moving.add(this.references[index] as EventReference, this.valueAt(index), -Infinity);
      const placement = this.placedAt(index);
      const isLast = this.placedAt(index + 1) !== placement;
      this.figures[index + shift] = isLast ? figureOf(moving, { ...instant, clock: placement }) : null;
    }
  }

  /** A window of the entries before one that lie in a span with it. */
  private spanBefore(index: number): Window {
    const edge = this.placedAt(index) - this.spanMs;
    let start = index;
    while (start > this.head && this.placedAt(start - 1) > edge) start--;
    const window = this.open(this.span);
    for (let entry = start; entry < index; entry++) {
      window.add(this.references[entry] as EventReference, this.valueAt(entry), -Infinity);
    }
    return window;
  }

  private placedAt(index: number): number {
    const reference = this.references[index];
    return reference === undefined ? NaN : this.placement(reference);
  }

  private compactFigures(): void {
    if (this.first <= 32 || this.first * 2 <= this.figures.length) return;
    this.figures = this.figures.slice(this.first);
    this.first = 0;
  }
}

function figureOf(window: Window, instant: Instant): number | null {
  window.expire(instant.clock);
  const figure = window.compute(instant);
  return typeof figure === 'number' ? figure : null;
}
