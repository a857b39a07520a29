// What the connection to ClickHouse can be told.
import { z } from 'zod';

export const CLICKHOUSE_SCHEMA = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  username: z.string().min(1).max(256).default('default'),
  /** The password of the user; for the embedded warehouse its token. */
  password: z.string().max(1_024).default(''),
  database: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,63}$/, 'small letters, digits and underscores')
    .default('fenghuo'),
  /** How long one request may take. */
  requestTimeoutMs: z.int().min(1_000).max(600_000).default(90_000),
  /** How long a read may run on the server. */
  readTimeoutSeconds: z.int().min(1).max(600).default(60),
  connections: z.int().min(1).max(100).default(10),
});

export type ClickHouseInput = z.input<typeof CLICKHOUSE_SCHEMA>;
export type ClickHouseSettings = z.output<typeof CLICKHOUSE_SCHEMA>;
