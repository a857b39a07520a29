// Logs on a broker of their own for tests: one replica, few partitions.
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import type { Dial } from '../../../src/adapters/kafka/connection.js';
import { openKafkaLogs, type KafkaLogs } from '../../../src/adapters/kafka/kafka.js';
import { createTopics, type TopicsSettings } from '../../../src/adapters/kafka/topics.js';
import { readTopics } from '../../../src/app/kafka-topics.js';
import type { TestServer } from '../../support/servers/process.js';

export const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });

export function clientOf(address: string) {
  const settings = { brokers: [address], tls: false, mechanism: 'scram-sha-512' as const };
  return { settings, clientId: 'tests', timeoutMs: 10_000, dial };
}

/** The settings of the project on one broker, with one partition a log but for `events`. */
export async function oneBroker(events = 4): Promise<TopicsSettings> {
  const { logs, ...settings } = await readTopics();
  const single = Object.fromEntries(
    Object.entries(logs).map(([name, topic]) => [
      name,
      { ...topic, partitions: name === 'events' ? events : 1 },
    ]),
  ) as TopicsSettings['logs'];
  return { ...settings, replication: 1, min_in_sync: 1, logs: single };
}

/** Logs with a prefix of their own, their topics made. */
export async function openLogs(broker: TestServer, prefix: string, events?: number): Promise<KafkaLogs> {
  await createTopics(clientOf(broker.address), prefix, await oneBroker(events));
  return openAgain(broker, prefix);
}

export function openAgain(
  broker: Pick<TestServer, 'address'>,
  prefix: string,
  {
    by = dial,
    timeoutMs = 5_000,
    sendTimeoutMs = 20_000,
  }: { by?: Dial; timeoutMs?: number; sendTimeoutMs?: number } = {},
): KafkaLogs {
  const { settings } = clientOf(broker.address);
  return openKafkaLogs({ settings, dial: by, prefix, timeoutMs, sendTimeoutMs });
}
