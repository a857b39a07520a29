// Archive: brings the logs into the warehouse, block by recorded block, so that a crash leaves neither hole nor double.
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import type { Row, Warehouse } from '../ports/warehouse.js';
import { CheckpointCursor, NO_CHANGES, type Probe } from './checkpoint.js';

/** Rows for one range of a log, by table, and what the source remembers beside the range. */
export interface Block<Memory> {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly memory: Memory;
}

/** A log on its way into the warehouse. For one range and memory it always gives the same block. */
export interface ArchiveSource<Memory> {
  readonly name: string;
  readonly start: Memory;
  /** The highest offset from {next:UInt64} on that rows in the warehouse name, and how many do: `highest`, `total`. */
  readonly reached: string;
  /** Offset below which the log may be archived now. */
  limit(): Promise<number>;
  block(from: number, to: number, memory: Memory): Promise<Block<Memory>>;
}

export interface ArchiveOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly warehouse: Warehouse;
  readonly nonce: () => string;
  readonly probe: Probe;
  /** Records a block. */
  readonly batch: number;
}

interface Meta<Memory> {
  /** Offset below which all is in the warehouse. */
  readonly next: number;
  /** The end of the range that is being inserted; equal to `next` when none is. */
  readonly to: number;
  readonly memory: Memory;
}

/** Archives one source. */
export class Archive<Memory> {
  private readonly cursor: CheckpointCursor<Meta<Memory>>;
  private meta: Meta<Memory>;

  constructor(
    private readonly source: ArchiveSource<Memory>,
    private readonly options: ArchiveOptions,
  ) {
    this.cursor = new CheckpointCursor<Meta<Memory>>(options.state, `archive/${source.name}`, options.nonce);
    this.meta = { next: 0, to: 0, memory: source.start };
  }

  /** Of the source: its log and partition. */
  get name(): string {
    return this.source.name;
  }

  /** Records below it are in the warehouse. */
  get position(): number {
    return this.meta.next;
  }

  /** Whether no range is recorded whose rows may be there in part. */
  get settled(): boolean {
    return this.meta.to === this.meta.next;
  }

  /** Takes the place of the last checkpoint. @param anew the warehouse was lost: archive the log from its beginning */
  async open(anew: boolean): Promise<void> {
    const kept = await this.cursor.load();
    this.meta = kept === undefined || anew ? { next: 0, to: 0, memory: this.source.start } : kept;
    if (!anew) await this.catchUp();
  }

  /**
   * Passes over what the warehouse has beyond the checkpoint, since a store of state may forget its last moments: the
   * range that it does not know any more would be inserted again, with another end and so under another token.
   */
  private async catchUp(): Promise<void> {
    const { warehouse, batch } = this.options;
    const [row] = await warehouse.query(this.source.reached, { next: this.meta.next });
    const reached = Number(row?.['total'] ?? 0) === 0 ? 0 : Number(row?.['highest']) + 1;
    // A range that is recorded is inserted again under its own token.
    while (this.meta.next < reached && reached > this.meta.to) {
      const to = Math.min(reached, this.meta.next + batch);
      const { memory } = await this.source.block(this.meta.next, to, this.meta.memory);
      await this.save({ next: to, to, memory });
    }
  }

  /**
   * Archives one block: the range is recorded, inserted under a token made of it, and marked done. A range that was
   * recorded before a crash is inserted again under the same token, which leaves one block.
   * @returns the number of records archived
   */
  async run(): Promise<number> {
    const { batch, warehouse, probe } = this.options;
    if (this.meta.to === this.meta.next) {
      const to = Math.min(await this.source.limit(), this.meta.next + batch);
      if (to <= this.meta.next) return 0;
      await this.save({ ...this.meta, to });
    }
    const { next, to, memory } = this.meta;
    const block = await this.source.block(next, to, memory);
    for (const [table, rows] of block.rows) {
      if (rows.length === 0) continue;
      probe('before-insert');
      await warehouse.insert(table, `${this.source.name}/${next}-${to}/${table}`, rows);
      probe('after-insert');
    }
    await this.save({ next: to, to, memory: block.memory });
    return to - next;
  }

  private async save(meta: Meta<Memory>): Promise<void> {
    await this.cursor.commit(meta, NO_CHANGES);
    this.meta = meta;
  }
}
