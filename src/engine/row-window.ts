// A window over the rows of a ledger, for the operators that most models use: filled anew for each look, no objects made.
import type { Value } from '../model/expression/expression.js';
import type { WindowIndicator, WindowOperator } from '../model/model.js';
import { ExactSum } from './exact-sum.js';
import { bestMean } from './indicators/avg.js';
import { valueKey } from './indicators/value-key.js';
import type { Figures, Instant } from './indicators/window.js';
import type { Ledger } from './ledger.js';
import type { WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';
import { RowEntries } from './row-entries.js';

const OPERATORS: ReadonlySet<WindowOperator> = new Set(['count', 'sum', 'avg', 'distinct']);

/** Whether a window can be looked at in this way. */
export function isRowWindow({ operator, versus, densestMs, panes }: WindowIndicator): boolean {
  return OPERATORS.has(operator) && !versus && densestMs === null && panes === null;
}

export class RowWindow implements Figures {
  private indicator: WindowIndicator | null = null;
  private readonly entries = new RowEntries();

  /** @param referenceOf the event of a row, the same object whenever it is asked for */
  constructor(private readonly referenceOf: (row: number) => EventReference) {}

  /** Windows in panes are made whole. */
  panesHeld(): null {
    return null;
  }

  /** Takes in the entries that a window has at a clock. */
  fill(ledger: Ledger, plan: WindowPlan, clock: number): void {
    this.indicator = plan.indicator;
    this.entries.fill(ledger, plan, clock);
  }

  expire(): void {}

  compute(_instant: Instant): Value {
    switch (this.indicator?.operator) {
      case 'sum':
        return this.sum();
      case 'avg':
        return this.entries.size === 0 ? null : this.sum() / this.entries.size;
      case 'distinct':
        return this.differentFrom(0);
      default:
        return this.entries.size;
    }
  }

  nextChange(): number {
    return this.entries.size === 0 ? Infinity : this.leavesAt(0);
  }

  most(): number {
    return Infinity;
  }

  reach(up: boolean): number | null | undefined {
    switch (this.indicator?.operator) {
      case 'sum':
        for (let index = 0; index < this.entries.size; index++) {
          if ((this.entries.numbers[index] as number) < 0) return undefined;
        }
        return up ? this.sum() : 0;
      case 'avg':
        return bestMean(this.entries.size, (index) => this.entries.numbers[index] as number, up);
      case 'distinct':
        return up ? this.differentFrom(0) : 0;
      default:
        return up ? this.entries.size : 0;
    }
  }

  later(clock: number): number | undefined {
    const operator = this.indicator?.operator;
    if (operator !== 'count' && operator !== 'distinct') return undefined;
    const edge = clock - (this.indicator?.overMs ?? 0);
    let first = 0;
    while (first < this.entries.size && (this.entries.placements[first] as number) <= edge) first++;
    return operator === 'count' ? this.entries.size - first : this.differentFrom(first);
  }

  departures(): number {
    return this.entries.size;
  }

  leavesAt(before: number): number {
    return (this.entries.placements[before] as number) + (this.indicator?.overMs ?? 0);
  }

  anchor(): number {
    return NaN;
  }

  eachContributing(visit: (reference: EventReference) => void): void {
    for (let index = 0; index < this.entries.size; index++)
      visit(this.referenceOf(this.entries.rows[index] as number));
  }

  private sum(): number {
    const sum = new ExactSum();
    for (let index = 0; index < this.entries.size; index++) sum.add(this.entries.numbers[index] as number);
    return sum.value();
  }

  private differentFrom(from: number): number {
    let different = 0;
    for (let index = from; index < this.entries.size; index++) {
      const key = valueKey(this.entries.values[index] as Value);
      let first = from;
      while (valueKey(this.entries.values[first] as Value) !== key) first++;
      if (first === index) different++;
    }
    return different;
  }
}
