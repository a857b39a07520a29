// Events held in memory as bytes, to be given back in order of arrival.
import { decodeRecord, encodeRecord } from '../events/codec.js';
import type { Event } from '../events/event.js';

/** How many events may be held at a time, over all buffers of a run. */
export class SortRoom {
  held = 0;

  constructor(readonly limit: number) {}
}

/** Larger than any record: a row has at most a million characters. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const BATCH_EVENTS = 2_000;

export class EventBuffer {
  private chunks: Uint8Array[] = [];
  private used = CHUNK_BYTES;
  private arrivals: number[] = [];
  private starts: number[] = [];
  private lengths: number[] = [];

  constructor(private readonly room: SortRoom) {}

  /** Takes an event, unless there is no room left. */
  add(event: Event): boolean {
    if (this.room.held >= this.room.limit) return false;
    const bytes = encodeRecord(event);
    if (this.used + bytes.length > CHUNK_BYTES) {
      this.chunks.push(new Uint8Array(CHUNK_BYTES));
      this.used = 0;
    }
    (this.chunks[this.chunks.length - 1] as Uint8Array).set(bytes, this.used);
    this.arrivals.push(event.at);
    this.starts.push((this.chunks.length - 1) * CHUNK_BYTES + this.used);
    this.lengths.push(bytes.length);
    this.used += bytes.length;
    this.room.held++;
    return true;
  }

  /** Gives everything back in order of arrival, in batches, and frees the room when the last one is taken. */
  async *drain(): AsyncGenerator<readonly Event[]> {
    const { arrivals } = this;
    const order = Uint32Array.from(arrivals, (_, index) => index);
    order.sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number));
    for (let from = 0; from < order.length; from += BATCH_EVENTS) {
      const batch: Event[] = [];
      for (const index of order.subarray(from, from + BATCH_EVENTS)) batch.push(this.at(index));
      yield batch;
    }
    this.room.held -= order.length;
    this.chunks = [];
    this.used = CHUNK_BYTES;
    this.arrivals = [];
    this.starts = [];
    this.lengths = [];
  }

  private at(index: number): Event {
    const start = this.starts[index] as number;
    const chunk = this.chunks[Math.floor(start / CHUNK_BYTES)] as Uint8Array;
    const from = start % CHUNK_BYTES;
    return decodeRecord(chunk.subarray(from, from + (this.lengths[index] as number))) as Event;
  }
}
