// What became of dead letters that were tried again: the last trial of each, by its place in the log.
//
// A record is written after the events are in their log. Where a crash comes between, the letter is tried once more, and
// evaluate drops the events by their ids.
import type { Code } from '../../events/codes.js';
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson, FencedError } from '../checkpoint.js';

/** One trial of a dead letter. */
export interface Trial {
  /** Epoch ms. */
  readonly at: number;
  /** Who ran it. */
  readonly by: string;
  /** `taken` where all that it holds is in the log; else it stays a dead letter. */
  readonly outcome: 'taken' | 'refused';
  /** Events of it that went into the log. */
  readonly events: number;
  /** Why it was refused again. */
  readonly code?: Code;
  readonly message?: string;
  readonly field?: string;
  /** The name of the mapping by which it was read, where there was one. */
  readonly mapping?: string;
}

const NAMESPACE = 'dead-letters/redriven';
const ATTEMPTS = 10;

export class Redriven {
  private readonly cursor: CheckpointCursor<Record<string, never>>;

  constructor(
    private readonly state: StateStore,
    nonce: () => string,
  ) {
    this.cursor = new CheckpointCursor(state, NAMESPACE, nonce);
  }

  /** The last trials of some letters, by their places. */
  async load(offsets: readonly number[]): Promise<ReadonlyMap<number, Trial>> {
    const stored = await this.state.load(NAMESPACE, offsets.map(nameOf));
    return new Map(
      offsets.flatMap((offset, index) => {
        const bytes = stored[index];
        return bytes === undefined ? [] : [[offset, decodeJson<Trial>(bytes)] as const];
      }),
    );
  }

  /** Asserts that trials can be noted, before anything is tried. @throws as the store does */
  async open(): Promise<void> {
    await this.cursor.load();
  }

  /**
   * Keeps trials in place of those before; durable once it resolves.
   * @throws CodedError CHECKPOINT_FENCED where others come first again and again
   */
  async note(trials: ReadonlyMap<number, Trial>): Promise<void> {
    const records = new Map([...trials].map(([offset, trial]) => [nameOf(offset), encodeJson(trial)]));
    for (let attempt = 1; ; attempt++) {
      await this.cursor.load();
      try {
        return await this.cursor.commit({}, { records });
      } catch (error) {
        // Trials of others are of other letters, or of the same with the same events.
        if (!(error instanceof FencedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

function nameOf(offset: number): string {
  return String(offset).padStart(16, '0');
}
