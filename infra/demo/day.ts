// What the generators of one day share.
import type { Emit } from './event.js';
import type { CreditClass, Registry } from './registry.js';
import type { Random } from './random.js';

export interface Day {
  readonly registry: Registry;
  /** Number of the local day since 1970, and since the first day of the county. */
  readonly day: number;
  readonly index: number;
  readonly weekend: boolean;
  /** Credit classes that changed since registration, by number of the subject. */
  readonly credit: Map<number, CreditClass>;
  /** The numbers of this day for one purpose. */
  readonly random: (purpose: string) => Random;
  readonly emit: Emit;
}

/** An opaque handle of a simulated citizen. The pool grows with the county. */
export function person(day: Day, random: Random): string {
  return personHandle(random.between(1, day.registry.size.subjects * 5));
}

export function personHandle(number: number): string {
  return `sim-person-${String(number).padStart(5, '0')}`;
}
