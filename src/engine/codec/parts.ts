// The events of a key that has many, in parts: each is stored by itself, and written anew only when something of it
// changed.
//
// New events gather in the open part, which is stored with the key's own record; once it is full it is sealed, under a
// number that is never used again. A sealed part changes when one of its events is taken back. When most of its events
// are forgotten, the others move to the open part, and it is gone.
import { PLACES_MAX, type EventReference } from '../reference.js';
import { PART_EVENTS } from '../limits.js';

/** Place of an event of the open part while nothing is written. */
const OPEN = 1;
/** Places of sealed events lie above this; those of the open part below. */
export const SEALED = 65_536;
/** A part that looked forgotten and was not is looked at again so much later. */
const LOOK_AGAIN_MS = 86_400_000;

export interface Part {
  readonly number: number;
  references: EventReference[];
  /** It differs from what the store has. */
  changed: boolean;
  /** The clock at which half of its events may be forgotten. */
  staleAt: number;
  /** Length of its record; 0 while there is none. */
  bytes: number;
}

export class KeyParts {
  /** By number, ascending. */
  readonly sealed = new Map<number, Part>();
  open: EventReference[] = [];
  /** Numbers of stored parts that are gone. */
  readonly gone = new Set<number>();
  next = 0;
  private isOld = false;

  /** @param capacity events of a sealed part */
  constructor(readonly capacity = PART_EVENTS) {}

  /** An event is new, or what the key holds of it changed. */
  touch(reference: EventReference): void {
    const { place } = reference;
    if (place === 0) {
      reference.place = OPEN;
      this.open.push(reference);
    } else if (place > SEALED) {
      const part = this.sealed.get(Math.floor((place - SEALED - 1) / this.capacity));
      if (part !== undefined) part.changed = true;
    }
  }

  /** What the key holds has changed in more ways than `touch` tells: all parts are made anew. */
  renew(): void {
    this.isOld = true;
  }

  /** Whether all parts must be made anew before they are written. */
  get mustRenew(): boolean {
    return this.isOld || SEALED + (this.next + 2) * this.capacity > PLACES_MAX;
  }

  /** Begins anew with all events of the key, oldest first; none of them has a place. */
  begin(references: readonly EventReference[]): void {
    for (const number of this.sealed.keys()) this.gone.add(number);
    this.sealed.clear();
    this.isOld = false;
    if (SEALED + (this.next + 2) * this.capacity + references.length > PLACES_MAX) this.next = 0;
    this.open = [...references];
    for (const reference of this.open) reference.place = OPEN;
  }

  /** Takes in a part that the store has. */
  restore(number: number, references: EventReference[], bytes: number): void {
    const part: Part = { number, references, changed: false, staleAt: staleAt(references), bytes };
    this.sealed.set(number, part);
    this.place(part);
  }

  restoreOpen(references: EventReference[]): void {
    this.open = references;
    for (const reference of references) reference.place = OPEN;
  }

  /** Whether some of it may be forgotten at a clock, or must be sealed. */
  isStale(clock: number): boolean {
    if (this.open.length >= this.capacity) return true;
    for (const { staleAt } of this.sealed.values()) if (staleAt <= clock) return true;
    return false;
  }

  /**
   * Lets go of what is forgotten at a clock, and seals what is full.
   * @param isNeeded whether an event is known at the clock, or something holds it
   */
  settle(isNeeded: (reference: EventReference) => boolean, clock: number): void {
    for (const part of this.sealed.values()) {
      if (part.staleAt <= clock) this.letGo(part, isNeeded, clock);
    }
    if (this.open.length < this.capacity) return;
    const alive = this.open.filter(isNeeded);
    for (const reference of this.open) reference.place = 0;
    while (alive.length >= this.capacity) this.seal(alive.splice(0, this.capacity));
    this.restoreOpen(alive);
  }

  /** Tells the events of a part their places, in the order in which they are stored. */
  place({ number, references }: Part): void {
    let place = SEALED + number * this.capacity + 1;
    for (const reference of references) reference.place = place++;
  }

  placeOpen(): void {
    for (const reference of this.open) reference.place = OPEN;
  }

  /** Takes their places from all events, so that others can be given for a while. */
  displace(): void {
    for (const { references } of this.sealed.values()) for (const one of references) one.place = 0;
    for (const reference of this.open) reference.place = 0;
  }

  /** Gives all events their places again. */
  replace(): void {
    for (const part of this.sealed.values()) this.place(part);
    this.placeOpen();
  }

  /** What was written is stored. */
  committed(): void {
    for (const part of this.sealed.values()) part.changed = false;
    this.gone.clear();
  }

  private seal(references: EventReference[]): void {
    const number = this.next++;
    const part: Part = { number, references, changed: true, staleAt: staleAt(references), bytes: 0 };
    this.sealed.set(number, part);
    this.place(part);
  }

  private letGo(part: Part, isNeeded: (reference: EventReference) => boolean, clock: number): void {
    const alive = part.references.filter(isNeeded);
    if (2 * alive.length > part.references.length) {
      part.staleAt = clock + LOOK_AGAIN_MS;
      return;
    }
    for (const reference of part.references) reference.place = 0;
    for (const reference of alive) this.touch(reference);
    this.sealed.delete(part.number);
    this.gone.add(part.number);
  }
}

function staleAt(references: readonly EventReference[]): number {
  const ends = references.map(({ keepUntil }) => keepUntil).sort((a, b) => a - b);
  return ends[Math.floor(ends.length / 2)] ?? -Infinity;
}
