import type { Value } from '../../model/expression/expression.js';
import type { EventReference } from '../reference.js';
import { Window, type Instant } from './window.js';

/** Seconds since the first or last event of the window; null over an empty window. */
export class SinceWindow extends Window {
  override anchor(): number {
    if (this.size === 0) return NaN;
    const index = this.indicator.end === 'first' ? this.head : this.references.length - 1;
    return this.placement(this.references[index] as EventReference);
  }

  protected joined(): void {}
  protected left(): void {}
  protected figure(instant: Instant): Value {
    return this.size === 0 ? null : (instant.clock - this.anchor()) / 1000;
  }
}
