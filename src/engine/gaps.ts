// Spans in which nobody listened; absences do not count them.
import { GAPS_MAX } from './limits.js';

export interface GapSpan {
  readonly from: number;
  readonly to: number;
}

export class Gaps {
  private spans: GapSpan[] = [];

  get all(): readonly GapSpan[] {
    return this.spans;
  }

  /** Adds a span; spans come in order of time and overlaps count once. */
  add(from: number, to: number): void {
    const last = this.spans[this.spans.length - 1];
    const start = last === undefined ? from : Math.max(from, last.to);
    if (to <= start) return;
    this.spans.push({ from: start, to });
    if (this.spans.length > GAPS_MAX) this.spans.shift();
  }

  /** Total ms of the spans that lie in (from, to]. */
  within(from: number, to: number): number {
    let total = 0;
    for (let index = this.spans.length - 1; index >= 0; index--) {
      const span = this.spans[index] as GapSpan;
      if (span.to <= from) break;
      total += Math.max(0, Math.min(to, span.to) - Math.max(from, span.from));
    }
    return total;
  }
}
