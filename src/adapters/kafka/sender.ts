// One idempotent producer for one partition: it sends one batch at a time and says where the broker put it.
import type { Producer } from 'kafkajs';
import { CodedError } from '../../events/coded-error.js';
import { openKafka, type KafkaClientOptions } from './connection.js';
import { logFailure, within } from './failure.js';
import { gateOf, type Gate } from './gate.js';
import { checkPartition } from './partitions.js';

export interface SenderOptions extends KafkaClientOptions {
  readonly topic: string;
  readonly partition: number;
  /** What a batch may take with all the client's repetitions. */
  readonly sendTimeoutMs: number;
}

/** A restart or an election takes seconds; the time of a whole send bounds all of them. */
const RETRY = { retries: 10, initialRetryTime: 100, multiplier: 2, maxRetryTime: 2_000 };
/** The client counts a producer's records wrongly beyond 2^31, so another one follows long before. */
const RECORDS_MAX = 1_000_000_000;

export class Sender {
  readonly #options: SenderOptions;
  readonly #gate: Gate;
  readonly #producer: Producer;
  #connecting: Promise<void> | null = null;
  #sent = 0;

  constructor(options: SenderOptions) {
    const { topic, partition } = options;
    this.#options = options;
    this.#gate = gateOf(options.dial);
    this.#producer = openKafka({ ...options, dial: this.#gate.dial, retry: RETRY }).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ partitionMetadata }) => {
          checkPartition(topic, partition, partitionMetadata.length);
          return partition;
        },
    });
  }

  get isWorn(): boolean {
    return this.#sent >= RECORDS_MAX;
  }

  /**
   * Sends one batch; what all in-sync replicas have is durable. After an error the sender is to be shut: whether the
   * batch is there is not known then.
   * @returns the offset of its first record, as the broker says
   */
  async send(values: readonly Buffer[]): Promise<number> {
    const { topic, partition, timeoutMs, sendTimeoutMs } = this.#options;
    const sending = async () => {
      await (this.#connecting ??= this.#producer.connect());
      const messages = values.map((value) => ({ value }));
      return this.#producer.send({ topic, acks: -1, timeout: timeoutMs, messages });
    };
    this.#sent += values.length;
    try {
      const [answer] = await within(sendTimeoutMs, sending());
      const offset = Number(answer?.baseOffset ?? -1);
      if (answer?.partition === partition && Number.isSafeInteger(offset) && offset >= 0) return offset;
      throw new CodedError('STORE_UNREACHABLE', `The broker names no offset of ${topic}/${partition}.`);
    } catch (error) {
      throw logFailure(error, topic);
    }
  }

  /** Breaks off: nothing of what was handed over is sent any more. */
  shut(): void {
    this.#gate.shut();
    this.#producer.disconnect().catch(() => undefined);
  }
}
