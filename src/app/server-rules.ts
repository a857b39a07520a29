// The rules of a deployment on servers, opened by a command.
import { openKafkaLogs } from '../adapters/kafka/kafka.js';
import { openRedis } from '../adapters/redis/redis.js';
import { CodedError } from '../events/coded-error.js';
import { begunWith } from './distributed/guarded-state.js';
import { ServerModels } from './distributed/server-models.js';
import { hasEvents } from './distributed/server-stores.js';
import { kafkaAccess } from './kafka-access.js';
import { readRedisScripts } from './redis-scripts.js';
import { readWholeServers } from './servers-file.js';
import { StoredRules } from './stored-rules.js';

/** Opens them, and closes them whatever happens. @throws CodedError NOT_BEGUN, STATE_LOST, and as the stores do */
export async function withServerModels<T>(
  config: string,
  work: (models: ServerModels) => Promise<T>,
): Promise<T> {
  const servers = await readWholeServers(config);
  const redis = openRedis(servers.redis, await readRedisScripts());
  // It connects where something is to be noted in the audit log, and not before.
  const kafka = openKafkaLogs(kafkaAccess(servers));
  try {
    const { state, values } = redis;
    const first = await begunWith(values);
    const counts = await values.get('partitions');
    if (first === undefined || counts === undefined)
      throw new CodedError((await hasEvents(kafka)) ? 'STATE_LOST' : 'NOT_BEGUN');
    const { events } = JSON.parse(Buffer.from(counts).toString('utf8')) as { events: number };
    return await work(
      new ServerModels({
        ...{ state, values, logs: { audit: kafka.log('audit') }, storedRules: new StoredRules(values) },
        ...{ first: Buffer.from(first).toString('utf8'), partitions: events, now: () => Date.now() },
      }),
    );
  } finally {
    await kafka.close();
    await redis.close();
  }
}
