// A window over the rows of a ledger, for the operators that most models use: filled anew for each look, no objects made.
import type { Value } from '../model/expression/expression.js';
import type { WindowIndicator, WindowOperator } from '../model/model.js';
import { ExactSum } from './exact-sum.js';
import { bestMean } from './indicators/avg.js';
import { valueKey } from './indicators/value-key.js';
import type { Figures, Instant } from './indicators/window.js';
import { ROWS_MAX, type Ledger } from './ledger.js';
import type { WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';

const OPERATORS: ReadonlySet<WindowOperator> = new Set(['count', 'sum', 'avg', 'distinct']);

/** Whether a window can be looked at in this way. */
export function isRowWindow({ operator, versus, densestMs }: WindowIndicator): boolean {
  return OPERATORS.has(operator) && !versus && densestMs === null;
}

export class RowWindow implements Figures {
  private indicator: WindowIndicator | null = null;
  private size = 0;
  /** By entry, in their order: the placement, the row, and what it joined with. */
  private readonly placements = new Float64Array(ROWS_MAX);
  private readonly rows = new Int32Array(ROWS_MAX);
  private readonly numbers = new Float64Array(ROWS_MAX);
  private readonly values: Value[] = [];
  private ledger: Ledger | null = null;

  /** @param referenceOf the event of a row, the same object whenever it is asked for */
  constructor(private readonly referenceOf: (row: number) => EventReference) {}

  /** Windows in panes are made whole. */
  panesHeld(): null {
    return null;
  }

  /** Takes in the entries that a window has at a clock. */
  fill(ledger: Ledger, plan: WindowPlan, clock: number): void {
    const { indicator } = plan;
    this.indicator = indicator;
    this.ledger = ledger;
    this.size = 0;
    for (let row = 0; row < ledger.size; row++) {
      if (!ledger.isEntry(row, plan, clock)) continue;
      const value = plan.keepsValues ? ledger.value(row, plan) : true;
      this.insert(ledger.placement(row, plan), row, value);
    }
  }

  expire(): void {}

  compute(_instant: Instant): Value {
    switch (this.indicator?.operator) {
      case 'sum':
        return this.sum();
      case 'avg':
        return this.size === 0 ? null : this.sum() / this.size;
      case 'distinct':
        return this.differentFrom(0);
      default:
        return this.size;
    }
  }

  nextChange(): number {
    return this.size === 0 ? Infinity : this.leavesAt(0);
  }

  most(): number {
    return Infinity;
  }

  reach(up: boolean): number | null | undefined {
    switch (this.indicator?.operator) {
      case 'sum':
        for (let index = 0; index < this.size; index++) {
          if ((this.numbers[index] as number) < 0) return undefined;
        }
        return up ? this.sum() : 0;
      case 'avg':
        return bestMean(this.size, (index) => this.numbers[index] as number, up);
      case 'distinct':
        return up ? this.differentFrom(0) : 0;
      default:
        return up ? this.size : 0;
    }
  }

  later(clock: number): number | undefined {
    const operator = this.indicator?.operator;
    if (operator !== 'count' && operator !== 'distinct') return undefined;
    const edge = clock - (this.indicator?.overMs ?? 0);
    let first = 0;
    while (first < this.size && (this.placements[first] as number) <= edge) first++;
    return operator === 'count' ? this.size - first : this.differentFrom(first);
  }

  departures(): number {
    return this.size;
  }

  leavesAt(before: number): number {
    return (this.placements[before] as number) + (this.indicator?.overMs ?? 0);
  }

  anchor(): number {
    return NaN;
  }

  eachContributing(visit: (reference: EventReference) => void): void {
    for (let index = 0; index < this.size; index++) visit(this.referenceOf(this.rows[index] as number));
  }

  private insert(placement: number, row: number, value: Value): void {
    let index = this.size++;
    for (; index > 0; index--) {
      const before = this.placements[index - 1] as number;
      if (before < placement) break;
      if (before === placement && this.idAt(index - 1) < (this.ledger as Ledger).id(row)) break;
      this.placements[index] = before;
      this.rows[index] = this.rows[index - 1] as number;
      this.numbers[index] = this.numbers[index - 1] as number;
      this.values[index] = this.values[index - 1] as Value;
    }
    this.placements[index] = placement;
    this.rows[index] = row;
    this.numbers[index] = typeof value === 'number' ? value : NaN;
    this.values[index] = value;
  }

  private idAt(index: number): string {
    return (this.ledger as Ledger).id(this.rows[index] as number);
  }

  private sum(): number {
    const sum = new ExactSum();
    for (let index = 0; index < this.size; index++) sum.add(this.numbers[index] as number);
    return sum.value();
  }

  private differentFrom(from: number): number {
    let different = 0;
    for (let index = from; index < this.size; index++) {
      const key = valueKey(this.values[index] as Value);
      let first = from;
      while (valueKey(this.values[first] as Value) !== key) first++;
      if (first === index) different++;
    }
    return different;
  }
}
