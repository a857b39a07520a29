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
  /** Log and partition, `log/partition`. */
  readonly name: string;
  readonly start: Memory;
  /** All that its blocks have rows for. They have `partition` and `offset`, and `sign` where an offset has several. */
  readonly tables: readonly string[];
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

/** Rows whose presence is asked for at once: their offsets go into the address of a request. */
const ROWS_PAGE = 1_000;

/** Archives one source. */
export class Archive<Memory> {
  private readonly cursor: CheckpointCursor<Meta<Memory>>;
  private meta: Meta<Memory>;
  /** Offset up to which the warehouse may have rows that the checkpoint does not know of. */
  private reached = 0;

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

  /** Whether no range is recorded or found whose rows may be there in part. */
  get settled(): boolean {
    return this.meta.to === this.meta.next && this.reached <= this.meta.next;
  }

  /** Takes the place of the last checkpoint. @param anew the warehouse was lost: archive the log from its beginning */
  async open(anew: boolean): Promise<void> {
    const kept = await this.cursor.load();
    this.meta = kept === undefined || anew ? { next: 0, to: 0, memory: this.source.start } : kept;
    this.reached = anew ? 0 : await this.furthest();
  }

  /**
   * Archives one block: the range is recorded, inserted under a token made of it, and marked done. A range that was
   * recorded before a crash is inserted again under the same token, which leaves one block.
   * @returns the number of records archived
   */
  async run(): Promise<number> {
    if (this.meta.to === this.meta.next) {
      const to = Math.min(await this.source.limit(), this.meta.next + this.options.batch);
      if (this.meta.next < this.reached) return this.complete(Math.min(to, this.reached));
      if (to <= this.meta.next) return 0;
      await this.save({ ...this.meta, to });
    }
    const { next, to, memory } = this.meta;
    const block = await this.source.block(next, to, memory);
    for (const [table, rows] of block.rows) {
      await this.insert(table, `${this.source.name}/${next}-${to}/${table}`, rows);
    }
    await this.save({ next: to, to, memory: block.memory });
    return to - next;
  }

  /**
   * Goes on over rows that the warehouse has beyond the checkpoint, since a store of state may forget its last moments:
   * the ranges that it does not know any more would be inserted again, with other ends and so under other tokens. What
   * is there is passed over; what is missing, since a crash came between two tables or two parts, is inserted.
   */
  private async complete(to: number): Promise<number> {
    const { next, memory } = this.meta;
    if (to <= next) return 0;
    const block = await this.source.block(next, to, memory);
    for (const [table, rows] of block.rows) {
      const token = `${this.source.name}/${next}-${to}/${table}/rest`;
      await this.insert(table, token, await this.missing(table, rows));
    }
    await this.save({ next: to, to, memory: block.memory });
    return to - next;
  }

  private async insert(table: string, token: string, rows: readonly Row[]): Promise<void> {
    const { warehouse, probe } = this.options;
    if (rows.length === 0) return;
    probe('before-insert');
    await warehouse.insert(table, token, rows);
    probe('after-insert');
  }

  /** The offset after the last one from the checkpoint on that a row of any table has. */
  private async furthest(): Promise<number> {
    const asked = this.source.tables.map(
      (table) =>
        `SELECT toInt64(max(offset)) AS highest, count() AS total FROM ${table} WHERE ${this.here} AND offset >= {next:UInt64}`,
    );
    const rows = await this.options.warehouse.query(asked.join(' UNION ALL '), { next: this.meta.next });
    return Math.max(0, ...rows.map(({ highest, total }) => (Number(total) === 0 ? 0 : Number(highest) + 1)));
  }

  /** Those rows of a block that are not in their table. */
  private async missing(table: string, rows: readonly Row[]): Promise<Row[]> {
    const isSigned = rows.some((row) => row['sign'] !== undefined);
    const nameOf = ({ offset, sign = 1 }: Row) => `${String(offset)} ${isSigned ? Number(sign) : ''}`;
    const there = new Set<string>();
    for (let at = 0; at < rows.length; at += ROWS_PAGE) {
      const offsets = rows.slice(at, at + ROWS_PAGE).map(({ offset }) => offset);
      const sql = `SELECT DISTINCT offset${isSigned ? ', sign' : ''} FROM ${table} WHERE ${this.here} AND offset IN {offsets:Array(UInt64)}`;
      for (const row of await this.options.warehouse.query(sql, { offsets })) there.add(nameOf(row));
    }
    return rows.filter((row) => !there.has(nameOf(row)));
  }

  private get here(): string {
    return `partition = ${Number(this.source.name.split('/')[1])}`;
  }

  private async save(meta: Meta<Memory>): Promise<void> {
    await this.cursor.commit(meta, NO_CHANGES);
    this.meta = meta;
  }
}
