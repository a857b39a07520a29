// A sequence over the rows of a ledger, where each step is decided by its event alone.
import type { Value } from '../model/expression/expression.js';
import type { Sequence, WindowIndicator } from '../model/model.js';
import type { Figures } from './indicators/window.js';
import type { Ledger } from './ledger.js';
import type { WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';
import { RowEntries } from './row-entries.js';

/** Whether a sequence can be looked at in this way: no step asks of earlier ones, none is that something does not come. */
export function isRowSequence({ sequence }: WindowIndicator): boolean {
  return sequence?.steps.every(({ not, join, until }) => !not && join === null && until === null) === true;
}

/** The matches as `SequenceWindow` has them, sought through the entries, which are few. */
export class RowSequence implements Figures {
  private readonly entries = new RowEntries();
  /** The instants at which matches are complete that have not left the window, ascending. */
  private readonly completions: number[] = [];
  private overMs = 0;
  private sequence: Sequence | null = null;
  private clock = 0;

  constructor(private readonly referenceOf: (row: number) => EventReference) {}

  fill(ledger: Ledger, plan: WindowPlan, clock: number): void {
    const { overMs, sequence } = plan.indicator;
    this.overMs = overMs;
    this.sequence = sequence;
    this.clock = clock;
    this.entries.fill(ledger, plan, clock);
    while (this.completions.length > 0) this.completions.pop();
    for (let first = 0; first < this.entries.size; first++) {
      const last = this.lastOf(first, null);
      if (last >= 0) this.complete(this.entries.placements[last] as number);
    }
  }

  expire(): void {}

  compute(): Value {
    return this.completions.length;
  }

  nextChange(): number {
    return this.completions.length === 0 ? Infinity : this.leavesAt(0);
  }

  most(): number {
    return this.completions.length;
  }

  reach(_up: boolean): undefined {
    return undefined;
  }

  later(clock: number): number {
    let left = 0;
    for (const instant of this.completions) if (instant <= clock - this.overMs) left++;
    return this.completions.length - left;
  }

  departures(): number {
    return this.completions.length;
  }

  leavesAt(before: number): number {
    return (this.completions[before] as number) + this.overMs;
  }

  anchor(): number {
    return NaN;
  }

  eachContributing(visit: (reference: EventReference) => void): void {
    const match: number[] = [];
    for (let first = 0; first < this.entries.size; first++) {
      match.length = 0;
      const last = this.lastOf(first, match);
      if (last < 0 || (this.entries.placements[last] as number) <= this.clock - this.overMs) continue;
      for (const index of match) visit(this.referenceOf(this.entries.rows[index] as number));
    }
  }

  panesHeld(): null {
    return null;
  }

  /** The entry that completes the match of a first one; -1 where there is none. @param match takes the entries of it */
  private lastOf(first: number, match: number[] | null): number {
    const { placements, numbers, size } = this.entries;
    const steps = this.sequence?.steps ?? [];
    if (((numbers[first] as number) & 1) === 0) return -1;
    let at = first;
    match?.push(at);
    for (let step = 1; step < steps.length; step++) {
      const limit = (placements[at] as number) + (steps[step]?.withinMs ?? 0);
      do at++;
      while (at < size && ((numbers[at] as number) & (1 << step)) === 0);
      if (at === size || (placements[at] as number) > limit) return -1;
      match?.push(at);
    }
    return at;
  }

  private complete(instant: number): void {
    if (instant <= this.clock - this.overMs) return;
    const { completions } = this;
    let index = completions.push(instant) - 1;
    for (; index > 0 && (completions[index - 1] as number) > instant; index--) {
      completions[index] = completions[index - 1] as number;
    }
    completions[index] = instant;
  }
}
