// What adds up over the steps from each event of a window to the next.
import type { Value } from '../../model/expression/expression.js';
import type { EventReference } from '../reference.js';
import { Window } from './window.js';

/** An entry that comes or goes between two others replaces one step by two, or two by one. */
export abstract class StepsWindow extends Window {
  /** Adds (`sign` 1) or takes away (-1) the step from one entry's value to the next one's. */
  protected abstract step(before: Value, after: Value, sign: 1 | -1): void;

  protected joined(value: Value, _atEnd: boolean, _reference: EventReference, index: number): void {
    this.replace(index - 1, index + 1, value, 1);
  }

  protected left(value: Value, _oldest: boolean, _reference: EventReference, index: number): void {
    this.replace(index - 1, index, value, -1);
  }

  private replace(before: number, after: number, value: Value, sign: 1 | -1): void {
    const hasBefore = before >= this.head;
    const hasAfter = after < this.references.length;
    const valueBefore = this.valueAt(before);
    const valueAfter = this.valueAt(after);
    if (hasBefore && hasAfter) this.step(valueBefore, valueAfter, sign === 1 ? -1 : 1);
    if (hasBefore) this.step(valueBefore, value, sign);
    if (hasAfter) this.step(value, valueAfter, sign);
  }
}
