// How Kafka is reached, and what a channel over it can be told in the file of channels.
import { z } from 'zod';
import { byDepartment, secretSetting, switchSetting, type Resolved } from '../../events/settings.js';

const broker = z
  .string()
  .max(260)
  .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/, 'a broker as host:port');

/** Names of topics as brokers take them, without those that mean a place in a file system. */
const topic = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'the name of a topic: letters, digits, ".", "_", "-"');

/** Keys by which a cluster is reached. */
export const KAFKA_CONNECTION_SHAPE = {
  brokers: z.array(broker).min(1, 'at least one broker').max(50, 'at most 50 brokers'),
  /** Whether connections are encrypted and the brokers' certificates checked. */
  tls: switchSetting.default(true),
  /** PEM of the authority that signs the brokers' certificates, where the system does not know it. */
  ca: secretSetting.optional(),
  mechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'one of plain, scram-sha-256, scram-sha-512')
    .default('scram-sha-512'),
  user: z.string().min(1).max(254).optional(),
  password: secretSetting.optional(),
};

/** The file of servers: where the logs are. */
export const SERVERS_SCHEMA = z.strictObject({
  /** Before the names of all topics, so that deployments can share brokers. */
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'small letters, digits and -, up to 32 characters')
    .default('fenghuo'),
  kafka: z.strictObject(KAFKA_CONNECTION_SHAPE),
});

export type KafkaConnectionSettings = Resolved<z.output<z.ZodObject<typeof KAFKA_CONNECTION_SHAPE>>>;

export const KAFKA_CHANNEL_SHAPE = {
  ...KAFKA_CONNECTION_SHAPE,
  topics: byDepartment(z.strictObject({ topic })),
};

export type KafkaChannelSettings = Resolved<z.output<z.ZodObject<typeof KAFKA_CHANNEL_SHAPE>>>;
