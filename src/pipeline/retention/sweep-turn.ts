// Who sweeps, where any of several processes may: one at a time, once a day.
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, FencedError, NO_CHANGES } from '../checkpoint.js';

interface Meta {
  /** Instant of the last sweep that came to its end, epoch ms; null before the first. */
  readonly at: number | null;
  /** Until when nobody else begins, epoch ms. */
  readonly until: number;
}

const DAY_MS = 86_400_000;
/** Whoever says nothing for so long has lost the turn. */
const LEASE_MS = 300_000;

/** The lease keeps two from doing the same; where clocks or pauses deceive it, whoever began last goes on alone. */
export class SweepTurn {
  private readonly cursor: CheckpointCursor<Meta>;
  private at: number | null = null;

  /** @param namespace of the sweep: of each kind one is made a day */
  constructor(state: StateStore, nonce: () => string, namespace = 'retention/sweep') {
    this.cursor = new CheckpointCursor<Meta>(state, namespace, nonce);
  }

  /** @returns false where the last sweep that came to its end is less than a day ago, or another is at it */
  async begin(now: number): Promise<boolean> {
    const { at, until } = (await this.cursor.load()) ?? { at: null, until: 0 };
    this.at = at;
    if ((at !== null && now - at < DAY_MS) || now < until) return false;
    return this.goOn(now);
  }

  /** Keeps the turn. @returns false where another has it now */
  goOn(now: number): Promise<boolean> {
    return this.committed({ at: this.at, until: now + LEASE_MS });
  }

  /** Gives the turn up. @param at instant of the sweep where it came to its end, else null */
  async end(at: number | null): Promise<void> {
    await this.committed({ at: at ?? this.at, until: 0 });
  }

  private async committed(meta: Meta): Promise<boolean> {
    try {
      await this.cursor.commit(meta, NO_CHANGES);
      return true;
    } catch (error) {
      if (error instanceof FencedError) return false;
      throw error;
    }
  }
}
