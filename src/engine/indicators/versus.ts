// A figure over the window, and over the window of the same length before it.
import { ExpressionError, type Value } from '../../model/expression/expression.js';
import type { WindowIndicator } from '../../model/model.js';
import type { EventReference } from '../reference.js';
import { Window, type Instant } from './window.js';

/**
 * `{ now, before, change, ratio }`: the operator over (clock - over, clock], over (clock - 2 over, clock - over], the
 * difference, and the quotient, which is null where there is no denominator. The window keeps the entries of both;
 * each half is a window of the operator, which an entry changes when it is as old as `over`.
 */
export class VersusWindow extends Window {
  private readonly now: Window;
  private readonly before: Window;
  /** The earlier half holds what is placed up to here. */
  private middle = -Infinity;
  /** How many entries that is. */
  private earlier = 0;

  /** @param open makes the window of one half */
  constructor(indicator: WindowIndicator, open: (half: WindowIndicator) => Window) {
    super(indicator);
    const half = { ...indicator, versus: false, keptMs: indicator.overMs };
    this.now = open(half);
    this.before = open(half);
  }

  override get overMs(): number {
    return 2 * this.indicator.overMs;
  }

  override expire(clock: number): void {
    if (this.size === 0) return;
    const middle = (this.middle = clock - this.indicator.overMs);
    for (let index = this.head + this.earlier; index < this.references.length; index++) {
      const reference = this.references[index] as EventReference;
      if (this.placement(reference) > middle) break;
      this.before.add(reference, this.valueAt(index), -Infinity);
      this.earlier++;
    }
    this.now.expire(clock);
    // Before the entries leave here: what has left its half need not be sought there.
    this.before.expire(middle);
    super.expire(clock);
  }

  override nextChange(instant: Instant): number {
    const { overMs } = this.indicator;
    const next = this.before.nextChange(earlierBy(instant, overMs)) + overMs;
    return this.untilOverflow(Math.min(next, this.now.nextChange(instant)), instant);
  }

  protected joined(value: Value, _atEnd: boolean, reference: EventReference): void {
    if (this.isEarlier(reference)) this.earlier++;
    this.halfOf(reference).add(reference, value, -Infinity);
  }

  protected left(_value: Value, _oldest: boolean, reference: EventReference): void {
    if (this.isEarlier(reference)) this.earlier--;
    this.halfOf(reference).remove(reference, -Infinity);
  }

  private isEarlier(reference: EventReference): boolean {
    return this.placement(reference) <= this.middle;
  }

  private halfOf(reference: EventReference): Window {
    return this.isEarlier(reference) ? this.before : this.now;
  }

  protected figure(instant: Instant): Value {
    const now = this.now.compute(instant);
    const before = this.before.compute(earlierBy(instant, this.indicator.overMs));
    return comparisonOf(now, before);
  }
}

/** `{ now, before, change, ratio }` of two figures; the error of one of them, where it has one. */
export function comparisonOf(now: Value, before: Value): Value {
  if (now instanceof ExpressionError) return now;
  if (before instanceof ExpressionError) return before;
  if (typeof now !== 'number' || typeof before !== 'number') {
    return { now: numberOrNull(now), before: numberOrNull(before), change: null, ratio: null };
  }
  const ratio = before === 0 ? null : now / before;
  if (ratio !== null && !Number.isFinite(ratio)) {
    return new ExpressionError('EXPR_NUMBER', `${now} / ${before} is too large for a number`);
  }
  return { now, before, change: now - before, ratio };
}

function earlierBy(instant: Instant, spanMs: number): Instant {
  return { ...instant, clock: instant.clock - spanMs };
}

function numberOrNull(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}
