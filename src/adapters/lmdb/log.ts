// A log as one table of records by partition and offset.
import { CodedError } from '../../events/coded-error.js';
import { STORE_LIMITS, checkValues, checkWhole } from '../../events/store-limits.js';
import type { Log, StoredRecord } from '../../ports/log.js';
import { copied, logKey, offsetOf } from './layout.js';
import type { Table, Writer } from './writer.js';

export class LmdbLog implements Log {
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
    const count = Math.min(limit, this.#end(partition) - offset);
    if (count <= 0) return [];
    const one = count === 1 ? this.#table.getBinary(logKey(partition, offset)) : undefined;
    // A copy, as those of a range are.
    if (one !== undefined) return [{ offset, value: Buffer.from(one) }];
    const records: StoredRecord[] = [];
    // Values of a range are copies, which lmdb does not use again.
    for (const { key, value } of this.#table.getRange({ start: logKey(partition, offset), limit: count })) {
      if (offsetOf(key) !== offset + records.length || key.readUInt32BE(0) !== partition) break;
      records.push({ offset: offset + records.length, value });
    }
    if (records.length === count) return records;
    const missing = `Record ${offset + records.length} of partition ${partition} is missing.`;
    throw new CodedError('STORE_DAMAGED', missing);
  }

  async end(partition: number): Promise<number> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    this.#writer.checkOpen();
    return this.#end(partition);
  }

  #end(partition: number): number {
    const known = this.#ends.get(partition);
    if (known !== undefined) return known;
    let end = 0;
    const newest = {
      start: logKey(partition, Number.MAX_SAFE_INTEGER),
      end: logKey(partition, 0).subarray(0, 4),
      reverse: true,
      limit: 1,
    };
    for (const key of this.#table.getKeys(newest)) end = offsetOf(key) + 1;
    this.#ends.set(partition, end);
    return end;
  }
}
