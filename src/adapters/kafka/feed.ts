// Topics of others, read as one member of a group: rounds of fetches over all partitions, which are taken side by side.
import { CodedError } from '../../events/coded-error.js';
import type { Feed, FeedHearer } from '../../ports/feed.js';
import type { Decompress } from '../../ports/decompression.js';
import type { Place } from './assignment.js';
import type { KafkaConnectionSettings } from './config.js';
import type { Dial } from './connection.js';
import { FeedRun, type FeedBounds } from './feed-run.js';
import { Fetcher } from './fetcher.js';
import { Group, type GroupOptions } from './group.js';

export interface KafkaFeedOptions extends Partial<FeedBounds> {
  readonly settings: KafkaConnectionSettings;
  readonly dial: Dial;
  readonly decompress: Decompress;
  /** The id of the group, whose members share the partitions and go on where another one ended. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly timeoutMs?: number;
  readonly sessionTimeoutMs?: number;
  /** How long what is under way may take to end when partitions are given out anew. */
  readonly rebalanceTimeoutMs?: number;
  readonly heartbeatMs?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const BOUNDS: FeedBounds = {
  atOnce: 8,
  partitionMaxBytes: 1024 * 1024,
  heldMaxBytes: 16 * 1024 * 1024,
  clearMaxBytes: 16 * 1024 * 1024,
};

/**
 * A group that the brokers do not know begins with the first record of each topic. Offsets are committed once a second
 * and when partitions are given up, so after a crash some records come again.
 */
export function openFeed(options: KafkaFeedOptions): Feed {
  return new KafkaFeed(options);
}

class KafkaFeed implements Feed {
  readonly #options: KafkaFeedOptions;
  readonly #now: () => number;
  readonly #fetcher: Fetcher;
  #group: Group | null = null;
  #run: FeedRun | null = null;
  /** What counts as read while no partitions are given. */
  #readUpTo = -Infinity;
  #isPaused = false;

  constructor(options: KafkaFeedOptions) {
    const { settings, dial, timeoutMs = 10_000, group, topics } = options;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#fetcher = new Fetcher({ settings, dial, timeoutMs, clientId: group }, topics);
  }

  async start(hear: FeedHearer): Promise<void> {
    if (this.#group !== null) throw new CodedError('STORE_SHARED', 'The feed was started before.');
    const group = new Group(groupOptions(this.#options), {
      assigned: (places) => this.#begin(group, hear, places),
      revoked: () => this.#end(),
      failed: (error) => hear.failed(error),
    });
    this.#group = group;
    await group.join();
  }

  readUpTo(now: number): number {
    return this.#run === null ? Math.min(now, this.#readUpTo) : this.#run.readUpTo(now);
  }

  lag(): ReadonlyMap<string, number> {
    return this.#run?.lag() ?? new Map();
  }

  pause(): void {
    this.#isPaused = true;
    this.#run?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#run?.resume();
  }

  async close(): Promise<void> {
    await this.#group?.leave();
    this.#fetcher.drop();
  }

  #begin(group: Group, hear: FeedHearer, places: readonly Place[]): void {
    // One that could not end in time must not say any more how far it came: others may be further.
    this.#run?.abandon();
    const { decompress } = this.#options;
    const bounds = { ...BOUNDS, ...boundsOf(this.#options) };
    const run = new FeedRun({
      ...{ group, hear, places, decompress, bounds },
      fetcher: this.#fetcher,
      now: this.#now,
    });
    if (this.#isPaused) run.pause();
    this.#run = run;
  }

  async #end(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    this.#readUpTo = run.readUpTo(this.#now());
    await run.end();
    if (this.#run === run) this.#run = null;
  }
}

function boundsOf(options: Partial<FeedBounds>): Partial<FeedBounds> {
  const { atOnce, partitionMaxBytes, heldMaxBytes, clearMaxBytes } = options;
  return {
    ...(atOnce !== undefined && { atOnce }),
    ...(partitionMaxBytes !== undefined && { partitionMaxBytes }),
    ...(heldMaxBytes !== undefined && { heldMaxBytes }),
    ...(clearMaxBytes !== undefined && { clearMaxBytes }),
  };
}

function groupOptions(options: KafkaFeedOptions): GroupOptions {
  return {
    settings: options.settings,
    dial: options.dial,
    clientId: options.group,
    group: options.group,
    topics: options.topics,
    timeoutMs: options.timeoutMs ?? 10_000,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 30_000,
    heartbeatMs: options.heartbeatMs ?? 1_000,
    commitMs: 1_000,
  };
}
