import type { Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import { Window } from './window.js';

/** Least or largest of the entries' numbers; null over an empty window. */
export class ExtremeWindow extends Window {
  /** The extreme of the entries now in the window; NaN when it must be sought again. */
  private extreme = NaN;

  constructor(
    indicator: WindowIndicator,
    /** 1 for the largest, -1 for the least. */
    private readonly sign: 1 | -1,
  ) {
    super(indicator);
  }

  protected joined(value: Value): void {
    if (typeof value !== 'number') return;
    if (this.size === 1) this.extreme = value;
    else if ((value - this.extreme) * this.sign > 0) this.extreme = value;
  }

  protected left(value: Value): void {
    if (value === this.extreme) this.extreme = NaN;
  }

  /** A largest number only falls, and a least one only rises, when another leaves. */
  override reach(up: boolean): number | null | undefined {
    if (this.size === 0) return null;
    const figure = up === this.sign > 0 ? this.figure() : null;
    return typeof figure === 'number' ? figure : undefined;
  }

  protected figure(): Value {
    if (this.size === 0) return null;
    if (Number.isNaN(this.extreme)) {
      let best = -Infinity * this.sign;
      this.each((_reference, value) => {
        if (typeof value === 'number' && (value - best) * this.sign > 0) best = value;
      });
      this.extreme = best;
    }
    return this.extreme;
  }
}
