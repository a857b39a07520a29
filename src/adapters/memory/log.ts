// A log as one array per partition.
import { STORE_LIMITS, checkValues, checkWhole } from '../../events/store-limits.js';
import type { LettingGo } from '../../ports/letting-go.js';
import type { Log, StoredRecord } from '../../ports/log.js';

interface Partition {
  /** By offset; null for one that was let go. */
  readonly records: (Uint8Array | null)[];
  released: number;
}

export class MemoryLog implements Log, LettingGo {
  readonly #partitions = new Map<number, Partition>();

  async append(partition: number, values: readonly Uint8Array[]): Promise<number> {
    checkValues(values);
    const { records } = this.#partition(partition);
    const first = records.length;
    for (const value of values) records.push(value.slice());
    return first;
  }

  async read(partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    checkWhole('offset', offset);
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    const { records } = this.#partition(partition);
    const read: StoredRecord[] = [];
    for (let next = offset; next < records.length && read.length < limit; next++) {
      const value = records[next] ?? null;
      if (value !== null) read.push({ offset: next, value: value.slice() });
    }
    return read;
  }

  async end(partition: number): Promise<number> {
    return this.#partition(partition).records.length;
  }

  async released(partition: number): Promise<number> {
    return this.#partition(partition).released;
  }

  async letGo(partition: number, offsets: readonly number[], below: number): Promise<void> {
    const found = this.#partition(partition);
    checkWhole('below', below, Math.max(0, found.records.length - 1));
    for (const offset of offsets) checkWhole('offset', offset, below - 1);
    for (const offset of offsets) found.records[offset] = null;
    found.released = Math.max(found.released, below);
  }

  #partition(partition: number): Partition {
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
    const known = this.#partitions.get(partition) ?? { records: [], released: 0 };
    this.#partitions.set(partition, known);
    return known;
  }
}
