// What the connection to ClickHouse can be told, and how the file of servers says it.
import { z } from 'zod';
import { addressSetting, certificateSetting, secretSetting, type Resolved } from '../../events/settings.js';

const database = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,63}$/, 'small letters, digits and underscores')
  .default('fenghuo');

/** Of a cluster as the servers know it: its tables are then replicated and distributed. */
const cluster = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -')
  .optional();

export const CLICKHOUSE_SCHEMA = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  username: z.string().min(1).max(256).default('default'),
  /** The password of the user; for the embedded warehouse its token. */
  password: z.string().max(1_024).default(''),
  /** PEM of the authority of the server's certificate, where the system does not know it. */
  ca: z.string().max(65_536).optional(),
  database,
  cluster,
  /** How long one request may take. */
  requestTimeoutMs: z.int().min(1_000).max(600_000).default(90_000),
  /** How long a read may run on the server. */
  readTimeoutSeconds: z.int().min(1).max(600).default(60),
  connections: z.int().min(1).max(100).default(10),
});

export type ClickHouseInput = z.input<typeof CLICKHOUSE_SCHEMA>;
export type ClickHouseSettings = z.output<typeof CLICKHOUSE_SCHEMA>;

/** The section of the file of servers. */
export const CLICKHOUSE_SECTION = z.strictObject({
  /** Of its HTTP interface, such as `https://clickhouse.example.gov.cn:8443`. */
  url: addressSetting,
  user: z.string().min(1).max(256).default('default'),
  password: secretSetting.optional(),
  ca: certificateSetting.optional(),
  database,
  cluster,
});

/** The section as `openWarehouse` takes it. */
export function clickHouseInput({
  user,
  ...section
}: Resolved<z.output<typeof CLICKHOUSE_SECTION>>): ClickHouseInput {
  return { ...section, username: user };
}
