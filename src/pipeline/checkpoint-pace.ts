// How often a consumer keeps its place: with every batch, or less often where batches come fast.

/** What is done again after a failure is of one pace at the most; what was written is told by its origins. */
export interface Pace {
  /** Records after which a checkpoint is due. */
  readonly records: number;
  /** Time after which one is due, ms. */
  readonly ms: number;
  /** A clock that only advances, ms. */
  readonly elapsed: () => number;
}

export class CheckpointPace {
  /** Records since the last checkpoint; null where nothing was done since. */
  private records: number | null = null;
  private since = 0;

  /** @param pace left out for a checkpoint with every batch */
  constructor(private readonly pace: Pace | undefined) {}

  /** Whether something was done that no checkpoint has. */
  get isBehind(): boolean {
    return this.records !== null;
  }

  get isDue(): boolean {
    const { records, pace } = this;
    if (records === null) return false;
    return pace === undefined || records >= pace.records || pace.elapsed() - this.since >= pace.ms;
  }

  /** Counts a batch. */
  advance(records: number): void {
    if (this.records === null) this.since = this.pace?.elapsed() ?? 0;
    this.records = (this.records ?? 0) + records;
  }

  /** What was done is kept, or is to be done again. */
  restart(): void {
    this.records = null;
  }
}
