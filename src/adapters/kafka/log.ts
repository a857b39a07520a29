// A log as one topic of Kafka: its partitions are the topic's, its offsets the broker's.
import { CodedError } from '../../events/coded-error.js';
import { STORE_LIMITS, checkValues, checkWhole } from '../../events/store-limits.js';
import type { Log, StoredRecord } from '../../ports/log.js';
import type { Cursors } from './cursors.js';
import { Lane } from './lane.js';
import type { Partitions } from './partitions.js';
import type { SenderOptions } from './sender.js';

export interface KafkaLogOptions {
  readonly topic: string;
  readonly partitions: Partitions;
  readonly cursors: Cursors;
  readonly sending: Omit<SenderOptions, 'topic' | 'partition'>;
}

export class KafkaLog implements Log {
  readonly #options: KafkaLogOptions;
  readonly #lanes = new Map<number, Lane>();
  #isClosed = false;

  constructor(options: KafkaLogOptions) {
    this.#options = options;
  }

  /**
   * @throws CodedError STORE_UNREACHABLE where it is not known whether the records are there, or where a part of them
   *   is, which is said; STORE_SHARED where another writer came in between a batch that was too large for one send
   */
  async append(partition: number, values: readonly Uint8Array[]): Promise<number> {
    this.#check(partition);
    checkValues(values);
    const lane = this.#lane(partition);
    if (values.length > 0) return lane.append(values);
    await lane.settled();
    return this.end(partition);
  }

  async read(partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    this.#check(partition);
    checkWhole('offset', offset);
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    if (limit === 0) return [];
    return this.#options.cursors.read(this.#options.topic, partition, offset, limit);
  }

  async end(partition: number): Promise<number> {
    this.#check(partition);
    return this.#options.partitions.end(this.#options.topic, partition);
  }

  /** Takes no more, and waits for the appends under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }

  #check(partition: number): void {
    if (this.#isClosed) throw new CodedError('STORE_CLOSED');
    checkWhole('partition', partition, STORE_LIMITS.partitions - 1);
  }

  #lane(partition: number): Lane {
    const { topic, sending } = this.#options;
    const lane = this.#lanes.get(partition) ?? new Lane({ ...sending, topic, partition });
    this.#lanes.set(partition, lane);
    return lane;
  }
}
