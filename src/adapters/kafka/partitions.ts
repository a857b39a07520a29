// Reads of partitions by offset: requests to their leaders, without a group of consumers.
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, Cluster } from 'kafkajs';
import { CodedError } from '../../events/coded-error.js';
import type { StoredRecord } from '../../ports/log.js';
import { openCluster, READ_UNCOMMITTED, type OpenCluster } from './cluster.js';
import type { KafkaClientOptions } from './connection.js';
import { logFailure, within } from './failure.js';
import { askForRecords } from './fetch-request.js';
import { plainRecords } from './record-batch.js';

const EMPTY_ANSWERS = 5;
const WAIT_FIRST_MS = 50;
const WAIT_MOST_MS = 1_000;

interface Fetched {
  readonly records: StoredRecord[];
  /** The offset after the last record that may be read. */
  readonly end: number;
}

export class Partitions {
  readonly #options: KafkaClientOptions;
  #opened: OpenCluster | null = null;
  #isClosed = false;

  constructor(options: KafkaClientOptions) {
    this.#options = options;
  }

  /**
   * The records from an offset on, of about so many bytes; one at least where there is one.
   * @throws CodedError STORE_DAMAGED where a record is missing, RECORD_GONE where the topic begins later, STORE_RANGE,
   *   STORE_UNREACHABLE
   */
  async fetch(topic: string, partition: number, offset: number, maxBytes: number): Promise<Fetched> {
    for (let empty = 0; empty < EMPTY_ANSWERS; empty++) {
      const found = await this.#fetched(topic, partition, offset, maxBytes);
      if (found === null) return this.#outside(topic, partition, offset);
      // A throttled broker leaves the partition out.
      if (found === undefined) continue;
      const records = recordsOf(found.bytes, topic, partition, offset);
      if (records.length > 0 || found.end <= offset) return { records, end: found.end };
    }
    throw new CodedError('STORE_DAMAGED', `Record ${offset} of ${topic}/${partition} is not given out.`);
  }

  /** How many partitions a topic has. */
  async count(topic: string): Promise<number> {
    return this.#asked(topic, async (cluster) => cluster.findTopicPartitionMetadata(topic).length);
  }

  /** The offset after the last record that all in-sync replicas have. */
  async end(topic: string, partition: number): Promise<number> {
    return (await this.#bounds(topic, partition, false)).offset;
  }

  /** The offset of the first record that is still there. */
  async begin(topic: string, partition: number): Promise<number> {
    return (await this.#bounds(topic, partition, true)).offset;
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.gate.shut();
    this.#opened = null;
  }

  /** Null where the brokers have no such offset. */
  async #fetched(topic: string, partition: number, offset: number, maxBytes: number) {
    const bounds = { waitMs: 0, maxBytes, partitionMaxBytes: maxBytes };
    return this.#asked(topic, async (cluster) => {
      const leader = await leaderOf(cluster, topic, partition);
      const [found] = await askForRecords(leader, [{ topic, partition, offset }], bounds, READ_UNCOMMITTED);
      if (found === undefined || found.fault === null) return found;
      if (found.fault === 'OFFSET_OUT_OF_RANGE') return null;
      throw Object.assign(new Error(found.fault), { type: found.fault });
    });
  }

  async #outside(topic: string, partition: number, offset: number): Promise<Fetched> {
    const end = await this.end(topic, partition);
    if (offset >= end) return { records: [], end };
    const first = await this.begin(topic, partition);
    const text = `Record ${offset} of ${topic}/${partition} is gone: the topic begins at ${first}.`;
    throw new CodedError('RECORD_GONE', text);
  }

  async #bounds(topic: string, partition: number, fromBeginning: boolean): Promise<{ offset: number }> {
    return this.#asked(topic, async (cluster) => {
      await leaderOf(cluster, topic, partition);
      const [found] = await cluster.fetchTopicsOffset([
        { topic, partitions: [{ partition }], fromBeginning },
      ]);
      const offset = Number(found?.partitions[0]?.offset);
      if (!Number.isSafeInteger(offset)) throw new CodedError('STORE_UNREACHABLE', `${topic}: no offset.`);
      return { offset };
    });
  }

  /**
   * Asks, and while there is time again on connections and metadata made anew: leaders move, brokers start again.
   */
  async #asked<T>(topic: string, ask: (cluster: Cluster) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#options;
    const overdue = performance.now() + timeoutMs;
    for (let waitMs = WAIT_FIRST_MS; ; waitMs = Math.min(2 * waitMs, WAIT_MOST_MS)) {
      const opened = (this.#opened ??= this.#open());
      try {
        return await within(timeoutMs, known(opened.cluster, topic).then(ask));
      } catch (error) {
        const failure = logFailure(error, topic);
        if (failure.code !== 'STORE_UNREACHABLE') throw failure;
        opened.gate.shut();
        if (this.#opened === opened) this.#opened = null;
        if (performance.now() + waitMs > overdue) throw failure;
      }
      await delay(waitMs);
    }
  }

  /** Records count once all in-sync replicas have them; there are no transactions. */
  #open(): OpenCluster {
    if (this.#isClosed) throw new CodedError('STORE_CLOSED');
    return openCluster(this.#options, READ_UNCOMMITTED);
  }
}

async function known(cluster: Cluster, topic: string): Promise<Cluster> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadataIfNecessary();
  return cluster;
}

async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker> {
  checkPartition(topic, partition, cluster.findTopicPartitionMetadata(topic).length);
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  return cluster.findBroker({ nodeId: nodeId ?? '' });
}

/** Refuses a partition that a topic does not have. */
export function checkPartition(topic: string, partition: number, count: number): void {
  if (partition < count) return;
  throw new CodedError('STORE_RANGE', `Partition ${partition} of topic ${topic}, which has ${count}.`);
}

/**
 * The records from the offset on, up to a hole; an answer begins with the whole batch that holds the offset. Offsets
 * have holes only where a topic is compacted or somebody writes in transactions, which logs do not; nor are theirs
 * compressed.
 */
function recordsOf(bytes: Buffer, topic: string, partition: number, offset: number): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (const { offset: at, value, isDamaged } of plainRecords(bytes, offset)) {
    if (at !== offset + records.length || value === null) {
      if (records.length > 0) break;
      const what = isDamaged === true ? 'is damaged: its batch has another checksum' : 'is missing';
      throw new CodedError('STORE_DAMAGED', `Record ${offset} of ${topic}/${partition} ${what}.`);
    }
    records.push({ offset: at, value });
  }
  return records;
}
