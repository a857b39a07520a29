// Windows made of the rows of a ledger, for as long as somebody looks at one key at one instant.
import { openWindow } from './indicators/open.js';
import type { Figures } from './indicators/window.js';
import type { Ledger } from './ledger.js';
import type { WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';
import { isRowSequence, RowSequence } from './row-sequence.js';
import { isRowWindow, RowWindow } from './row-window.js';

/** One at a time: the windows of a ledger at a clock, each made when it is asked for. Only to be read. */
export class LedgerView {
  private ledger: Ledger | null = null;
  private changes = -1;
  private clock = NaN;
  private readonly plans: WindowPlan[] = [];
  private readonly windows: Figures[] = [];
  private made = 0;
  /** Filled again for each look. */
  private readonly rowWindows: RowWindow[] = [];
  private filled = 0;
  private readonly rowSequences: RowSequence[] = [];
  private sequencesFilled = 0;
  /** By row; windows share them. */
  private readonly references: (EventReference | undefined)[] = [];
  private hasReferences = false;

  /** What a window holds at a clock. */
  window(ledger: Ledger, plan: WindowPlan, clock: number): Figures {
    if (this.ledger !== ledger || this.changes !== ledger.changes || this.clock !== clock) {
      this.turnTo(ledger, clock);
    }
    for (let index = 0; index < this.made; index++) {
      if (this.plans[index] === plan) return this.windows[index] as Figures;
    }
    const window = this.open(ledger, plan, clock);
    this.plans[this.made] = plan;
    this.windows[this.made++] = window;
    return window;
  }

  private turnTo(ledger: Ledger, clock: number): void {
    this.ledger = ledger;
    this.changes = ledger.changes;
    this.clock = clock;
    this.made = this.filled = this.sequencesFilled = 0;
    if (this.hasReferences) this.references.fill(undefined);
    this.hasReferences = false;
  }

  private open(ledger: Ledger, plan: WindowPlan, clock: number): Figures {
    const { indicator } = plan;
    if (isRowWindow(indicator)) {
      const window = (this.rowWindows[this.filled++] ??= new RowWindow((row) => this.referenceOf(row)));
      window.fill(ledger, plan, clock);
      return window;
    }
    if (!isRowSequence(indicator)) return this.make(ledger, plan, clock);
    const window = (this.rowSequences[this.sequencesFilled++] ??= new RowSequence((row) =>
      this.referenceOf(row),
    ));
    window.fill(ledger, plan, clock);
    return window;
  }

  private make(ledger: Ledger, plan: WindowPlan, clock: number): Figures {
    const window = openWindow(plan.indicator);
    for (let row = ledger.firstRow(clock - plan.indicator.keptMs); row < ledger.size; row++) {
      if (ledger.isEntry(row, plan, clock)) window.add(this.referenceOf(row), ledger.value(row, plan), clock);
    }
    return window;
  }

  private referenceOf(row: number): EventReference {
    this.hasReferences = true;
    return (this.references[row] ??= (this.ledger as Ledger).reference(row));
  }
}
