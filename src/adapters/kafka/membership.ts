// Which partitions of the logs are this process's, as a consumer group of the brokers spreads them.
import { CodedError } from '../../events/coded-error.js';
import type { LogName, WideLogName } from '../../ports/log.js';
import type { Membership, Share } from '../../ports/membership.js';
import type { KafkaConnectionSettings } from './config.js';
import type { Dial } from './connection.js';
import { Group, type GroupOptions } from './group.js';
import { topicOf } from './topics.js';

export interface KafkaMembershipOptions {
  readonly settings: KafkaConnectionSettings;
  readonly dial: Dial;
  /** Before the names of all topics and of the group. */
  readonly prefix?: string;
  /** What the members do, such as `evaluate`: those of one role share what there is. */
  readonly role: string;
  readonly logs: readonly (LogName | WideLogName)[];
  readonly timeoutMs?: number;
  /** How long a member may be silent; the brokers bound it, by default from 6 s to 30 min. */
  readonly sessionTimeoutMs?: number;
  /** How long the work on shares may take to end, and how long the members wait for each other. */
  readonly rebalanceTimeoutMs?: number;
  readonly heartbeatMs?: number;
}

/** The group of those who have a role. */
export function groupOf(prefix: string, role: string): string {
  return `${prefix}.${role}`;
}

/**
 * A member of the group `<prefix>.<role>`. It fetches nothing, and a member that has been out of touch for too
 * long gives its shares up by itself, at the same time as the brokers give them to others.
 */
export function openMembership(options: KafkaMembershipOptions): Membership {
  const { role, logs, prefix = 'fenghuo' } = options;
  const logOf = new Map<string, LogName | WideLogName>(logs.map((name) => [topicOf(prefix, name), name]));
  const group: GroupOptions = {
    settings: options.settings,
    dial: options.dial,
    clientId: prefix,
    group: groupOf(prefix, role),
    topics: [...logOf.keys()],
    timeoutMs: options.timeoutMs ?? 10_000,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 30_000,
    heartbeatMs: options.heartbeatMs ?? 1_000,
    commitMs: 5_000,
  };
  let joined: Group | null = null;
  return {
    async join(hear) {
      if (joined !== null) throw new CodedError('STORE_SHARED', `${group.group} was joined before.`);
      joined = new Group(group, {
        assigned: (places) =>
          hear.assigned(
            places.map(({ topic, partition }): Share => ({ log: logOf.get(topic) ?? topic, partition })),
          ),
        revoked: () => hear.revoked(),
        failed: (error) => hear.failed(error),
      });
      await joined.join();
    },
    report: ({ log, partition }, offset) =>
      joined?.report({ topic: topicOf(prefix, log as LogName), partition }, offset),
    leave: async () => joined?.leave(),
  };
}
