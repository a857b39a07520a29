// Fetches from several partitions at once, one request a broker, and leaves the records as they came.
import type { Cluster } from 'kafkajs';
import type { Place } from './assignment.js';
import { openCluster, READ_COMMITTED, type OpenCluster } from './cluster.js';
import { kafkaFault, type KafkaClientOptions } from './connection.js';
import { within } from './failure.js';
import { askForRecords, type Fetched, type FetchBounds, type Wanted } from './fetch-request.js';

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
      return askForRecords(await cluster.findBroker({ nodeId }), wanted, bounds, READ_COMMITTED);
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

function faulty({ topic, partition }: Place, error: unknown): Fetched {
  const fault = kafkaFault(error).name;
  return { topic, partition, fault, end: -1, aborted: [], bytes: Buffer.alloc(0) };
}
