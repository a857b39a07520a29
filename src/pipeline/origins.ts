// The highest origins that a consumer has seen: what is at or below them came again, and is dropped.
import { isAfter, type Origin } from '../alerts/inbox.js';

/** Highest origin by source, as plain JSON. */
export type Origins = { readonly [source: string]: Origin };

/** Splits what is new from what came again; records must come in the order of their source. */
export class OriginFilter {
  private readonly highest: { [source: string]: Origin };

  constructor(seen: Origins) {
    this.highest = { ...seen };
  }

  /** Whether the origin is new; from then on it is not. */
  admit(origin: Origin): boolean {
    const seen = this.highest[origin.source];
    if (seen !== undefined && !isAfter(origin, seen)) return false;
    this.highest[origin.source] = origin;
    return true;
  }

  get origins(): Origins {
    return { ...this.highest };
  }
}

/** The chain that a transition lies in, `<stratum>/<partition>`: one for each source of origins. */
export function chainOf({ source }: Origin): string {
  return source.replace(/^events\//, '0/').replace(/^strata\//, '');
}
