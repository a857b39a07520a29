// How Kafka is reached, and what the file of servers and a channel over it can tell.
import { z } from 'zod';
import {
  byDepartment,
  certificateSetting,
  nodeSetting,
  secretSetting,
  switchSetting,
  type Resolved,
} from '../../events/settings.js';

/** Names of topics as brokers take them, without those that mean a place in a file system. */
const topic = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'the name of a topic: letters, digits, ".", "_", "-"');

/** Keys by which a cluster is reached. */
export const KAFKA_CONNECTION_SHAPE = {
  brokers: z.array(nodeSetting).min(1, 'at least one broker').max(50, 'at most 50 brokers'),
  /** Whether connections are encrypted and the brokers' certificates checked. */
  tls: switchSetting.default(true),
  /** PEM of the authority that signs the brokers' certificates, where the system does not know it. */
  ca: certificateSetting.optional(),
  mechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'one of plain, scram-sha-256, scram-sha-512')
    .default('scram-sha-512'),
  user: z.string().min(1).max(254).optional(),
  password: secretSetting.optional(),
};

/** The section of the file of servers. */
export const KAFKA_SECTION = z.strictObject(KAFKA_CONNECTION_SHAPE);

/** The section of the file of servers that names topics of other systems, from which events come. */
export const RAW_SECTION = z
  .array(
    z.strictObject({
      topic,
      /** Path of the mapping from its messages to events, relative to the file; without one they are events already. */
      mapping: z.string().min(1).max(1_000).optional(),
    }),
  )
  .max(100, 'at most 100 topics');

export type KafkaConnectionSettings = Resolved<z.output<z.ZodObject<typeof KAFKA_CONNECTION_SHAPE>>>;

export const KAFKA_CHANNEL_SHAPE = {
  ...KAFKA_CONNECTION_SHAPE,
  topics: byDepartment(z.strictObject({ topic })),
};

export type KafkaChannelSettings = Resolved<z.output<z.ZodObject<typeof KAFKA_CHANNEL_SHAPE>>>;
