// What the connection to Redis can be told, and how the file of servers says it.
import { z } from 'zod';
import {
  certificateSetting,
  nodeSetting,
  secretSetting,
  switchSetting,
  wholeSetting,
  type Resolved,
} from '../../events/settings.js';

const nodes = z.array(nodeSetting).min(1, 'at least one node').max(50, 'at most 50 nodes');
const mode = z.enum(['single', 'cluster', 'sentinel'], 'one of single, cluster, sentinel').default('single');
/** The name under which sentinels know the master. */
const master = z.string().min(1).max(256).optional();
const user = z.string().min(1).max(256).optional();

export const REDIS_SCHEMA = z
  .strictObject({
    /** One node, some nodes of a cluster, or the sentinels. */
    nodes,
    mode,
    master,
    username: user,
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
    /** How many replicas must have what the vault and the named values keep before it counts. */
    replicas: z.int().min(0).max(10).default(0),
    connectTimeoutMs: z.int().min(100).max(600_000).default(10_000),
    /** How long one command may take. */
    commandTimeoutMs: z.int().min(100).max(600_000).default(30_000),
  })
  .superRefine(checkMode);

export type RedisInput = z.input<typeof REDIS_SCHEMA>;
export type RedisSettings = z.output<typeof REDIS_SCHEMA>;

/** The section of the file of servers. */
export const REDIS_SECTION = z
  .strictObject({
    /** One node, some nodes of a cluster, or the sentinels. */
    nodes,
    mode,
    master,
    user,
    password: secretSetting.optional(),
    /** Of the sentinels, where it is another. */
    sentinel_password: secretSetting.optional(),
    /** Whether connections are encrypted and the nodes' certificates checked. */
    tls: switchSetting.default(true),
    /** PEM of the authority that signs the nodes' certificates, where the system does not know it. */
    ca: certificateSetting.optional(),
    /** How many replicas must have what the vault and the named values keep before it counts. */
    replicas: wholeSetting(0, 10).default(0),
  })
  .superRefine(checkMode)
  .refine(({ user, password }) => user === undefined || password !== undefined, {
    path: ['password'],
    message: 'given where a user is',
  });

/** The section as `openRedis` takes it. */
export function redisInput(prefix: string, section: Resolved<z.output<typeof REDIS_SECTION>>): RedisInput {
  const { nodes, mode, master, user, password, sentinel_password: sentinelPassword, tls, ca } = section;
  const { replicas } = section;
  return {
    prefix,
    nodes: [...nodes],
    mode,
    master,
    username: user,
    password,
    sentinelPassword,
    tls,
    ca,
    replicas,
  };
}

function checkMode(
  {
    mode,
    master,
    nodes,
    replicas,
  }: {
    mode: string;
    master?: string | undefined;
    nodes: readonly string[];
    replicas: number;
  },
  context: z.RefinementCtx,
): void {
  const add = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
  if ((mode === 'sentinel') !== (master !== undefined))
    add('master', 'given with mode sentinel, and only there');
  if (mode === 'single' && nodes.length !== 1) add('nodes', 'one node where the mode is single');
  if (mode === 'cluster' && replicas > 0)
    add('replicas', '0 in a cluster, whose servers have min-replicas-to-write for it');
}
