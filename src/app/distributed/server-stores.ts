// What a deployment on servers keeps: logs in Kafka, state, values and vault in Redis, keys and tokens in a folder here.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openInbox } from '../../adapters/files/inbox.js';
import { sealKey } from '../../adapters/files/seal-key.js';
import { vaultKey } from '../../adapters/files/vault-key.js';
import { openKafkaLogs, type KafkaLogs } from '../../adapters/kafka/kafka.js';
import { openRedis } from '../../adapters/redis/redis.js';
import { CodedError } from '../../events/coded-error.js';
import type { LogName, WideLogName, WideLogs } from '../../ports/log.js';
import type { PartitionCounts } from '../../pipeline/wide/partition.js';
import type { NamedValues } from '../../ports/values.js';
import type { SharedVault, Vault } from '../../ports/vault.js';
import { kafkaAccess } from '../kafka-access.js';
import { OperatorAlerts, type Telling } from '../operators.js';
import { begunWith, guarded, isBegun } from './guarded-state.js';
import { readRedisScripts } from '../redis-scripts.js';
import type { WholeServers } from '../servers-file.js';
import { keptSiteKey, logsOf, sealKeyPath, siteKeyOf, tokensOf, type Stores } from '../stores.js';

export interface ServerStores extends Stores {
  readonly logs: WideLogs;
  readonly partitions: PartitionCounts;
  readonly vault: SharedVault;
  /** The offset of the first record that a partition of a log still has. */
  readonly begin: (name: LogName | WideLogName, partition: number) => Promise<number>;
  /** The clock of Redis, epoch ms; null where it may not be asked. */
  readonly clock: () => Promise<number | null>;
}

/**
 * Opens the stores that a file of servers names.
 * @param siteKey the key of pseudonyms where an operator holds it; else the vault keeps one
 * @throws CodedError STORE_UNREACHABLE, STORE_EVICTS where Redis would throw state away, STATE_LOST, VAULT_KEY, SITE_KEY;
 *   PARTITIONS_CHANGED where a log has another number of partitions than when the deployment began
 */
export async function openServerStores(
  servers: WholeServers,
  siteKey: Uint8Array | null,
  telling: Telling,
): Promise<ServerStores> {
  const stores = await opened(servers, telling, async (kafka, redis) => {
    // Before a key is made that would be another than the one that was lost.
    if (!(await isBegun(redis.values)) && (await hasEvents(kafka))) throw new CodedError('STATE_LOST');
    return (vault) => siteKeyOf(vault, siteKey);
  });
  return { ...stores, state: guarded(stores.state, stores.values) };
}

/**
 * The same where the state was lost, or where a copy of it was put back that is older than the logs: for those who make it
 * anew, so it refuses nobody.
 * @throws CodedError as `openServerStores`; STATE_NOT_LOST, REBUILD_SITE_KEY where nobody has the key of pseudonyms
 */
export function openLostStores(
  servers: WholeServers,
  { siteKey, fromCopy }: { readonly siteKey: Uint8Array | null; readonly fromCopy: boolean },
  telling: Telling,
): Promise<ServerStores> {
  return opened(servers, telling, async (kafka, redis) => {
    const isLost = fromCopy
      ? (await begunWith(redis.values)) !== undefined
      : !(await isBegun(redis.values)) && (await hasEvents(kafka));
    if (!isLost) throw new CodedError(fromCopy ? 'REBUILD_COPY' : 'STATE_NOT_LOST');
    return async (vault) => {
      const key = siteKey ?? (await keptSiteKey(vault));
      if (key === null) throw new CodedError('REBUILD_SITE_KEY');
      return key;
    };
  });
}

type Redis = ReturnType<typeof openRedis>;

async function opened(
  servers: WholeServers,
  telling: Telling,
  /** Looks whether the stores may be opened. @returns where the key of pseudonyms comes from */
  check: (kafka: KafkaLogs, redis: Redis) => Promise<(vault: Vault) => Promise<Uint8Array>>,
): Promise<ServerStores> {
  const { data } = servers;
  await mkdir(data, { recursive: true, mode: 0o750 });
  const kafka = openKafkaLogs(kafkaAccess(servers));
  const redis = openRedis(servers.redis, await readRedisScripts());
  const close = async () => {
    await kafka.close();
    await redis.close();
  };
  try {
    const keyOf = await check(kafka, redis);
    const policy = await redis.evictingPolicy();
    if (policy !== null) throw new CodedError('STORE_EVICTS', `The policy is ${policy}.`);
    const partitions = await partitionsOf(kafka, redis.values);
    const vault = redis.vault(await vaultKey(join(data, 'vault.key'), await redis.vaultBegun()));
    const operators = new OperatorAlerts(telling);
    const inboxDir = join(data, 'inbox');
    return {
      partitions,
      state: redis.state,
      values: redis.values,
      logs: {
        ...logsOf((name) => kafka.log(name), operators),
        derived: kafka.log('derived'),
        transitions: kafka.log('transitions'),
      },
      vault,
      siteKey: await keyOf(vault),
      inbox: openInbox({ dir: inboxDir }),
      inboxDir,
      tokens: tokensOf(data, redis.values),
      operators,
      sealSigner: async () => sealKey(sealKeyPath(data), (await kafka.log('seals').end(0)) > 0),
      begin: (name, partition) => kafka.begin(name, partition),
      clock: () => redis.clock(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether the events log holds any record. */
export async function hasEvents(kafka: KafkaLogs): Promise<boolean> {
  const count = await kafka.partitions('events');
  const ends = Array.from({ length: count }, (_, partition) => kafka.log('events').end(partition));
  return (await Promise.all(ends)).some((end) => end > 0);
}

/** Keys are bound to their partitions, so the numbers of the first start are kept and compared. */
async function partitionsOf(kafka: KafkaLogs, values: NamedValues): Promise<PartitionCounts> {
  const found: PartitionCounts = {
    events: await kafka.partitions('events'),
    derived: await kafka.partitions('derived'),
  };
  if ((await kafka.partitions('verdicts')) !== found.events) {
    throw new CodedError('PARTITIONS_CHANGED', 'The topics of events and verdicts differ in partitions.');
  }
  const kept = await values.putOnce('partitions', Buffer.from(JSON.stringify(found)));
  const first = JSON.parse(Buffer.from(kept).toString('utf8')) as PartitionCounts;
  for (const name of ['events', 'derived'] as const) {
    if (first[name] === found[name]) continue;
    const detail = `${name} has ${found[name]} partitions, and had ${first[name]} at the first start.`;
    throw new CodedError('PARTITIONS_CHANGED', detail);
  }
  return first;
}
