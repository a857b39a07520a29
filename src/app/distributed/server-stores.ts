// What a deployment on servers keeps: logs in Kafka, state, values and vault in Redis, keys and tokens in a folder here.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openInbox } from '../../adapters/files/inbox.js';
import { sealKey } from '../../adapters/files/seal-key.js';
import { vaultKey } from '../../adapters/files/vault-key.js';
import { openKafkaLogs, type KafkaLogs } from '../../adapters/kafka/kafka.js';
import { openRedis } from '../../adapters/redis/redis.js';
import { CodedError } from '../../events/coded-error.js';
import type { WideLogs } from '../../ports/log.js';
import type { NamedValues } from '../../ports/values.js';
import { kafkaAccess } from '../kafka-access.js';
import { OperatorAlerts, type Telling } from '../operators.js';
import { guarded } from './guarded-state.js';
import { readRedisScripts } from '../redis-scripts.js';
import type { WholeServers } from '../servers-file.js';
import { logsOf, sealKeyPath, siteKeyOf, tokensOf, type Stores } from '../stores.js';

/** How many partitions the logs have whose records are spread by their keys. */
export interface PartitionCounts {
  readonly events: number;
  readonly derived: number;
}

export interface ServerStores extends Stores {
  readonly logs: WideLogs;
  readonly partitions: PartitionCounts;
}

/**
 * Opens the stores that a file of servers names.
 * @param siteKey the key of pseudonyms where an operator holds it; else the vault keeps one
 * @throws CodedError STORE_UNREACHABLE, VAULT_KEY, SITE_KEY; PARTITIONS_CHANGED where a log has another number of
 *   partitions than when the deployment began
 */
export async function openServerStores(
  servers: WholeServers,
  siteKey: Uint8Array | null,
  telling: Telling,
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
    const partitions = await partitionsOf(kafka, redis.values);
    const vault = redis.vault(await vaultKey(join(data, 'vault.key'), await redis.vaultBegun()));
    const operators = new OperatorAlerts(telling);
    const inboxDir = join(data, 'inbox');
    return {
      partitions,
      state: guarded(redis.state, redis.values),
      values: redis.values,
      logs: {
        ...logsOf((name) => kafka.log(name), operators),
        derived: kafka.log('derived'),
        transitions: kafka.log('transitions'),
      },
      vault,
      siteKey: await siteKeyOf(vault, siteKey),
      inbox: openInbox({ dir: inboxDir }),
      inboxDir,
      tokens: tokensOf(data),
      operators,
      sealSigner: async () => sealKey(sealKeyPath(data), (await kafka.log('seals').end(0)) > 0),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
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
