// A log as one table of records by partition and offset.
import { STORE_LIMITS, checkValues, checkWhole } from '../../events/store-limits.js';
import type { LettingGo } from '../../ports/letting-go.js';
import type { Log, StoredRecord } from '../../ports/log.js';
import { copied, decodeReleased, encodeReleased, logKey, releasedKey } from './layout.js';
import { endOf, recordsFrom } from './records.js';
import type { Table, Writer } from './writer.js';

/** What a record that is let go costs a transaction, about: its key. */
const RELEASED_BYTES = 16;

export class LmdbLog implements Log, LettingGo {
  readonly #table: Table;
  readonly #writer: Writer;
  /** Ends of what is on the disk, by partition, once looked up. */
  readonly #ends = new Map<number, number>();
  /** Ends of what is on its way into the transaction under way. */
  readonly #drafted = new Map<number, number>();

  constructor(table: Table, writer: Writer) {
    this.#table = table;
    this.#writer = writer;
  }

  async append(partition: number, values: readonly Uint8Array[]): Promise<number> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    checkValues(values);
    const copies = copied(values);
    const bytes = copies.reduce((sum, value) => sum + value.byteLength, 0);
    return this.#writer.submit(bytes, (draft) => {
      const first = this.#drafted.get(partition) ?? this.#end(partition);
      const end = first + copies.length;
      copies.forEach((value, index) => draft.put(this.#table, logKey(partition, first + index), value));
      this.#drafted.set(partition, end);
      draft.onSettled((durable) => {
        if (durable) this.#ends.set(partition, end);
        this.#drafted.delete(partition);
      });
      return first;
    });
  }

  async read(partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    checkWhole('offset', offset);
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    this.#writer.checkOpen();
    return recordsFrom(this.#table, partition, offset, limit, this.#end(partition));
  }

  async released(partition: number): Promise<number> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    this.#writer.checkOpen();
    return this.#released(partition);
  }

  async letGo(partition: number, offsets: readonly number[], below: number): Promise<void> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    checkWhole('below', below, Math.max(0, this.#end(partition) - 1));
    for (const offset of offsets) checkWhole('offset', offset, below - 1);
    await this.#writer.submit(offsets.length * RELEASED_BYTES, (draft) => {
      for (const offset of offsets) draft.remove(this.#table, logKey(partition, offset));
      if (below > this.#released(partition))
        draft.put(this.#table, releasedKey(partition), encodeReleased(below));
    });
  }

  async end(partition: number): Promise<number> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    this.#writer.checkOpen();
    return this.#end(partition);
  }

  #end(partition: number): number {
    const known = this.#ends.get(partition);
    if (known !== undefined) return known;
    const end = endOf(this.#table, partition);
    this.#ends.set(partition, end);
    return end;
  }

  #released(partition: number): number {
    return decodeReleased(this.#table.getBinary(releasedKey(partition)));
  }
}
