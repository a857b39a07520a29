// Whether the state in Redis is that of the logs in Kafka, as far as its mark tells, and whether it could be made anew.
import { openKafkaLogs, type KafkaLogs } from '../../adapters/kafka/kafka.js';
import { openRedis } from '../../adapters/redis/redis.js';
import type { Finding } from '../../ports/finding.js';
import type { NamedValues } from '../../ports/values.js';
import { kafkaAccess } from '../kafka-access.js';
import { readRedisScripts } from '../redis-scripts.js';
import type { Servers } from '../servers-file.js';
import { begunWith, isBegun } from './guarded-state.js';
import { hasEvents } from './server-stores.js';

const REBUILD = 'end all processes, and run fenghuo rebuild --config <this file>';
/** What `fenghuo rebuild` steps from the first record on, and what is not kept forever unless asked for. */
const STEPPED = ['events', 'verdicts', 'derived', 'transitions'] as const;
const COPIES = "keep copies of Redis' file that are younger than what Kafka keeps";

/**
 * @param redis of the servers, which answer, as Kafka does
 * @param holdsSiteKey whether the key of pseudonyms is held beside Redis
 * @throws CodedError STORE_UNREACHABLE
 */
export async function examineState(
  servers: Servers,
  redis: NonNullable<Servers['redis']>,
  holdsSiteKey: boolean,
): Promise<Finding[]> {
  const kafka = openKafkaLogs(kafkaAccess(servers));
  const stores = openRedis(redis, await readRedisScripts());
  try {
    const found = await stateFinding(kafka, stores.values);
    return found.level === 'error' ? [found] : [found, await rebuildFinding(kafka, holdsSiteKey)];
  } finally {
    await kafka.close();
    await stores.close();
  }
}

async function stateFinding(kafka: KafkaLogs, values: NamedValues): Promise<Finding> {
  const about = 'state';
  const begun = await begunWith(values);
  if (await isBegun(values)) return { about, level: 'ok', found: `begun with the rules ${begun}` };
  if (!(await hasEvents(kafka))) return { about, level: 'ok', found: 'none, and no events in the logs' };
  if (begun !== undefined)
    return { about, level: 'error', found: 'being brought forward', fix: `${REBUILD} --from-copy` };
  const fix = `${REBUILD}, or put back a copy and add --from-copy`;
  return { about, level: 'error', found: 'lost, although the logs hold events', fix };
}

/** What would be wanting if all of Redis was lost now. */
async function rebuildFinding(kafka: KafkaLogs, holdsSiteKey: boolean): Promise<Finding> {
  const about = 'rebuild from the logs alone';
  const gone = await goneFrom(kafka);
  if (gone !== null)
    return { about, level: 'warning', found: `no longer possible: ${gone}`, fix: `${COPIES} (README.md)` };
  if (holdsSiteKey)
    return { about, level: 'ok', found: 'possible with FENGHUO_SITE_KEY and the rules as they ran' };
  const found = 'not possible: the key of the pseudonyms is in Redis alone, as FENGHUO_SITE_KEY is not set';
  const fix = `set it before the first start and keep it elsewhere (openssl rand -hex 32); else ${COPIES}`;
  return { about, level: 'warning', found, fix };
}

/** The first log that no longer has its first records; null where all have. */
async function goneFrom(kafka: KafkaLogs): Promise<string | null> {
  for (const name of STEPPED) {
    const partitions = await kafka.partitions(name);
    for (let partition = 0; partition < partitions; partition++) {
      const begin = await kafka.begin(name, partition);
      if (begin > 0) return `${name}/${partition} begins with record ${begin}`;
    }
  }
  return null;
}
