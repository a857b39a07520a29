// What a log comes to, key by key, before any model looks at it: which records count, and what each takes back.
import type { Event, JsonObject, LogRecord } from '../../src/events/event.js';
import { PROFILE_FACTS } from '../../src/events/profile.js';

export const isFact = ({ stream }: { readonly stream: string }) =>
  stream === 'registration' || stream === 'credit-change';

/** The profile that known events come to: what each states, the latest by (time, id) last. */
export function profileFrom(known: readonly Event[]): JsonObject {
  const profile: JsonObject = {};
  const byTime = (a: Event, b: Event) => a.time - b.time || (a.id < b.id ? -1 : 1);
  for (const event of known.filter(isFact).sort(byTime)) {
    for (const fact of event.stream === 'registration' ? PROFILE_FACTS : (['credit'] as const)) {
      const value = event.data[fact];
      if (value !== undefined && value !== null) profile[fact] = value;
    }
  }
  return profile;
}

/** One thing that a record did. A record that amends does two: it takes one event back, and another one counts. */
export interface Deed {
  /** The event that counts from now on, or does so no longer. */
  readonly event: Event;
  readonly what: 'counts' | 'taken';
  /** The record's id. */
  readonly cause: string;
  readonly live: boolean;
  /** The profile of the event's key when the record had done its work. */
  readonly profile: JsonObject;
}

interface Arrived {
  readonly event: Event;
  counts: boolean;
}

/** The deeds of all records by the clock at which they are done, in the order of the log. */
export function ledgerOf(log: readonly LogRecord[]): Map<number, Deed[]> {
  const deeds = new Map<number, Deed[]>();
  const books = new Map<string, Book>();
  let clock = -Infinity;
  for (const record of log) {
    clock = Math.max(clock, record.at);
    if (record.kind !== 'event') continue;
    let book = books.get(record.key);
    if (book === undefined) books.set(record.key, (book = new Book()));
    const done = book.enter(record);
    if (done.length > 0) deeds.set(clock, [...(deeds.get(clock) ?? []), ...done]);
  }
  return deeds;
}

/** All that arrived for one key. */
class Book {
  private readonly arrived: Arrived[] = [];
  private readonly takenAhead = new Set<string>();

  enter(event: Event): Deed[] {
    if (this.arrived.some((one) => isSame(one.event, event))) return [];
    const target = event.revokes ?? event.amends;
    const found = this.arrived.find(
      (one) => one.event.id === target && one.event.stream !== 'sensor-reading',
    );
    const refused = found !== undefined && (!found.counts || found.event.revokes !== undefined);
    if (target !== undefined && found === undefined) this.takenAhead.add(target);
    const counts = event.revokes === undefined && !refused && !this.takenAhead.has(event.id);
    this.arrived.push({ event, counts });
    const done: Omit<Deed, 'profile'>[] = [];
    const rest = { cause: event.id, live: event.backfill !== true };
    if (found !== undefined && !refused) {
      found.counts = false;
      done.push({ ...rest, event: found.event, what: 'taken' });
    }
    if (counts) done.push({ ...rest, event, what: 'counts' });
    const profile = profileFrom(this.arrived.filter((one) => one.counts).map((one) => one.event));
    return done.map((deed) => ({ ...deed, profile }));
  }
}

/** Readings are the same by metric and time, everything else by its id. */
function isSame(a: Event, b: Event): boolean {
  if (a.stream !== 'sensor-reading' || b.stream !== 'sensor-reading') return a.id === b.id;
  return a.data['metric'] === b.data['metric'] && a.time === b.time;
}
