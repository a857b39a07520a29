// Events of the log at hand by their keys, as the log has them: what a transition shows is mostly of its own key.
import type { Key } from '../events/event.js';

/** Of one key: no transition shows more of them. */
const EVENTS_MAX = 20;
/** Larger events are read again. */
const EVENT_BYTES = 16 * 1024;
/** What a key costs beside its bytes. */
const KEY_BYTES = 200;
const PLACE_BYTES = 16;
const ROOM_FIRST = 512;

/** The newest events of a key, the oldest first, one behind the other. */
interface Held {
  bytes: Uint8Array;
  places: number[];
  /** Where each of them ends. */
  ends: number[];
}

/**
 * The newest events of those keys that had an event last, within a number of bytes; one for all partitions of a process.
 * Places are whole numbers, ascending along the log for each key.
 */
export class KeyEvents {
  /** The key that had no event for the longest is the first. */
  private readonly keys = new Map<Key, Held>();
  private used = 0;

  constructor(private readonly bytesMax: number) {}

  /** Bytes that are held, and about what it costs to hold them. */
  get size(): number {
    return this.used;
  }

  /** Takes the next event of a key; what was taken before is passed over. */
  put(key: Key, place: number, event: Uint8Array): void {
    let held = this.keys.get(key);
    if (held === undefined) held = { bytes: new Uint8Array(0), places: [], ends: [] };
    else if ((held.places[held.places.length - 1] ?? -1) >= place) return;
    else {
      this.keys.delete(key);
      this.used -= costOf(held);
    }
    if (event.length <= EVENT_BYTES) append(held, place, event);
    this.keys.set(key, held);
    this.used += costOf(held);
    if (this.used > this.bytesMax) this.drop();
  }

  /** The bytes of an event, which are not to be kept; undefined where it is not here. */
  get(key: Key, place: number): Uint8Array | undefined {
    const held = this.keys.get(key);
    const index = held?.places.lastIndexOf(place) ?? -1;
    if (held === undefined || index < 0) return undefined;
    return held.bytes.subarray(startOf(held, index), held.ends[index]);
  }

  private drop(): void {
    for (const [key, held] of this.keys) {
      if (this.used <= this.bytesMax) return;
      this.keys.delete(key);
      this.used -= costOf(held);
    }
  }
}

function append(held: Held, place: number, event: Uint8Array): void {
  if (held.places.length === EVENTS_MAX) dropFirst(held);
  const start = held.ends[held.ends.length - 1] ?? 0;
  const end = start + event.length;
  if (end > held.bytes.length) {
    const more = new Uint8Array(Math.max(end, held.bytes.length + (held.bytes.length >> 1), ROOM_FIRST));
    more.set(held.bytes.subarray(0, start));
    held.bytes = more;
  }
  held.bytes.set(event, start);
  held.places.push(place);
  held.ends.push(end);
}

function dropFirst(held: Held): void {
  const [first = 0] = held.ends;
  held.bytes.copyWithin(0, first);
  held.places.shift();
  held.ends = held.ends.slice(1).map((end) => end - first);
}

function startOf({ ends }: Held, index: number): number {
  return index === 0 ? 0 : (ends[index - 1] ?? 0);
}

function costOf({ bytes, places }: Held): number {
  return bytes.length + KEY_BYTES + PLACE_BYTES * places.length;
}
