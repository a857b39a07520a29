// Carries batches to the leaders of their partitions: one connection a broker for all who write in a process, on which one
// request is under way at a time. What waits meanwhile goes together: a broker reads the next request once it answered.
import type { Broker, Cluster } from 'kafkajs';
import { CodedError } from '../../events/coded-error.js';
import type { Place } from './assignment.js';
import type { Producer } from './batch-encoding.js';
import { openCluster, READ_UNCOMMITTED, type OpenCluster } from './cluster.js';
import type { KafkaClientOptions } from './connection.js';
import { within } from './failure.js';
import { checkPartition } from './partitions.js';
import { askForProducer, askToKeep, type Load } from './produce-request.js';

/** Of one request; a larger batch goes alone. */
const REQUEST_BYTES = 8 * 1024 * 1024;
/** The broker's answer that a request took too long is waited for. */
const GRACE_MS = 500;
/** What the metadata at hand are older than. */
const STALE = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'];

/** A batch as it is handed over. */
export interface Cargo extends Load {
  /** Whether it must not be sent any more. */
  readonly isRecalled: boolean;
}

interface Waiting {
  readonly cargo: Cargo;
  readonly resolve: (offset: number) => void;
  readonly reject: (error: unknown) => void;
}

/** The connections as they are until one of them breaks. */
interface Opened extends OpenCluster {
  /** To each broker, by its id. */
  readonly ways: Map<string, Way>;
  readonly topics: Set<string>;
  isStale: boolean;
}

export class Carrier {
  readonly #options: KafkaClientOptions;
  #opened: Opened | null = null;
  #isClosed = false;

  constructor(options: KafkaClientOptions) {
    this.#options = options;
  }

  /** A new idempotent producer. @throws what the client says; CodedError STORE_RANGE where there is no such partition */
  async producer(place: Place): Promise<Producer> {
    const opened = this.#open();
    const { timeoutMs } = this.#options;
    const asking = async () => askForProducer(await brokerOf(opened, await leaderOf(opened, place)));
    return within(timeoutMs, asking());
  }

  /**
   * Brings a batch to its partition once; after an error it may be there.
   * @returns the offset of its first record, which all in-sync replicas have
   * @throws what the client or the broker says; CodedError STORE_RANGE where there is no such partition
   */
  async carry(cargo: Cargo): Promise<number> {
    const opened = this.#open();
    const nodeId = await within(this.#options.timeoutMs, leaderOf(opened, cargo));
    let way = opened.ways.get(nodeId);
    if (way === undefined) {
      const broken = () => this.#drop(opened);
      way = new Way(opened, nodeId, this.#options.timeoutMs, broken);
      opened.ways.set(nodeId, way);
    }
    return way.take(cargo);
  }

  /** A recalled batch that is on its way is lost with the connections: those who send others send them again. */
  recall(cargo: Cargo): void {
    const { ways = new Map<string, Way>() } = this.#opened ?? {};
    if (this.#opened !== null && [...ways.values()].some((way) => way.isCarrying(cargo))) {
      this.#drop(this.#opened);
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#opened !== null) this.#drop(this.#opened);
  }

  #open(): Opened {
    if (this.#isClosed) throw new CodedError('STORE_CLOSED');
    const begin = () => openCluster(this.#options, READ_UNCOMMITTED);
    return (this.#opened ??= { ...begin(), ways: new Map(), topics: new Set(), isStale: false });
  }

  #drop(opened: Opened): void {
    opened.gate.shut();
    if (this.#opened === opened) this.#opened = null;
  }
}

/** To one broker. */
class Way {
  #waiting: Waiting[] = [];
  #carried: readonly Waiting[] = [];
  #isBusy = false;

  constructor(
    readonly opened: Opened,
    readonly nodeId: string,
    readonly timeoutMs: number,
    readonly broken: () => void,
  ) {}

  take(cargo: Cargo): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ cargo, resolve, reject });
      if (this.#isBusy) return;
      this.#isBusy = true;
      // What is handed over in one turn goes together.
      process.nextTick(() => void this.#run());
    });
  }

  isCarrying(cargo: Cargo): boolean {
    return this.#carried.some((one) => one.cargo === cargo);
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#carried = this.#next();
      if (this.#carried.length > 0) await this.#send(this.#carried);
      this.#carried = [];
    }
    this.#isBusy = false;
  }

  async #send(some: readonly Waiting[]): Promise<void> {
    const { opened, nodeId, timeoutMs } = this;
    let broker: Broker;
    try {
      broker = await within(timeoutMs, brokerOf(opened, nodeId));
    } catch (error) {
      return refuse(some, error);
    }
    const loads = some.map(({ cargo }) => cargo);
    try {
      const kept = await within(timeoutMs + GRACE_MS, askToKeep(broker, loads, timeoutMs));
      for (const one of some) {
        const { topic, partition } = one.cargo;
        const answer = kept.find((other) => other.topic === topic && other.partition === partition);
        if (answer?.fault === null && answer.offset >= 0) one.resolve(answer.offset);
        else one.reject(this.#heard(answer?.fault, one.cargo));
      }
    } catch (error) {
      // Nobody knows what of it arrives yet, so nothing else comes this way.
      this.broken();
      refuse(some, error);
    }
  }

  #heard(fault: Error | null | undefined, { topic, partition }: Cargo): Error {
    const { type } = (fault ?? {}) as { type?: string };
    if (type !== undefined && STALE.includes(type)) this.opened.isStale = true;
    return (
      fault ?? new CodedError('STORE_UNREACHABLE', `The broker names no offset of ${topic}/${partition}.`)
    );
  }

  /** What fits in one request, of each partition the first. */
  #next(): Waiting[] {
    const next: Waiting[] = [];
    const left: Waiting[] = [];
    const places = new Set<string>();
    let bytes = 0;
    for (const one of this.#waiting) {
      const { topic, partition, batch, isRecalled } = one.cargo;
      const place = `${topic}/${partition}`;
      if (isRecalled) one.reject(new CodedError('STORE_CLOSED'));
      else if (places.has(place) || (next.length > 0 && bytes + batch.length > REQUEST_BYTES)) left.push(one);
      else {
        next.push(one);
        bytes += batch.length;
      }
      places.add(place);
    }
    this.#waiting = left;
    return next;
  }
}

function refuse(some: readonly Waiting[], error: unknown): void {
  for (const { reject } of some) reject(error);
}

/** The id of the broker that leads a partition; '-1' where none does. */
async function leaderOf(opened: Opened, { topic, partition }: Place): Promise<string> {
  const { cluster, topics } = opened;
  if (!topics.has(topic)) {
    await cluster.addTargetTopic(topic);
    topics.add(topic);
  }
  await refreshed(opened, cluster);
  checkPartition(topic, partition, cluster.findTopicPartitionMetadata(topic).length);
  const [nodeId = '-1'] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  return nodeId;
}

async function refreshed(opened: Opened, cluster: Cluster): Promise<void> {
  if (!opened.isStale) return cluster.refreshMetadataIfNecessary();
  opened.isStale = false;
  await cluster.refreshMetadata();
}

async function brokerOf({ cluster }: Opened, nodeId: string): Promise<Broker> {
  return cluster.findBroker({ nodeId });
}
