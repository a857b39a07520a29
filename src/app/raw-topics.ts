// The topics of other systems that the file of servers names: their mappings, and the feed that brings what they hold.
import { decompress } from '../adapters/compression/compression.js';
import type { KafkaConnectionSettings } from '../adapters/kafka/config.js';
import type { Dial } from '../adapters/kafka/connection.js';
import { openFeed } from '../adapters/kafka/feed.js';
import type { Intake } from '../pipeline/intake.js';
import type { MapRow } from '../pipeline/mapping/mapper.js';
import { RawEvents, takeInto, type RawTopics } from '../pipeline/raw-events.js';
import type { Feed, FeedBatch } from '../ports/feed.js';
import { readMapping } from './importing.js';
import type { RawTopic } from './servers-file.js';

export interface RawFeedOptions {
  readonly access: {
    readonly settings: KafkaConnectionSettings;
    readonly prefix: string;
    readonly dial: Dial;
  };
  readonly topics: RawTopics;
  readonly intake: Pick<Intake, 'acceptValues'>;
  /** When records arrive, epoch ms. */
  readonly now: () => number;
}

export interface RawFeed {
  readonly feed: Feed;
  /** What `feed.start` hands records to: they count as read once they are durable, as events or as dead letters. */
  readonly take: (batch: FeedBatch) => Promise<void>;
  /** Rows that mappings passed over since the start. */
  skipped(): number;
}

/** Reads the mappings, once a start. @throws CodedError FILE_READ; InvalidFiles for a faulty mapping */
export async function readRawTopics(raw: readonly RawTopic[]): Promise<RawTopics> {
  const topics = new Map<string, MapRow | null>();
  for (const { topic, mapping: path } of raw) {
    topics.set(topic, path === null ? null : (await readMapping(path)).mapping.map);
  }
  return topics;
}

/** All processes that ingest share the topics, as the group `<prefix>.raw`. */
export function openRawFeed({ access, topics, intake, now }: RawFeedOptions): RawFeed {
  const { prefix, ...reached } = access;
  const group = `${prefix}.raw`;
  const feed = openFeed({ ...reached, decompress, group, topics: [...topics.keys()], now });
  const raw = new RawEvents(topics);
  return { feed, take: takeInto(intake, raw, now), skipped: () => raw.skipped };
}
