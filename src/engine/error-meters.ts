// Errors of expressions as operators hear of them: the first at once, those of the hour after it together at its end.
import type { Key } from '../events/event.js';
import { ERROR_ALERT_MS } from './limits.js';

/** One error of several. */
export interface ErrorExample {
  readonly code: string;
  readonly key: Key;
  readonly message: string;
}

/** Errors of one model and indicator since the last alert about them. */
interface ErrorMeter {
  alertedAt: number;
  count: number;
  /** The first of them; null where there is none, or where a build before this one did not note it. */
  first: ErrorExample | null;
}

/** A meter in a checkpoint. */
export type MeterEntry = readonly [name: string, alertedAt: number, count: number, first?: ErrorExample];

export class ErrorMeters {
  private readonly meters = new Map<string, ErrorMeter>();
  /** The clock at which errors that were not yet said are; Infinity where there are none. */
  due = Infinity;

  constructor(private readonly tell: (model: string, example: ErrorExample, count: number) => void) {}

  /** Counts an error, and tells of it unless there was an alert about its like within the hour. */
  count(clock: number, model: string, indicator: string, example: ErrorExample): void {
    const name = `${model} ${indicator}`;
    let meter = this.meters.get(name);
    if (meter === undefined) {
      meter = { alertedAt: -Infinity, count: 0, first: null };
      this.meters.set(name, meter);
    }
    meter.count++;
    meter.first ??= example;
    if (clock - meter.alertedAt >= ERROR_ALERT_MS) this.alert(name, meter, clock);
    else this.due = Math.min(this.due, meter.alertedAt + ERROR_ALERT_MS);
  }

  /** Tells of all that is due at a clock, and dates it there. */
  say(clock: number): void {
    if (this.due > clock) return;
    for (const [name, meter] of this.meters) {
      if (meter.first !== null && meter.alertedAt + ERROR_ALERT_MS <= clock) this.alert(name, meter, clock);
    }
    this.due = this.earliest();
  }

  /** A run ends at a clock: tells of all that is left. */
  sayRest(clock: number): void {
    for (const [name, meter] of this.meters) if (meter.first !== null) this.alert(name, meter, clock);
    this.due = Infinity;
  }

  get entries(): MeterEntry[] {
    return [...this.meters].map(([name, { alertedAt, count, first }]) =>
      first === null ? [name, alertedAt, count] : [name, alertedAt, count, first],
    );
  }

  restore(entries: readonly MeterEntry[]): void {
    for (const [name, alertedAt, count, first = null] of entries) {
      this.meters.set(name, { alertedAt, count, first });
    }
    this.due = this.earliest();
  }

  private alert(name: string, meter: ErrorMeter, clock: number): void {
    // No name of a model has a blank.
    if (meter.first !== null) this.tell(name.slice(0, name.indexOf(' ')), meter.first, meter.count);
    meter.alertedAt = clock;
    meter.count = 0;
    meter.first = null;
  }

  private earliest(): number {
    let due = Infinity;
    for (const { alertedAt, first } of this.meters.values()) {
      if (first !== null) due = Math.min(due, alertedAt + ERROR_ALERT_MS);
    }
    return due;
  }
}
