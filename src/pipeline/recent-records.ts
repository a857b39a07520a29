// The newest records of the events log as ingest made them, so that evaluate need not read and decode them again.
import { decodeRecord } from '../events/codec.js';
import type { LogRecord } from '../events/event.js';
import type { Log } from '../ports/log.js';

/** So many records at most, and so many bytes of the log. */
const RECORDS_MAX = 65_536;
const BYTES_MAX = 32 * 1024 * 1024;

/**
 * Records by their offset in one partition. A record may be missing, since there is room for a part of a backlog only;
 * one that is here is durable, and what decoding its bytes would give.
 */
export class RecentRecords {
  private readonly records: (LogRecord | undefined)[] = [];
  private readonly offsets = new Float64Array(RECORDS_MAX).fill(-1);
  private readonly sizes = new Uint32Array(RECORDS_MAX);
  private bytes = 0;
  private released = 0;

  /** @param onRead hears of every record that was read from the log: its offset, what it is, and its bytes */
  constructor(private readonly onRead?: (offset: number, record: LogRecord, bytes: Uint8Array) => void) {}

  /** Keeps a record that the log holds already, if there is room. */
  put(offset: number, record: LogRecord, bytes: number): void {
    const slot = offset % RECORDS_MAX;
    this.clear(slot);
    if (offset < this.released || this.bytes + bytes > BYTES_MAX) return;
    this.records[slot] = record;
    this.offsets[slot] = offset;
    this.sizes[slot] = bytes;
    this.bytes += bytes;
  }

  get(offset: number): LogRecord | undefined {
    const slot = offset % RECORDS_MAX;
    return this.offsets[slot] === offset ? this.records[slot] : undefined;
  }

  /**
   * The records of a log from an offset on, at most `limit`: those that are missing here are read and decoded. Where the
   * last of them and what follows arrived at one instant, more of that instant and the tick that ends it, if they are
   * here, as many again at most: a checkpoint within an instant must keep all that waits for its end.
   */
  async read(log: Log, partition: number, offset: number, limit: number): Promise<readonly LogRecord[]> {
    const found: LogRecord[] = [];
    while (found.length < limit) {
      const at = offset + found.length;
      const record = this.get(at);
      if (record !== undefined) {
        found.push(record);
        continue;
      }
      let missing = 1;
      while (found.length + missing < limit && this.get(at + missing) === undefined) missing++;
      const read = await log.read(partition, at, missing);
      for (const { offset: readAt, value } of read) {
        const decoded = decodeRecord(value);
        this.onRead?.(readAt, decoded, value);
        found.push(decoded);
      }
      if (read.length < missing) break;
    }
    const last = found[limit - 1];
    for (let more = limit; last !== undefined && last.kind !== 'tick' && more < 2 * limit; more++) {
      const record = this.get(offset + more);
      if (record === undefined || (record.at !== last.at && record.kind !== 'tick')) break;
      found.push(record);
      if (record.at !== last.at) break;
    }
    return found;
  }

  /** Forgets the records below an offset. */
  release(offset: number): void {
    const start = Math.max(this.released, offset - RECORDS_MAX);
    for (let at = start; at < offset; at++)
      if (this.offsets[at % RECORDS_MAX] === at) this.clear(at % RECORDS_MAX);
    this.released = Math.max(this.released, offset);
  }

  private clear(slot: number): void {
    if (this.records[slot] === undefined) return;
    this.bytes -= this.sizes[slot] as number;
    this.records[slot] = undefined;
    this.offsets[slot] = -1;
  }
}
