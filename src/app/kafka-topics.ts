// The topics of the logs: the file that says how they are to be, and the brokers on which they are made and compared.
import { join } from 'node:path';
import { createTopics, TOPICS_SCHEMA, type TopicsSettings } from '../adapters/kafka/topics.js';
import { kafkaAccess } from './kafka-access.js';
import { readKafkaServers } from './servers-file.js';
import { readSettings } from './settings-file.js';
import { projectFolder } from './version.js';

/** The file that comes with the program. */
export const TOPICS_FILE = join(projectFolder(), 'infra', 'kafka', 'topics.yaml');

const TOPICS = {
  of: 'topics',
  unknownKey: 'TOPICS_UNKNOWN_KEY',
  missingKey: 'TOPICS_MISSING_KEY',
  value: 'TOPICS_VALUE',
} as const;

const TIMEOUT_MS = 30_000;

/** @throws CodedError FILE_READ; InvalidFiles where the file has faults */
export async function readTopics(path: string = TOPICS_FILE): Promise<TopicsSettings> {
  return readSettings(path, TOPICS, TOPICS_SCHEMA);
}

/**
 * Makes the topics that are missing, and compares all with the file; nothing that exists is changed.
 * @param servers path of the file of servers
 * @param topics path of the file of topics; the one that comes with the program where undefined
 * @returns what was made and what was there, a line each
 * @throws CodedError FILE_READ, CHANNEL_SECRET, TOPICS_BROKERS, TOPICS_DIFFER, STORE_UNREACHABLE; InvalidFiles
 */
export async function applyTopics(servers: string, topics?: string): Promise<string[]> {
  const { prefix, ...client } = kafkaAccess(await readKafkaServers(servers));
  const wanted = await readTopics(topics);
  const made = await createTopics({ ...client, clientId: prefix, timeoutMs: TIMEOUT_MS }, prefix, wanted);
  return Object.keys(wanted.logs).map((name) => {
    const topic = `${prefix}.${name}`;
    return `${topic}  ${made.includes(topic) ? 'made' : 'as the file says'}`;
  });
}
