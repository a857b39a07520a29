// What the connection to Redis can be told.
import { z } from 'zod';

const node = z
  .string()
  .max(260)
  .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/, 'a node as host:port');

export const REDIS_SCHEMA = z
  .strictObject({
    /** One node, some nodes of a cluster, or the sentinels. */
    nodes: z.array(node).min(1, 'at least one node').max(50, 'at most 50 nodes'),
    mode: z.enum(['single', 'cluster', 'sentinel'], 'one of single, cluster, sentinel').default('single'),
    /** The name under which sentinels know the master. */
    master: z.string().min(1).max(256).optional(),
    username: z.string().min(1).max(256).optional(),
    password: z.string().max(1_024).optional(),
    /** Of the sentinels, where it is another. */
    sentinelPassword: z.string().max(1_024).optional(),
    tls: z.boolean().default(false),
    /** PEM of the authority of the nodes' certificates, where the system does not know it. */
    ca: z.string().max(65_536).optional(),
    /** Before the names of all keys, so that deployments can share a server. */
    prefix: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'small letters, digits and -, up to 32 characters')
      .default('fenghuo'),
    connectTimeoutMs: z.int().min(100).max(600_000).default(10_000),
    /** How long one command may take. */
    commandTimeoutMs: z.int().min(100).max(600_000).default(30_000),
  })
  .refine(({ mode, master }) => (mode === 'sentinel') === (master !== undefined), {
    path: ['master'],
    message: 'given with mode sentinel, and only there',
  })
  .refine(({ mode, nodes }) => mode !== 'single' || nodes.length === 1, {
    path: ['nodes'],
    message: 'one node where the mode is single',
  });

export type RedisInput = z.input<typeof REDIS_SCHEMA>;
export type RedisSettings = z.output<typeof REDIS_SCHEMA>;
