// A log as one array per partition.
import { STORE_LIMITS, checkValues, checkWhole } from '../../events/store-limits.js';
import type { Log, StoredRecord } from '../../ports/log.js';

export class MemoryLog implements Log {
  readonly #partitions = new Map<number, Uint8Array[]>();

  async append(partition: number, values: readonly Uint8Array[]): Promise<number> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    checkValues(values);
    const records = this.#partitions.get(partition) ?? [];
    this.#partitions.set(partition, records);
    const first = records.length;
    for (const value of values) records.push(value.slice());
    return first;
  }

  async read(partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    checkWhole('offset', offset);
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    const records = this.#partitions.get(partition) ?? [];
    return records
      .slice(offset, offset + limit)
      .map((value, index) => ({ offset: offset + index, value: value.slice() }));
  }

  async end(partition: number): Promise<number> {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    return this.#partitions.get(partition)?.length ?? 0;
  }
}
