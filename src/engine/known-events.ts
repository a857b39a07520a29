// The events of one key that are known, so that a second arrival is seen as a duplicate and a revocation finds its event.
import { READING_KEPT_DAYS } from './limits.js';
import { appendPair, noEntries } from './indicators/entries.js';
import { readingIdentity, type EventReference } from './reference.js';

/** Up to so many events are sought one by one, by their marks. */
const FEW = 64;
/** How many characters at the end of an id its mark is made of: ids of a source mostly begin alike. */
const MARKED_CHARACTERS = 12;

/** Known events in the order of their arrival. Look-ups heed `keepUntil`, so when it sweeps changes nothing. */
export class KnownEvents {
  /** Each event behind its mark, a small number: a look-up reads marks that lie side by side, and few events. */
  private list: (number | EventReference)[] = noEntries();
  /** By identity; null while there are few. */
  private index: Map<string, EventReference> | null = null;
  /** Number of events at which the next sweep is due. */
  private sweepAt = 16;

  get size(): number {
    return this.list.length / 2;
  }

  /** The event with an id; undefined where it is not known at this clock. One that came again is known anew. */
  byId(id: string, clock: number): EventReference | undefined {
    if (this.index !== null) return alive(this.index.get(id), clock);
    const { list } = this;
    const mark = markOfId(id);
    for (let place = 0; place < list.length; place += 2) {
      if (list[place] !== mark) continue;
      const one = list[place + 1] as EventReference;
      if (one.metric === null && one.id === id && one.keepUntil > clock) return one;
    }
    return undefined;
  }

  /** The reading of a metric at a time; undefined where it is not known at this clock. */
  reading(metric: string, time: number, clock: number): EventReference | undefined {
    if (this.index !== null) return alive(this.index.get(readingIdentity(metric, time)), clock);
    const { list } = this;
    const mark = markOfReading(time);
    for (let place = 0; place < list.length; place += 2) {
      if (list[place] !== mark) continue;
      const one = list[place + 1] as EventReference;
      if (one.time === time && one.metric === metric && one.keepUntil > clock) return one;
    }
    return undefined;
  }

  /** Whether an event is there; one that was forgotten may be, beside another of the same identity. */
  holds(reference: EventReference): boolean {
    if (this.index !== null) return this.index.get(reference.identity) === reference;
    const { list } = this;
    for (let place = 1; place < list.length; place += 2) if (list[place] === reference) return true;
    return false;
  }

  /** Adds an event that is not known. */
  add(reference: EventReference, clock: number): void {
    if (this.size >= this.sweepAt) this.sweep(clock);
    const mark = reference.metric === null ? markOfId(reference.id) : markOfReading(reference.time);
    this.list = appendPair(this.list, mark, reference);
    if (this.index !== null) this.index.set(reference.identity, reference);
    else if (this.size > FEW) {
      const index = (this.index = new Map<string, EventReference>());
      this.each((one) => index.set(one.identity, one));
    }
  }

  each(visit: (reference: EventReference) => void): void {
    const { list } = this;
    for (let place = 1; place < list.length; place += 2) visit(list[place] as EventReference);
  }

  private sweep(clock: number): void {
    const kept: (number | EventReference)[] = [];
    const { list } = this;
    for (let place = 0; place < list.length; place += 2) {
      const reference = list[place + 1] as EventReference;
      if (reference.keepUntil > clock) kept.push(list[place] as number, reference);
    }
    // A copy keeps no room to spare.
    this.list = kept.slice();
    this.index = null;
    this.sweepAt = Math.max(16, this.size * 2);
  }
}

/** A small number that ids share which are alike: what a search looks at first. */
export function markOfId(id: string): number {
  let mark = id.length;
  for (let index = Math.max(0, id.length - MARKED_CHARACTERS); index < id.length; index++) {
    mark = (Math.imul(mark, 31) + id.charCodeAt(index)) | 0;
  }
  return mark;
}

/** The mark of an id that is told in ASCII. */
export function markOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let mark = end - start;
  for (let index = Math.max(start, end - MARKED_CHARACTERS); index < end; index++) {
    mark = (Math.imul(mark, 31) + (bytes[index] as number)) | 0;
  }
  return mark;
}

export function markOfReading(time: number): number {
  return time | 0;
}

function alive(reference: EventReference | undefined, clock: number): EventReference | undefined {
  return reference !== undefined && reference.keepUntil > clock ? reference : undefined;
}

const DAY_MS = 86_400_000;

/**
 * Readings that came as backfill, metric and time alone: they may come by the ten thousand, are never revoked, and are
 * recognised for 35 days from the day of their arrival on.
 */
export class BackfilledReadings {
  /** By day of arrival, counted from the epoch, and metric: ascending times. */
  private readonly days = new Map<number, Map<string, number[]>>();

  has(metric: string, time: number, clock: number): boolean {
    for (const [day, metrics] of this.days) {
      if (endOf(day) <= clock) continue;
      const times = metrics.get(metric);
      if (times !== undefined && times[placeOf(times, time)] === time) return true;
    }
    return false;
  }

  add(metric: string, time: number, at: number, clock: number): void {
    for (const day of this.days.keys()) if (endOf(day) <= clock) this.days.delete(day);
    const times = this.timesOf(Math.floor(at / DAY_MS), metric);
    times.splice(placeOf(times, time), 0, time);
  }

  /** Restores the ascending times of one day and metric. */
  restore(day: number, metric: string, times: readonly number[]): void {
    this.timesOf(day, metric).push(...times);
  }

  /** How many days and metrics `each` visits. */
  get size(): number {
    let size = 0;
    for (const metrics of this.days.values()) size += metrics.size;
    return size;
  }

  each(visit: (day: number, metric: string, times: readonly number[]) => void): void {
    for (const [day, metrics] of this.days) {
      for (const [metric, times] of metrics) visit(day, metric, times);
    }
  }

  private timesOf(day: number, metric: string): number[] {
    let metrics = this.days.get(day);
    if (metrics === undefined) {
      metrics = new Map<string, number[]>();
      this.days.set(day, metrics);
    }
    let times = metrics.get(metric);
    if (times === undefined) metrics.set(metric, (times = []));
    return times;
  }
}

function endOf(day: number): number {
  return (day + 1 + READING_KEPT_DAYS) * DAY_MS;
}

/** Index of the first time that is not earlier. */
function placeOf(times: readonly number[], time: number): number {
  if (times.length === 0 || (times[times.length - 1] as number) < time) return times.length;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
