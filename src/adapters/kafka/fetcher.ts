// Fetches from several partitions at once, one request a broker, and leaves the records as they came: the client's own
// decoder refuses a whole answer for one bad batch, and loses its place where topics are compacted.
import { createRequire } from 'node:module';
import type { Broker, Cluster } from 'kafkajs';
import type { Place } from './assignment.js';
import { openCluster, READ_COMMITTED, type OpenCluster } from './cluster.js';
import { kafkaFault, type KafkaClientOptions } from './connection.js';
import { within } from './failure.js';
import type { Aborted } from './record-batch.js';

/** Version 10 is the first that gives out Zstandard, and brokers from 2.1 on know it. */
const requestOf = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/v10/request') as (
  request: object,
) => object;
const { createErrorFromCode } = createRequire(import.meta.url)('kafkajs/src/protocol/error') as {
  readonly createErrorFromCode: (code: number) => { readonly type: string };
};

/** The client's way to send any request. */
interface SendingBroker extends Broker {
  readonly connectionPool: {
    send(protocol: {
      request: object;
      response: { decode(answer: Buffer): Promise<Fetched[]>; parse(data: Fetched[]): Promise<Fetched[]> };
    }): Promise<Fetched[]>;
  };
}

export interface Wanted extends Place {
  readonly offset: number;
}

export interface Fetched extends Place {
  /** A type of the protocol, or what broke off the way there; null where there is none. */
  readonly fault: string | null;
  /** The offset after the last record that may be read: none of a transaction that is still open. */
  readonly end: number;
  readonly aborted: readonly Aborted[];
  /** Batches, of which the last may be cut off. */
  readonly bytes: Buffer;
}

export interface FetchBounds {
  /** How long the brokers wait where there is nothing. */
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
}

export class Fetcher {
  readonly #options: KafkaClientOptions;
  readonly #topics: readonly string[];
  #opened: (OpenCluster & { readonly known: Promise<void> }) | null = null;

  constructor(options: KafkaClientOptions, topics: readonly string[]) {
    this.#options = options;
    this.#topics = topics;
  }

  /** One answer for each place that was wanted, never an error. A single batch that is larger comes whole. */
  async fetch(wanted: readonly Wanted[], bounds: FetchBounds): Promise<Fetched[]> {
    try {
      const cluster = await this.#cluster();
      const byLeader = new Map<string, Wanted[]>();
      for (const one of wanted) {
        const [leader = '-1'] = Object.keys(cluster.findLeaderForPartitions(one.topic, [one.partition]));
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), one]);
      }
      const share = { ...bounds, maxBytes: Math.ceil(bounds.maxBytes / byLeader.size) };
      const asked = [...byLeader].map(([nodeId, some]) => this.#fetchFrom(cluster, nodeId, some, share));
      return (await Promise.all(asked)).flat();
    } catch (error) {
      return wanted.map((one) => faulty(one, error));
    }
  }

  /** The offset of the first record that is still there. @throws what the client says */
  async first({ topic, partition }: Place): Promise<number> {
    const asking = async () => {
      const cluster = await this.#cluster();
      return cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: true }]);
    };
    const [found] = await within(this.#options.timeoutMs, asking());
    return Number(found?.partitions[0]?.offset);
  }

  /** Breaks the connections off; the next request makes new ones and finds the leaders anew. */
  drop(): void {
    this.#opened?.gate.shut();
    this.#opened = null;
  }

  async #fetchFrom(cluster: Cluster, nodeId: string, wanted: readonly Wanted[], bounds: FetchBounds) {
    const asking = async () => {
      const broker = (await cluster.findBroker({ nodeId })) as SendingBroker;
      const request = requestOf(requestFields(wanted, bounds));
      const parse = async (data: Fetched[]) => Promise.resolve(data);
      return broker.connectionPool.send({ request, response: { decode: decodeAnswer, parse } });
    };
    try {
      const found = await within(this.#options.timeoutMs + bounds.waitMs, asking());
      return wanted.map(
        (one) =>
          found.find(({ topic, partition }) => topic === one.topic && partition === one.partition) ??
          faulty(one, new Error('left out')),
      );
    } catch (error) {
      return wanted.map((one) => faulty(one, error));
    }
  }

  async #cluster(): Promise<Cluster> {
    if (this.#opened === null) {
      const opened = openCluster(this.#options, READ_COMMITTED);
      const known = opened.cluster.addMultipleTargetTopics([...this.#topics]);
      known.catch(() => undefined);
      this.#opened = { ...opened, known };
    }
    const { cluster, known } = this.#opened;
    await within(this.#options.timeoutMs, known);
    await within(this.#options.timeoutMs, cluster.refreshMetadataIfNecessary());
    return cluster;
  }
}

function requestFields(wanted: readonly Wanted[], { waitMs, maxBytes, partitionMaxBytes }: FetchBounds) {
  const topics = [...new Set(wanted.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: wanted
      .filter((one) => one.topic === topic)
      .map(({ partition, offset }) => ({
        partition,
        fetchOffset: String(offset),
        maxBytes: partitionMaxBytes,
      })),
  }));
  return {
    replicaId: -1,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes,
    topics,
    isolationLevel: READ_COMMITTED,
  };
}

function faulty({ topic, partition }: Place, error: unknown): Fetched {
  const fault = kafkaFault(error).name;
  return { topic, partition, fault, end: -1, aborted: [], bytes: Buffer.alloc(0) };
}

/**
 * Answers: throttle time int32, error int16, int32, and by topic name and partition: number int32, error int16, end
 * int64, end of what may be read int64, first offset int64, aborted transactions (producer int64, first offset int64),
 * bytes of batches. Counts and lengths are int32, of names int16.
 */
async function decodeAnswer(answer: Buffer): Promise<Fetched[]> {
  let at = 10;
  const int32 = () => answer.readInt32BE((at += 4) - 4);
  const int64 = () => answer.readBigInt64BE((at += 8) - 8);
  const times = <T>(count: number, read: () => T) => Array.from({ length: Math.max(0, count) }, read);
  const topics = times(int32(), () => {
    const length = answer.readInt16BE((at += 2) - 2);
    const topic = answer.toString('utf8', at, (at += length));
    return times(int32(), (): Fetched => {
      const partition = int32();
      const code = answer.readInt16BE((at += 2) - 2);
      at += 8;
      const end = Number(int64());
      at += 8;
      const aborted = times(int32(), () => ({ producer: int64(), first: Number(int64()) }));
      const size = Math.max(0, int32());
      const bytes = answer.subarray(at, (at += size));
      const fault = code === 0 ? null : createErrorFromCode(code).type;
      return { topic, partition, fault, end, aborted, bytes };
    });
  });
  return Promise.resolve(topics.flat());
}
