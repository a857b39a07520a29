// A feed for tests: it notes what it takes, and takes only what it is told to.
import { decompress } from '../../../src/adapters/compression/compression.js';
import { openFeed, type KafkaFeedOptions } from '../../../src/adapters/kafka/feed.js';
import type { Feed, FeedBatch, FeedRecord } from '../../../src/ports/feed.js';
import { clientOf, dial } from './cluster.js';

export class Taker {
  readonly feed: Feed;
  readonly taken: FeedRecord[] = [];
  readonly failures: unknown[] = [];
  /** Decides about a batch before it counts as taken; what it rejects with is the failure. */
  before: (batch: FeedBatch) => Promise<void> = () => Promise.resolve();
  #wakes: (() => void)[] = [];

  constructor(address: string, topics: readonly string[], options: Partial<KafkaFeedOptions> = {}) {
    this.feed = openFeed({
      settings: clientOf(address).settings,
      dial,
      decompress,
      group: `reads ${topics.join()}`,
      topics,
      timeoutMs: 5_000,
      sessionTimeoutMs: 6_000,
      heartbeatMs: 500,
      ...options,
    });
  }

  async start(): Promise<this> {
    await this.feed.start({
      take: async (batch) => {
        await this.before(batch);
        this.taken.push(...batch.records);
        this.#changed();
      },
      failed: (error) => {
        this.failures.push(error);
        this.#changed();
      },
    });
    return this;
  }

  /** Waits until something is so, looking again whenever something was taken or has failed. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#wakes.push(resolve));
  }

  get values(): string[] {
    return this.taken.map(({ value }) => (value === null ? 'null' : Buffer.from(value).toString()));
  }

  #changed(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }
}
