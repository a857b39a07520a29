// Logs in Kafka: those of the distributed mode, one topic each.
import { CodedError } from '../../events/coded-error.js';
import type { LogName, WideLogName } from '../../ports/log.js';
import type { KafkaConnectionSettings } from './config.js';
import { Carrier } from './carrier.js';
import type { Dial } from './connection.js';
import { Cursors } from './cursors.js';
import { KafkaLog } from './log.js';
import { Partitions } from './partitions.js';
import { LOG_NAMES, topicOf } from './topics.js';

export interface KafkaLogsOptions {
  readonly settings: KafkaConnectionSettings;
  readonly dial: Dial;
  /** Before the names of all topics, so that deployments can share brokers. */
  readonly prefix?: string;
  /** Of one request, and of how long a read begins another where one fails. */
  readonly timeoutMs?: number;
  /** Of one batch of an append, with all repetitions. */
  readonly sendTimeoutMs?: number;
}

export interface KafkaLogs {
  /** The log of that name; the same one each time. */
  log(name: LogName | WideLogName): KafkaLog;
  /** How many partitions a log has. @throws CodedError STORE_UNREACHABLE, also where there is no such topic */
  partitions(name: LogName | WideLogName): Promise<number>;
  /** The offset of the first record that a partition still has; its end where it has none. @throws as `partitions` */
  begin(name: LogName | WideLogName, partition: number): Promise<number>;
  /** Waits for the appends under way and breaks the connections off. */
  close(): Promise<void>;
}

/**
 * Opens the logs; they connect with the first call. The topics must be there, see `createTopics`.
 * @throws CodedError CHANNEL_SECRET where a user has no password, or a password no user
 */
export function openKafkaLogs(options: KafkaLogsOptions): KafkaLogs {
  const { settings, dial, prefix = 'fenghuo', timeoutMs = 10_000, sendTimeoutMs = 30_000 } = options;
  const client = { settings, clientId: prefix, timeoutMs, dial };
  const partitions = new Partitions(client);
  const cursors = new Cursors(partitions);
  const carrier = new Carrier(client);
  const sending = { carrier, sendTimeoutMs };
  const logs = new Map<string, KafkaLog>(
    LOG_NAMES.map((name) => [
      name,
      new KafkaLog({ topic: topicOf(prefix, name), partitions, cursors, sending }),
    ]),
  );
  return {
    log(name) {
      const log = logs.get(name);
      if (log === undefined) throw new CodedError('STORE_KEY', `There is no log named ${name}.`);
      return log;
    },
    partitions: (name) => partitions.count(topicOf(prefix, name)),
    begin: (name, partition) => partitions.begin(topicOf(prefix, name), partition),
    close: async () => {
      await Promise.all([...logs.values()].map((log) => log.close()));
      carrier.close();
      partitions.close();
    },
  };
}
