// One partition of a feed: how far it is taken, what waits there, and when it is asked for again after a failure.
import type { Place } from './assignment.js';

const AGAIN_FIRST_MS = 200;
const AGAIN_MOST_MS = 10_000;

export class FeedPlace implements Place {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to be taken. */
  offset: number;
  /** The offset after the last record, as it was last seen. */
  end = 0;
  /** Bytes that are fetched and not yet taken; nothing more is fetched meanwhile. */
  held = 0;
  /** The time of the first record that waits, where one was seen. */
  waiting: number | null = null;
  /** When it was last asked and nothing waited that is not taken by now. */
  clearAt = -Infinity;
  /** When it is asked again, in the milliseconds of `performance.now`. */
  askAt = 0;
  #againMs = AGAIN_FIRST_MS;
  #damaged = { offset: -1, times: 0 };

  constructor({ topic, partition }: Place, offset: number) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
  }

  /** What was asked at an instant is all taken. */
  cleared(askedAt: number, offset: number): void {
    this.#againMs = AGAIN_FIRST_MS;
    if (this.offset < offset) return;
    this.waiting = null;
    this.clearAt = Math.max(this.clearAt, askedAt);
  }

  /** Leaves it alone for a while, longer each time. @returns how long */
  failed(): number {
    const waitMs = this.#againMs;
    this.#againMs = Math.min(2 * waitMs, AGAIN_MOST_MS);
    this.askAt = performance.now() + waitMs;
    return waitMs;
  }

  /** Notes that what stands at an offset came damaged. @returns how often in a row */
  foundDamaged(offset: number): number {
    const times = this.#damaged.offset === offset ? this.#damaged.times + 1 : 1;
    this.#damaged = { offset, times };
    return times;
  }

  readUpTo(now: number): number {
    return Math.min(now, Math.max(this.clearAt, this.waiting ?? -Infinity));
  }

  get lag(): number {
    return Math.max(0, this.end - this.offset);
  }
}
