// Windows made of the rows of a ledger, for as long as somebody looks at one key at one instant.
import { openWindow } from './indicators/open.js';
import type { Window } from './indicators/window.js';
import type { Ledger } from './ledger.js';
import type { WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';

/** One at a time: the windows of a ledger at a clock, each made when it is asked for. Only to be read. */
export class LedgerView {
  private ledger: Ledger | null = null;
  private changes = -1;
  private clock = NaN;
  private readonly plans: WindowPlan[] = [];
  private readonly windows: Window[] = [];
  /** By row; windows share them. */
  private readonly references: (EventReference | undefined)[] = [];
  private made = 0;

  /** What a window holds at a clock. */
  window(ledger: Ledger, plan: WindowPlan, clock: number): Window {
    if (this.ledger !== ledger || this.changes !== ledger.changes || this.clock !== clock) {
      this.ledger = ledger;
      this.changes = ledger.changes;
      this.clock = clock;
      this.made = 0;
      for (let row = 0; row < this.references.length; row++) this.references[row] = undefined;
    }
    for (let index = 0; index < this.made; index++) {
      if (this.plans[index] === plan) return this.windows[index] as Window;
    }
    const window = this.make(ledger, plan, clock);
    this.plans[this.made] = plan;
    this.windows[this.made++] = window;
    return window;
  }

  private make(ledger: Ledger, plan: WindowPlan, clock: number): Window {
    const window = openWindow(plan.indicator);
    for (let row = 0; row < ledger.size; row++) {
      if (!ledger.isEntry(row, plan, clock)) continue;
      const reference = (this.references[row] ??= ledger.reference(row));
      window.add(reference, ledger.value(row, plan), clock);
    }
    return window;
  }
}
