// The end of a log at hand: a stage that follows another in one process gets from it what that wrote, as it wrote it.
import type { Log, StoredRecord } from '../ports/log.js';
import { decodeJson, encodeJson } from './checkpoint.js';

/** The log keeps so many bytes of its end, a few rounds of the stages; their records take a few times as much. */
const BYTES_MAX = 1024 * 1024;

/** What was written here, by its bytes, for as long as these are in memory. */
const written = new WeakMap<Uint8Array, object>();

/** Encodes a record that its readers get as it is: one that JSON says in full, and that is not changed any more. */
export function handOn(record: object): Uint8Array {
  return handOnAs(record, encodeJson(record));
}

/** As `handOn`, of a record whose JSON is at hand; its fields are in the order of that. */
export function handOnAs(record: object, bytes: Uint8Array): Uint8Array {
  written.set(bytes, record);
  return bytes;
}

/** The record of some bytes: itself where it was written here a moment ago, else decoded. */
export function handedOn<T extends object>(bytes: Uint8Array): T {
  return (written.get(bytes) as T | undefined) ?? decodeJson<T>(bytes);
}

interface Chunk {
  readonly first: number;
  readonly values: readonly Uint8Array[];
  readonly bytes: number;
}

/** A log whose partition 0 has its end in memory; values that were appended must not be changed. */
export class RecentLog implements Log {
  /** Without holes, the newest last. */
  private chunks: Chunk[] = [];
  private bytes = 0;

  constructor(
    private readonly log: Log,
    private readonly bytesMax = BYTES_MAX,
  ) {}

  async append(partition: number, values: readonly Uint8Array[]): Promise<number> {
    const first = await this.log.append(partition, values);
    if (partition === 0 && values.length > 0) this.keep(first, values);
    return first;
  }

  async read(partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    const start = this.chunks[0]?.first ?? Infinity;
    // What another append has made durable, and is not here yet, is in the log.
    const isWhole = partition === 0 && offset >= start && (await this.log.end(0)) === this.keptEnd;
    if (!isWhole) return this.log.read(partition, offset, limit);
    const records: StoredRecord[] = [];
    for (const { first, values } of this.chunks) {
      for (let index = Math.max(0, offset - first); index < values.length; index++) {
        if (records.length === limit) return records;
        records.push({ offset: first + index, value: values[index] as Uint8Array });
      }
    }
    return records;
  }

  end(partition: number): Promise<number> {
    return this.log.end(partition);
  }

  /** The offset behind what is kept. */
  private get keptEnd(): number {
    const last = this.chunks[this.chunks.length - 1];
    return last === undefined ? 0 : last.first + last.values.length;
  }

  private keep(first: number, values: readonly Uint8Array[]): void {
    if (first !== this.keptEnd) {
      this.chunks = [];
      this.bytes = 0;
    }
    const bytes = values.reduce((total, { length }) => total + length, 0);
    this.chunks.push({ first, values: [...values], bytes });
    this.bytes += bytes;
    while (this.bytes > this.bytesMax) this.bytes -= this.chunks.shift()?.bytes ?? 0;
  }
}
