// Which windows are kept on a key whose events lie in a ledger: few sets for many keys, each there once.
import type { ScopePlan, WindowPlan } from './plan.js';

/** A set of windows of one plan; two that are equal are one. A window stays kept when all that joined it is forgotten. */
export class WindowSet {
  /** By stream index, the bits of those that read it. */
  readonly bits: readonly number[];
  private readonly larger = new Map<WindowPlan, WindowSet>();

  private constructor(
    /** In the order of the plan. */
    readonly windows: readonly WindowPlan[],
    private readonly plan: ScopePlan,
    private readonly known: Map<string, WindowSet>,
  ) {
    this.bits = plan.readersOf.map((_readers, stream) =>
      windows.reduce((bits, window) => bits | (window.ledgerBits[stream] as number), 0),
    );
  }

  /** The set of no windows. */
  static of(plan: ScopePlan): WindowSet {
    let empty = EMPTY.get(plan);
    if (empty === undefined) {
      const known = new Map<string, WindowSet>();
      empty = new WindowSet([], plan, known);
      known.set('', empty);
      EMPTY.set(plan, empty);
    }
    return empty;
  }

  /** The set with one window more. */
  with(window: WindowPlan): WindowSet {
    let found = this.larger.get(window);
    if (found === undefined) {
      const windows = this.windows.includes(window)
        ? this.windows
        : [...this.windows, window].sort((a, b) => a.index - b.index);
      const name = windows.map(({ index }) => index).join();
      found = this.known.get(name) ?? new WindowSet(windows, this.plan, this.known);
      this.known.set(name, found);
      this.larger.set(window, found);
    }
    return found;
  }
}

const EMPTY = new WeakMap<ScopePlan, WindowSet>();
