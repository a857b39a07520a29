// Topics of others, read as one member of a group: rounds of fetches over all partitions, which are taken side by side.
// A topic that is not there is said and looked for again; the others are read meanwhile, and nothing waits for it.
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../events/coded-error.js';
import type { Feed, FeedHearer } from '../../ports/feed.js';
import type { Decompress } from '../../ports/decompression.js';
import type { Place } from './assignment.js';
import type { KafkaConnectionSettings } from './config.js';
import { openKafka, type Dial } from './connection.js';
import { logFailure, within } from './failure.js';
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
  /** How often it is looked whether topics have come or gone. */
  readonly lookMs?: number;
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

const LOOK_MS = 30_000;
const LOOK_AGAIN_MS = 1_000;

class KafkaFeed implements Feed {
  readonly #options: KafkaFeedOptions;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  /** Those that are there; null before the first look. */
  #topics: readonly string[] | null = null;
  #watching: Promise<void> | null = null;
  #fetcher: Fetcher | null = null;
  #group: Group | null = null;
  #run: FeedRun | null = null;
  /** What counts as read while no partitions are given. */
  #readUpTo = -Infinity;
  #isPaused = false;

  constructor(options: KafkaFeedOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async start(hear: FeedHearer): Promise<void> {
    if (this.#watching !== null) throw new CodedError('STORE_SHARED', 'The feed was started before.');
    await new Promise<void>((resolve) => {
      this.#watching = this.#watch(hear, resolve).finally(resolve);
    });
  }

  readUpTo(now: number): number {
    if (this.#topics?.length === 0) return now;
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
    this.#closing.abort();
    await this.#watching;
    await this.#leave();
  }

  /** Looks which topics there are, now and again, and joins for those. @param onFirst hears of the first places */
  async #watch(hear: FeedHearer, onFirst: () => void): Promise<void> {
    const { signal } = this.#closing;
    const { lookMs = LOOK_MS } = this.#options;
    while (!signal.aborted) {
      let waitMs = lookMs;
      try {
        const topics = await this.#look();
        if (topics.join() !== this.#topics?.join()) await this.#readOnly(topics, hear, onFirst);
      } catch (error) {
        // Who reads what was there before is told by that.
        if (this.#topics === null) hear.failed(logFailure(error, this.#options.topics.join(', ')));
        waitMs = Math.min(lookMs, LOOK_AGAIN_MS);
      }
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The topics that are there. */
  async #look(): Promise<string[]> {
    const { settings, dial, timeoutMs = 10_000, group, topics } = this.#options;
    const admin = openKafka({ settings, dial, timeoutMs, clientId: group }).admin();
    const asking = async () => {
      await admin.connect();
      return new Set(await admin.listTopics());
    };
    try {
      const there = await within(timeoutMs, asking());
      return topics.filter((topic) => there.has(topic));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /** From now on reads these topics alone. */
  async #readOnly(topics: readonly string[], hear: FeedHearer, onFirst: () => void): Promise<void> {
    const { settings, dial, timeoutMs = 10_000, group: clientId } = this.#options;
    await this.#leave();
    if (this.#closing.signal.aborted) return;
    this.#topics = topics;
    const missing = this.#options.topics.filter((topic) => !topics.includes(topic));
    if (missing.length > 0) hear.failed(new CodedError('FEED_NO_TOPIC', `${missing.join(', ')}.`));
    if (topics.length === 0) return onFirst();
    this.#fetcher = new Fetcher({ settings, dial, timeoutMs, clientId }, topics);
    const group = new Group(groupOptions(this.#options, topics), {
      assigned: (places) => this.#begin(group, hear, places),
      revoked: () => this.#end(),
      failed: (error) => hear.failed(error),
    });
    this.#group = group;
    void group.join().then(onFirst);
  }

  async #leave(): Promise<void> {
    await this.#group?.leave();
    this.#fetcher?.drop();
    this.#group = null;
  }

  #begin(group: Group, hear: FeedHearer, places: readonly Place[]): void {
    // One that could not end in time must not say any more how far it came: others may be further.
    this.#run?.abandon();
    const { decompress } = this.#options;
    const bounds = { ...BOUNDS, ...boundsOf(this.#options) };
    const run = new FeedRun({
      ...{ group, hear, places, decompress, bounds },
      fetcher: this.#fetcher as Fetcher,
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

function groupOptions(options: KafkaFeedOptions, topics: readonly string[]): GroupOptions {
  return {
    settings: options.settings,
    dial: options.dial,
    clientId: options.group,
    group: options.group,
    topics,
    timeoutMs: options.timeoutMs ?? 10_000,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 30_000,
    heartbeatMs: options.heartbeatMs ?? 1_000,
    commitMs: 1_000,
  };
}
