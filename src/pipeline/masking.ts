// Pseudonyms on their way out of a run whose key nobody keeps: numbered, so that results repeat and say nothing.
import type { Json } from '../events/event.js';

/** Pseudonyms, and the hashes in the ids of events that came without one, which cover personal values. */
const HIDDEN = /(?:\bp|\bsha256):[0-9a-f]{32}\b/g;
/** Beyond this many persons in one result, all others share a number. */
const NUMBERED_MAX = 1_000_000;

type Figures = { readonly [name: string]: Json };

export class Masking {
  private readonly numbers = new Map<string, number>();

  /** The figures with every pseudonym as `p:1`, `p:2` in order of first appearance. */
  masked(figures: Figures): Figures {
    const shown: { [name: string]: Json } = {};
    for (const [name, value] of Object.entries(figures)) shown[name] = this.value(value);
    return shown;
  }

  private value(value: Json): Json {
    if (typeof value === 'string') return value.replace(HIDDEN, (found) => `p:${this.numberOf(found)}`);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((element) => this.value(element));
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.value(inner)]));
  }

  private numberOf(pseudonym: string): number {
    let number = this.numbers.get(pseudonym);
    if (number !== undefined) return number;
    if (this.numbers.size >= NUMBERED_MAX) return 0;
    number = this.numbers.size + 1;
    this.numbers.set(pseudonym, number);
    return number;
  }
}
