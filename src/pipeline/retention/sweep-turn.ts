// Who sweeps, where any of several processes may: one at a time, once a day.
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, FencedError, NO_CHANGES } from '../checkpoint.js';

interface Meta {
  /** Instant of the last sweep that came to its end, epoch ms; null before the first. */
  readonly at: number | null;
}

const NAMESPACE = 'retention/sweep';
const DAY_MS = 86_400_000;

/** Whoever begins takes the turn from whom had it: what that one goes on with is refused. */
export class SweepTurn {
  private readonly cursor: CheckpointCursor<Meta>;
  private at: number | null = null;

  constructor(state: StateStore, nonce: () => string) {
    this.cursor = new CheckpointCursor<Meta>(state, NAMESPACE, nonce);
  }

  /** @returns false where the last sweep that came to its end is less than a day ago, or another was faster */
  async begin(now: number): Promise<boolean> {
    this.at = (await this.cursor.load())?.at ?? null;
    if (this.at !== null && now - this.at < DAY_MS) return false;
    return this.committed({ at: this.at });
  }

  /** Whether nobody else has begun since. */
  isMine(): Promise<boolean> {
    return this.cursor.isCurrent();
  }

  /** The sweep that began at an instant came to its end. */
  async end(at: number): Promise<void> {
    await this.committed({ at });
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
