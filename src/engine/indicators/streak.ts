import type { Value } from '../../model/expression/expression.js';
import { Window } from './window.js';

/** Latest consecutive events for which the expression holds. */
export class StreakWindow extends Window {
  /** The streak over the entries now in the window; -1 when it must be counted again. */
  private streak = 0;

  protected joined(value: Value, atEnd: boolean): void {
    if (!atEnd) this.streak = -1;
    else if (this.streak >= 0) this.streak = value === true ? this.streak + 1 : 0;
  }

  protected left(_value: Value, oldest: boolean): void {
    this.streak = oldest ? Math.min(this.streak, this.size) : -1;
  }

  override most(clock: number): number {
    return this.sizeAt(clock);
  }

  override reach(up: boolean): number {
    return up ? this.figure() : 0;
  }

  protected figure(): number {
    if (this.streak < 0) {
      let index = this.references.length - 1;
      while (index >= this.head && this.valueAt(index) === true) index--;
      this.streak = this.references.length - 1 - index;
    }
    return this.streak;
  }
}
