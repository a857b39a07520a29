// Entries of a window as they lie in the rows of a ledger, in their order: filled anew for each look, no objects made.
import type { Value } from '../model/expression/expression.js';
import type { Ledger } from './ledger.js';
import { ROWS_MAX } from './ledger-row.js';
import type { WindowPlan } from './plan.js';

export class RowEntries {
  size = 0;
  /** By entry: its placement, its row, and what it joined with. */
  readonly placements = new Float64Array(ROWS_MAX);
  readonly rows = new Int32Array(ROWS_MAX);
  readonly numbers = new Float64Array(ROWS_MAX);
  readonly values: Value[] = [];
  private ledger: Ledger | null = null;

  /** Takes in the entries that a window has at a clock. */
  fill(ledger: Ledger, plan: WindowPlan, clock: number): void {
    this.ledger = ledger;
    this.size = 0;
    for (let row = ledger.firstRow(clock - plan.indicator.keptMs); row < ledger.size; row++) {
      if (!ledger.isEntry(row, plan, clock)) continue;
      const value = plan.keepsValues ? ledger.value(row, plan) : true;
      this.insert(ledger.placement(row, plan), row, value);
    }
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
}
