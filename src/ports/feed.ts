// Topics of others, as their systems write them: records that somebody takes, each at least once and in order.
import type { Code } from '../events/codes.js';

export interface FeedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds as the topic says: when the sender made it, or when the brokers got it. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  /** Null where the topic says that what the key names is gone. */
  readonly value: Uint8Array | null;
  /** The last value of each name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Why nothing can be read from here to the end of a batch of records; `value` is the batch then, as it came. */
  readonly unreadable?: Code;
}

export interface FeedBatch {
  readonly topic: string;
  readonly partition: number;
  /** By offset; one at least. */
  readonly records: readonly FeedRecord[];
}

export interface FeedHearer {
  /**
   * Takes records; those of one partition one batch after the other, several partitions side by side. Once it resolves
   * they count as read, on any process; what it rejects with is heard as a failure, and it gets the same again later.
   */
  take(batch: FeedBatch): Promise<void>;
  /** Something that a person may have to mend; the feed tries again by itself. */
  failed(error: unknown): void;
}

export interface Feed {
  /** Begins, once in its life. Resolves when it has partitions to read, there are none, or it is closed. */
  start(hear: FeedHearer): Promise<void>;
  /**
   * The instant, epoch ms and at most `now`, up to which this process has read its sources: the last look at which
   * nothing waited that is not taken by now, or where records wait, the time that the first of them gives, if that is later.
   * -Infinity before the first look; it stands still while partitions are given out anew, and may go back then.
   */
  readUpTo(now: number): number;
  /** Records that are not taken, by `topic/partition`. */
  lag(): ReadonlyMap<string, number>;
  /** Nothing more is taken until `resume`; what is under way is. */
  pause(): void;
  resume(): void;
  /** Waits for what is under way, within a bound. */
  close(): Promise<void>;
}
