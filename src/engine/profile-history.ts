// The registry record of a key: a fold over its known registrations and credit changes, by (time, id).
import type { Json, JsonObject, SourceEvent } from '../events/event.js';
import { profileFields } from '../events/profile.js';
import type { Profile } from '../model/expression/expression.js';
import { PROFILE_ENTRIES_MAX } from './limits.js';
import { compareReferences, type EventReference } from './reference.js';

export interface ProfileEntry {
  readonly reference: EventReference;
  /** The profile fields that the event states; instants are seconds. */
  readonly facts: JsonObject;
  readonly registration: boolean;
}

/** The profile of a key of which nothing is known. */
export const UNKNOWN_PROFILE: Profile = Object.freeze(
  Object.fromEntries(Object.keys(profileFields).map((name) => [name, null])),
);

/** The facts that an event states about the profile of its key. */
export function factsOf(event: SourceEvent): JsonObject {
  const facts: JsonObject = {};
  for (const name of event.stream === 'registration' ? Object.keys(profileFields) : ['credit']) {
    const value = event.data[name];
    if (value === undefined || value === null) continue;
    const isInstant = profileFields[name]?.type.type === 'timestamp';
    facts[name] = isInstant && typeof value === 'string' ? Date.parse(value) / 1000 : value;
  }
  return facts;
}

/** Keeps what a profile is made of, so that a late, revoked or amended record leaves the right profile. */
export class ProfileHistory {
  readonly entries: ProfileEntry[] = [];
  /** Facts of the oldest records, folded together for the limit; these can no longer be taken back. */
  base: JsonObject = {};
  private folded: Profile | null = null;
  /** Null where it must be sought anew. */
  private firstArrival: number | null = null;

  /** The profile as it stands. */
  get profile(): Profile {
    return this.folded ?? this.fold();
  }

  /** Arrival of the first known registration, epoch ms; NaN where there is none. */
  get registered(): number {
    if (this.firstArrival === null) {
      const { registered } = this.base;
      let first = typeof registered === 'number' ? registered * 1000 : Infinity;
      for (const entry of this.entries) {
        if (entry.registration) first = Math.min(first, entry.reference.at);
      }
      this.firstArrival = first === Infinity ? NaN : first;
    }
    return this.firstArrival;
  }

  add(reference: EventReference, facts: JsonObject, registration: boolean): void {
    let index = this.entries.length;
    while (
      index > 0 &&
      compareReferences((this.entries[index - 1] as ProfileEntry).reference, reference) > 0
    ) {
      index--;
    }
    this.entries.splice(index, 0, { reference, facts, registration });
    if (this.entries.length > PROFILE_ENTRIES_MAX) {
      const oldest = this.entries.shift() as ProfileEntry;
      if (oldest.registration) Object.assign(this.base, { registered: this.earliest(oldest.reference.at) });
      Object.assign(this.base, oldest.facts);
    }
    this.folded = this.firstArrival = null;
  }

  /** Takes a record back. @returns false where it is not known (any more). */
  remove(reference: EventReference): boolean {
    const index = this.entries.findIndex((entry) => entry.reference === reference);
    if (index < 0) return false;
    this.entries.splice(index, 1);
    this.folded = this.firstArrival = null;
    return true;
  }

  private earliest(at: number): number {
    const known = this.base['registered'];
    return typeof known === 'number' ? Math.min(known, at / 1000) : at / 1000;
  }

  private fold(): Profile {
    const facts: { [name: string]: Json } = { ...UNKNOWN_PROFILE, ...this.base };
    for (const entry of this.entries) Object.assign(facts, entry.facts);
    const { registered } = this;
    facts['registered'] = Number.isNaN(registered) ? null : registered / 1000;
    this.folded = facts;
    return facts;
  }
}
