// The partitions of the events log as one history: by their clocks, which is when a record arrived.
import { decodeRecord } from '../events/codec.js';
import type { LogRecord } from '../events/event.js';
import type { Log } from '../ports/log.js';
import { isControl } from './wide/schedule.js';

export interface HistoryRecord {
  readonly record: LogRecord;
  readonly partition: number;
  readonly offset: number;
  /** The clock of its partition after it, epoch ms. */
  readonly clock: number;
}

interface Source {
  readonly partition: number;
  /** Offset behind the last record that is wanted. */
  readonly end: number;
  /** Of the next record to read. */
  next: number;
  clock: number;
  /** What was read and is not taken yet. */
  ahead: HistoryRecord[];
  taken: number;
}

/** Reads what lies below some offsets, in the order in which one log would have it; ties by partition. */
export class MergedHistory {
  private readonly sources: readonly Source[];

  /** @param ends by partition */
  constructor(
    private readonly log: Log,
    ends: readonly number[],
    private readonly batch: number,
  ) {
    this.sources = ends.map((end, partition) => ({
      partition,
      end,
      next: 0,
      clock: -Infinity,
      ahead: [],
      taken: 0,
    }));
  }

  /** The next records, a batch at the most; empty at the end. */
  async take(): Promise<HistoryRecord[]> {
    const records: HistoryRecord[] = [];
    while (records.length < this.batch) {
      for (const source of this.sources) await this.fill(source);
      const found = this.mergeInto(records);
      if (!found) break;
    }
    return records;
  }

  /** Takes over what is read, until one of the partitions must be read on. @returns false where all are at their end */
  private mergeInto(records: HistoryRecord[]): boolean {
    for (;;) {
      let first: Source | null = null;
      for (const source of this.sources) {
        const clock = source.ahead[source.taken]?.clock;
        if (clock !== undefined && (first === null || clock < (first.ahead[first.taken]?.clock ?? 0)))
          first = source;
      }
      if (first === null) return false;
      records.push(first.ahead[first.taken++] as HistoryRecord);
      const isRead = first.taken < first.ahead.length || first.next >= first.end;
      if (!isRead || records.length === this.batch) return true;
    }
  }

  private async fill(source: Source): Promise<void> {
    while (source.taken >= source.ahead.length && source.next < source.end) {
      const limit = Math.min(this.batch, source.end - source.next);
      const read = await this.log.read(source.partition, source.next, limit);
      source.taken = 0;
      source.ahead = [];
      for (const { offset, value } of read) {
        const record = decodeRecord(value);
        // It says nothing of time.
        if (isControl(record)) continue;
        source.clock = Math.max(source.clock, record.at);
        source.ahead.push({ record, partition: source.partition, offset, clock: source.clock });
      }
      source.next = read.length === 0 ? source.end : source.next + read.length;
    }
  }
}
