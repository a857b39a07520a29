// The file of servers: where Kafka, Redis and ClickHouse are, each section checked with the schema of its adapter.
import { dirname, resolve } from 'node:path';
import { CLICKHOUSE_SECTION, clickHouseInput, type ClickHouseInput } from '../adapters/clickhouse/config.js';
import { KAFKA_SECTION, RAW_SECTION, type KafkaConnectionSettings } from '../adapters/kafka/config.js';
import { REDIS_SECTION, redisInput, type RedisInput } from '../adapters/redis/config.js';
import type { Fault, Shaped } from '../catalogue/fault.js';
import { serversSchema } from '../pipeline/servers-schema.js';
import { withSecrets } from './secrets.js';
import { readSettings } from './settings-file.js';

const SERVERS = {
  of: 'servers',
  unknownKey: 'SERVERS_UNKNOWN_KEY',
  missingKey: 'SERVERS_MISSING_KEY',
  value: 'SERVERS_VALUE',
  holdsSecrets: true,
} as const;

const SCHEMA = serversSchema({
  kafka: KAFKA_SECTION,
  redis: REDIS_SECTION,
  clickhouse: CLICKHOUSE_SECTION,
  raw: RAW_SECTION,
});

/** Where Kafka is, and what all names begin with. */
export interface KafkaServers {
  readonly prefix: string;
  readonly kafka: KafkaConnectionSettings;
}

/** A topic of another system, from which events come. */
export interface RawTopic {
  readonly topic: string;
  /** Absolute path of the mapping; null where the messages are events already. */
  readonly mapping: string | null;
}

/** The whole file, its references resolved; null is what it leaves out. */
export interface Servers extends KafkaServers {
  /** For `openRedis`. */
  readonly redis: RedisInput | null;
  /** For `openWarehouse` and `migrate`. */
  readonly clickhouse: ClickHouseInput | null;
  /** Absolute path of the folder for what stays on this machine: keys, tokens, inbox files. */
  readonly data: string | null;
  readonly raw: readonly RawTopic[];
}

/** A file that leaves out nothing which distributed mode needs. */
export interface WholeServers extends Servers {
  readonly redis: RedisInput;
  readonly clickhouse: ClickHouseInput;
  readonly data: string;
}

/**
 * Reads the file and its secrets.
 * @throws CodedError FILE_READ, CHANNEL_SECRET; InvalidFiles where the file has faults, none of which shows a value
 */
export async function readServers(path: string): Promise<Servers> {
  return resolved(path, await contentOf(path));
}

/** The same for distributed mode. @throws InvalidFiles also where a section is missing that it needs */
export async function readWholeServers(path: string): Promise<WholeServers> {
  const content = await contentOf(path, ['redis', 'clickhouse', 'data']);
  return (await resolved(path, content)) as WholeServers;
}

/** Where Kafka is, without the secrets of the others. @throws as `readServers` */
export async function readKafkaServers(path: string): Promise<KafkaServers> {
  const { prefix, kafka } = await contentOf(path);
  return { prefix, kafka: await withSecrets(kafka, 'kafka') };
}

/** Where Redis is, without the secrets of the others. @throws as `readWholeServers` */
export async function readRedisServers(path: string): Promise<RedisInput> {
  const { prefix, redis } = await contentOf(path, ['redis']);
  return redisInput(prefix, await withSecrets(redis as NonNullable<typeof redis>, 'redis'));
}

/** The folder for what stays on this machine, without any secret. @throws as `readWholeServers` */
export async function readServersData(path: string): Promise<string> {
  const { data } = await contentOf(path, ['data']);
  return resolve(dirname(path), data as string);
}

type Content = Shaped<typeof SCHEMA>;

async function contentOf(path: string, needed: readonly (keyof Content)[] = []): Promise<Content> {
  return readSettings(path, SERVERS, SCHEMA, (given) => [
    ...needed.flatMap((key) => (given[key] === undefined ? [missing(key)] : [])),
    ...rawFaults(given),
  ]);
}

async function resolved(
  path: string,
  { prefix, kafka, redis, clickhouse, data, raw = [] }: Content,
): Promise<Servers> {
  const absolute = (given: string) => resolve(dirname(path), given);
  return {
    prefix,
    kafka: await withSecrets(kafka, 'kafka'),
    redis: redis === undefined ? null : redisInput(prefix, await withSecrets(redis, 'redis')),
    clickhouse:
      clickhouse === undefined ? null : clickHouseInput(await withSecrets(clickhouse, 'clickhouse')),
    data: data === undefined ? null : absolute(data),
    raw: raw.map(({ topic, mapping }) => ({
      topic,
      mapping: mapping === undefined ? null : absolute(mapping),
    })),
  };
}

function missing(key: string): Fault {
  const message = `the key "${key}" is missing, which distributed mode needs`;
  return { kind: 'MISSING_KEY', severity: 'error', path: [], on: 'value', message };
}

/** A topic of the logs among those of other systems would feed on itself; one that is named twice counts twice. */
function rawFaults({ prefix, raw = [] }: Content): Fault[] {
  const expected = `another topic than those of the logs, ${prefix}.*, and each once`;
  return raw.flatMap(({ topic }, index): Fault[] => {
    const isFirst = raw.findIndex((one) => one.topic === topic) === index;
    if (isFirst && !topic.startsWith(`${prefix}.`)) return [];
    const message = `the topic ${topic} cannot stand here`;
    return [
      { kind: 'VALUE', severity: 'error', path: ['raw', index, 'topic'], on: 'value', message, expected },
    ];
  });
}
