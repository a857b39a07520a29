// Whether the state in Redis is that of the logs in Kafka, as far as its mark tells.
import { openKafkaLogs } from '../../adapters/kafka/kafka.js';
import { openRedis } from '../../adapters/redis/redis.js';
import type { Finding } from '../../ports/finding.js';
import { kafkaAccess } from '../kafka-access.js';
import { readRedisScripts } from '../redis-scripts.js';
import type { Servers } from '../servers-file.js';
import { begunWith, isBegun } from './guarded-state.js';
import { hasEvents } from './server-stores.js';

const REBUILD = 'end all processes, and run fenghuo rebuild --config <this file>';

/** @param redis of the servers, which answer, as Kafka does @throws CodedError STORE_UNREACHABLE */
export async function examineState(servers: Servers, redis: NonNullable<Servers['redis']>): Promise<Finding> {
  const kafka = openKafkaLogs(kafkaAccess(servers));
  const stores = openRedis(redis, await readRedisScripts());
  const about = 'state';
  try {
    const { values } = stores;
    const begun = await begunWith(values);
    if (await isBegun(values)) return { about, level: 'ok', found: `begun with the rules ${begun}` };
    if (!(await hasEvents(kafka))) return { about, level: 'ok', found: 'none, and no events in the logs' };
    if (begun !== undefined)
      return { about, level: 'error', found: 'being brought forward', fix: `${REBUILD} --from-copy` };
    const fix = `${REBUILD}, or put back a copy and add --from-copy`;
    return { about, level: 'error', found: 'lost, although the logs hold events', fix };
  } finally {
    await kafka.close();
    await stores.close();
  }
}
