import type { Value } from '../../model/expression/expression.js';
import { Window, type Instant } from './window.js';

/** The value of the latest event by (time, id); null over an empty window. */
export class LastWindow extends Window {
  /** Only the departure of the latest event changes the figure, or that of one with an error. */
  override nextChange(instant: Instant): number {
    if (this.held.errors > 0) return super.nextChange(instant);
    const last = this.references[this.references.length - 1];
    if (this.size === 0 || last === undefined) return Infinity;
    const leaves = this.placement(last) + this.overMs;
    return this.untilOverflow(leaves, instant);
  }

  /** The latest event is the last to leave. */
  override reach(): number | null | undefined {
    const figure = this.figure();
    return figure === null || typeof figure === 'number' ? figure : undefined;
  }

  protected joined(): void {}
  protected left(): void {}
  protected figure(): Value {
    return this.size === 0 ? null : this.valueAt(this.references.length - 1);
  }
}
