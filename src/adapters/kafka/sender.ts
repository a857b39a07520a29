// One idempotent producer for one partition: it sends one batch at a time, again where it has to, and says where the
// broker put it.
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../events/coded-error.js';
import type { Place } from './assignment.js';
import { encodeBatch, type Producer, type Slice } from './batch-encoding.js';
import type { Cargo, Carrier } from './carrier.js';
import { kafkaFault } from './connection.js';
import { logFailure, within } from './failure.js';

export interface SenderOptions extends Place {
  readonly carrier: Carrier;
  /** What a batch may take with all repetitions. */
  readonly sendTimeoutMs: number;
}

/** A restart or an election takes seconds; the time of a whole send bounds all of them. */
const ATTEMPTS = 11;
const WAIT_FIRST_MS = 100;
const WAIT_MOST_MS = 2_000;
/** The sequence ends at 2^31, so another producer follows long before. */
const RECORDS_MAX = 1_000_000_000;

export class Sender {
  readonly #options: SenderOptions;
  readonly #ending = new AbortController();
  #producer: Producer | null = null;
  #cargo: (Cargo & { isRecalled: boolean }) | null = null;
  #sent = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get isWorn(): boolean {
    return this.#sent >= RECORDS_MAX;
  }

  /**
   * Sends one batch; what all in-sync replicas have is durable. After an error the sender is to be shut: whether the
   * batch is there is not known then.
   * @returns the offset of its first record, as the broker says
   */
  async send(slices: readonly Slice[]): Promise<number> {
    const { topic, sendTimeoutMs } = this.#options;
    try {
      const offset = await within(sendTimeoutMs, this.#repeated(slices));
      this.#sent += slices.reduce((sum, { count }) => sum + count, 0);
      this.#cargo = null;
      return offset;
    } catch (error) {
      throw logFailure(error, topic);
    }
  }

  /** Breaks off: nothing of what was handed over is sent any more. */
  shut(): void {
    this.#ending.abort();
    if (this.#cargo === null) return;
    this.#cargo.isRecalled = true;
    this.#options.carrier.recall(this.#cargo);
  }

  /** The same batch each time, by which the brokers know it where it is there already. */
  async #repeated(slices: readonly Slice[]): Promise<number> {
    const { carrier, topic, partition } = this.#options;
    const { signal } = this.#ending;
    for (
      let [attempt, waitMs] = [1, WAIT_FIRST_MS];
      ;
      attempt++, waitMs = Math.min(2 * waitMs, WAIT_MOST_MS)
    ) {
      try {
        this.#producer ??= await carrier.producer({ topic, partition });
        if (signal.aborted) throw new CodedError('STORE_CLOSED');
        const batch = () => encodeBatch(slices, this.#producer as Producer, this.#sent, Date.now());
        this.#cargo ??= { topic, partition, batch: batch(), isRecalled: false };
        return await carrier.carry(this.#cargo);
      } catch (error) {
        if (attempt >= ATTEMPTS || signal.aborted || isFinal(error)) throw error;
      }
      await delay(waitMs, undefined, { signal });
    }
  }
}

/** Whether it would be answered the same again. */
function isFinal(error: unknown): boolean {
  if (error instanceof CodedError) return error.code !== 'STORE_UNREACHABLE';
  const { name, isPassing } = kafkaFault(error);
  return !isPassing || name === 'KafkaJSSASLAuthenticationError';
}
