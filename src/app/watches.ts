// What a running system keeps an eye on: whether its clock falls behind the log, and whether the store takes what is written.
import { CODES } from '../events/codes.js';
import { isStoreRefusal } from '../events/coded-error.js';
import type { Log as Logger } from './log.js';

/** A clock that stands further behind the log than this is reported. */
const BEHIND_MS = 5_000;
/** How long after its last refusal a store counts as one that refuses: it may take small writes and not large ones. */
const REFUSED_MS = 30_000;

/** Time never goes back, so a clock behind the log stops everything until it has caught up: somebody must know. */
export class ClockWatch {
  behind = false;

  constructor(private readonly log: Logger) {}

  look(now: number, logged: number): void {
    const behindMs = logged - now;
    const behind = behindMs > BEHIND_MS;
    if (behind && !this.behind) this.log.error({ code: 'CLOCK_BEHIND', behindMs }, CODES.CLOCK_BEHIND);
    this.behind = behind;
  }
}

/** Whether the store refused a write just now, as a full disk does. */
export class StoreWatch {
  private refusedAt = -Infinity;

  constructor(private readonly now: () => number) {}

  get refusing(): boolean {
    return this.now() - this.refusedAt < REFUSED_MS;
  }

  /** Hands on what a write gives, and remembers that the store refused it. */
  async over<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (isStoreRefusal(error)) this.refusedAt = this.now();
      throw error;
    }
  }
}
