// Places at which partitions are read one record after the other, each with a little of what comes next.
import type { StoredRecord } from '../../ports/log.js';
import type { Partitions } from './partitions.js';

/** Of one answer; a single record that is larger comes whole. */
const FETCH_BYTES = 1024 * 1024;
const FETCH_FEW_BYTES = 64 * 1024;
const FEW_RECORDS = 16;
/** What all places together may hold while nobody reads there. */
const HELD_BYTES = 64 * 1024 * 1024;
const PLACES = 256;

type Fetched = Awaited<ReturnType<Partitions['fetch']>>;

class Cursor {
  readonly topic: string;
  readonly partition: number;
  readonly #partitions: Partitions;
  #held: StoredRecord[] = [];
  #from = 0;
  #bytes = 0;
  /** Of the next record to be fetched. */
  #next: number;
  /** The end of the partition as it was last seen. */
  #end = 0;
  #ahead: Promise<Fetched> | null = null;
  #takes = 0;

  constructor(partitions: Partitions, topic: string, partition: number, offset: number) {
    this.#partitions = partitions;
    this.topic = topic;
    this.partition = partition;
    this.#next = offset;
  }

  /** Held, or on its way. */
  get bytes(): number {
    return this.#bytes + (this.#ahead === null ? 0 : FETCH_BYTES);
  }

  /** Whether a read from the offset can go on here. */
  reaches(offset: number): boolean {
    return offset <= this.#next && offset >= this.#next - (this.#held.length - this.#from);
  }

  /** The records from an offset that it reaches, fewer than `limit` at the end of the partition only. */
  async take(offset: number, limit: number): Promise<StoredRecord[]> {
    const taken: StoredRecord[] = [];
    this.#takes += 1;
    while (taken.length < limit) {
      if (this.#from === this.#held.length) {
        const got = await this.#fetch(limit - taken.length);
        if (got.records.length === 0) break;
        this.#hold(got);
      }
      const first = this.#held[this.#from]?.offset ?? offset;
      this.#from += Math.max(0, offset + taken.length - first);
      while (taken.length < limit && this.#from < this.#held.length) {
        const { offset: at, value } = this.#held[this.#from++] as StoredRecord;
        // A copy: what is read is the reader's, and must not keep the whole answer in memory.
        taken.push({ offset: at, value: Buffer.from(value) });
      }
      if (this.#from === this.#held.length) this.#let();
      if (taken.length < limit || this.#takes > 1) this.#lookAhead();
    }
    return taken;
  }

  #let(): void {
    this.#held = [];
    this.#from = 0;
    this.#bytes = 0;
  }

  #hold({ records, end }: Fetched): void {
    this.#held = records;
    this.#from = 0;
    this.#bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0);
    this.#next += records.length;
    this.#end = end;
  }

  async #fetch(limit: number): Promise<Fetched> {
    const ahead = this.#ahead;
    this.#ahead = null;
    // One that failed is asked for again, so that a failure of then does not stand for now.
    const got = await ahead?.catch(() => undefined);
    if (got !== undefined) return got;
    const bytes = limit <= FEW_RECORDS && this.#takes === 1 ? FETCH_FEW_BYTES : FETCH_BYTES;
    return this.#partitions.fetch(this.topic, this.partition, this.#next, bytes);
  }

  /** Asks for what comes next before it is wanted; never past the end, where the answer would be old when it is. */
  #lookAhead(): void {
    if (this.#ahead !== null || this.#next >= this.#end) return;
    this.#ahead = this.#partitions.fetch(this.topic, this.partition, this.#next, FETCH_BYTES);
    this.#ahead.catch(() => undefined);
  }
}

/** The places of one store; several readers of a partition have one each. */
export class Cursors {
  readonly #partitions: Partitions;
  /** Those that nobody reads from at the moment, the one used last at the end. */
  #idle: Cursor[] = [];

  constructor(partitions: Partitions) {
    this.#partitions = partitions;
  }

  async read(topic: string, partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    const index = this.#idle.findLastIndex(
      (one) => one.topic === topic && one.partition === partition && one.reaches(offset),
    );
    const [known] = index < 0 ? [] : this.#idle.splice(index, 1);
    const cursor = known ?? new Cursor(this.#partitions, topic, partition, offset);
    // After a failure the place is not kept: what it holds may be half taken.
    const taken = await cursor.take(offset, limit);
    this.#idle.push(cursor);
    let bytes = this.#idle.reduce((sum, one) => sum + one.bytes, 0);
    while (this.#idle.length > PLACES || (bytes > HELD_BYTES && this.#idle.length > 0)) {
      bytes -= this.#idle.shift()?.bytes ?? 0;
    }
    return taken;
  }
}
