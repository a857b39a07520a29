// The topics of the logs: what the file of topics says of them, made where they are missing, compared where they are not.
// Node finds only some names of this CommonJS package; the default has them all.
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs';
import { z } from 'zod';
import { CodedError } from '../../events/coded-error.js';
import { wholeSetting } from '../../events/settings.js';
import { STORE_LIMITS } from '../../events/store-limits.js';
import type { LogName, WideLogName } from '../../ports/log.js';
import { openKafka, type KafkaClientOptions } from './connection.js';
import { logFailure } from './failure.js';
import { Partitions } from './partitions.js';

const DAY_MS = 86_400_000;
const READY_MS = 30_000;
/** The head of a batch and of its one record. */
const BATCH_HEAD_BYTES = 1_024;

const topic = z.strictObject({
  partitions: wholeSetting(1, 1_024),
  /** How long records are kept at least; `forever`, or days. */
  retention_days: z.union([z.literal('forever').transform(() => null), wholeSetting(1, 36_500)]),
});

/** The file of topics, infra/kafka/topics.yaml; each scalar is text. */
export const TOPICS_SCHEMA = z
  .strictObject({
    replication: wholeSetting(1, 16),
    /** How many replicas must have a record before it counts. */
    min_in_sync: wholeSetting(1, 16),
    /** Of one batch of records, so of one record too. */
    max_message_bytes: wholeSetting(STORE_LIMITS.valueBytes + BATCH_HEAD_BYTES, 64 * 1024 * 1024),
    logs: z.strictObject({
      events: topic,
      inbox: topic,
      verdicts: topic,
      deliveries: topic,
      actions: topic,
      'dead-letters': topic,
      operator: topic,
      audit: topic,
      withheld: topic,
      cases: topic,
      seals: topic,
      derived: topic,
      transitions: topic,
    } satisfies Record<LogName | WideLogName, typeof topic>),
  })
  .refine(({ replication, min_in_sync: inSync }) => inSync <= replication, {
    path: ['min_in_sync'],
    message: 'at most as many as there are replicas',
  });

export type TopicsSettings = z.output<typeof TOPICS_SCHEMA>;

export const LOG_NAMES = Object.keys(TOPICS_SCHEMA.shape.logs.shape) as (LogName | WideLogName)[];

export function topicOf(prefix: string, name: LogName | WideLogName): string {
  return `${prefix}.${name}`;
}

/**
 * Makes the topics that are missing, waits until they answer, and compares all topics with the settings; nothing that
 * exists is changed.
 * @returns the names of those made
 * @throws CodedError TOPICS_BROKERS; TOPICS_DIFFER, which names each difference; STORE_UNREACHABLE
 */
export async function createTopics(
  options: KafkaClientOptions,
  prefix: string,
  settings: TopicsSettings,
): Promise<string[]> {
  const admin = openKafka(options).admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const wanted = LOG_NAMES.map((name) => ({ topic: topicOf(prefix, name), ...settings.logs[name] }));
    const missing = wanted.filter((one) => !existing.has(one.topic));
    if (missing.length > 0) {
      await checkBrokers(admin, settings);
      // One that another process makes at the same time is compared like the others.
      await admin.createTopics({
        timeout: options.timeoutMs,
        topics: missing.map((one) => ({
          topic: one.topic,
          numPartitions: one.partitions,
          replicationFactor: settings.replication,
          configEntries: Object.entries(configOf(one, settings)).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    for (const one of missing) await answered(options, one);
    const differences = await differencesOf(admin, prefix, LOG_NAMES, settings);
    if (differences.length > 0) {
      const sentences = differences.map(
        ({ topic, what, found, expected }) => `${topic} has ${what} ${found}, not ${expected}.`,
      );
      throw new CodedError('TOPICS_DIFFER', sentences.join(' '));
    }
    return missing.map((one) => one.topic);
  } catch (error) {
    throw logFailure(error, `${prefix}.*`);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Asked to put replicas where there is no broker, the brokers refuse each topic by itself, without the number that is wrong. */
async function checkBrokers(admin: Admin, { replication }: TopicsSettings): Promise<void> {
  const { brokers } = await admin.describeCluster();
  if (brokers.length >= replication) return;
  const text = `replication: ${replication}, and ${brokers.length} of them answer.`;
  throw new CodedError('TOPICS_BROKERS', text);
}

/** Waits until a topic just made answers: its metadata name leaders before these know of it. */
async function answered(options: KafkaClientOptions, { topic, partitions: count }: Wanted): Promise<void> {
  const partitions = new Partitions({ ...options, timeoutMs: Math.max(options.timeoutMs, READY_MS) });
  try {
    for (let partition = 0; partition < count; partition++) await partitions.end(topic, partition);
  } finally {
    partitions.close();
  }
}

interface Wanted {
  readonly topic: string;
  readonly partitions: number;
  readonly retention_days: number | null;
}

/** The settings of a topic that a log relies on, by the names of Kafka. */
function configOf({ retention_days: days }: Wanted, settings: TopicsSettings): Record<string, string> {
  return {
    // A compacted topic has holes.
    'cleanup.policy': 'delete',
    'retention.ms': days === null ? '-1' : String(days * DAY_MS),
    'retention.bytes': '-1',
    'max.message.bytes': String(settings.max_message_bytes),
    'min.insync.replicas': String(settings.min_in_sync),
    // An acknowledged record must not be lost for the sake of going on.
    'unclean.leader.election.enable': 'false',
    'compression.type': 'producer',
  };
}

/** What a topic is and what it is to be. */
export interface Difference {
  readonly topic: string;
  /** `partitions`, `replicas`, or the name of a setting. */
  readonly what: string;
  readonly found: string;
  readonly expected: string;
}

/** How topics of the logs differ from the settings; of one that is missing, in everything. */
export async function differencesOf(
  admin: Admin,
  prefix: string,
  names: readonly (LogName | WideLogName)[],
  settings: TopicsSettings,
): Promise<Difference[]> {
  const wanted = names.map((name) => ({ topic: topicOf(prefix, name), ...settings.logs[name] }));
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map((one) => one.topic) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: wanted.map((one) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: one.topic })),
  });
  return wanted.flatMap((one) => {
    const described = resources.find(({ resourceName }) => resourceName === one.topic);
    const entries = described?.configEntries ?? [];
    const [partitions, replicas] = shapeOf(topics.find(({ name }) => name === one.topic));
    const rows: [what: string, found: string, expected: string][] = [
      ['partitions', String(partitions), String(one.partitions)],
      ['replicas', String(replicas), String(settings.replication)],
      ...Object.entries(configOf(one, settings)).map(([name, expected]): [string, string, string] => [
        name,
        entries.find(({ configName }) => configName === name)?.configValue ?? 'nothing',
        expected,
      ]),
    ];
    return rows
      .filter(([, found, expected]) => found !== expected)
      .map(([what, found, expected]) => ({ topic: one.topic, what, found, expected }));
  });
}

function shapeOf(found: ITopicMetadata | undefined): [partitions: number, replicas: number] {
  const partitions = found?.partitions ?? [];
  return [partitions.length, Math.min(...partitions.map((partition) => partition.replicas.length))];
}
