// The checkpoint store goes back: a consumer's four keys become again what they were before its newest checkpoint.
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ALERT_NAMESPACE } from '../../src/pipeline/alert-names.js';
import { SEQUENCE_NAMESPACE } from '../../src/pipeline/wide/sequence.js';
import { PARTITIONS } from '../support/servers/judgement.js';
import type { Stage } from './faults.js';

/** Where it is missing, the state is being made anew. */
const BEGUN = 'first-rules';
const PREFIX = 'fenghuo';
const PARTS = ['head', 'records', 'names', 'timers'];
const EVERY_MS = 5;
/** A consumer that stands still takes no checkpoint. */
const LIMIT_MS = 10_000;

const NAMESPACES = [
  ...Array.from({ length: PARTITIONS.events }, (_, partition) => `evaluate/${partition}`),
  ...Array.from({ length: PARTITIONS.derived }, (_, partition) => `derived/${partition}`),
  SEQUENCE_NAMESPACE,
  ALERT_NAMESPACE,
];

/** Waits for the next checkpoint of some consumer and takes it back, in one step each. */
export async function rollBack({ deployment, random }: Stage): Promise<void> {
  const namespace = NAMESPACES[Math.floor(random() * NAMESPACES.length)] as string;
  const redis = new Redis({ port: deployment.redis.port, host: '127.0.0.1', lazyConnect: true });
  redis.on('error', () => undefined);
  try {
    await goBack(redis, namespace);
  } catch (error) {
    // A Redis that is down has another fault already.
    if (!(error instanceof Error)) throw error;
  } finally {
    redis.disconnect();
  }
}

async function goBack(redis: Redis, namespace: string): Promise<void> {
  const keys = PARTS.map((part) => `${PREFIX}:{${namespace}}:${part}`);
  const [head = ''] = keys;
  const dumping = redis.multi().hget(head, 'sequence');
  for (const key of keys) dumping.dumpBuffer(key);
  const [before, ...dumps] = ((await dumping.exec()) ?? []).map(([, value]) => value);
  // Before the first checkpoint, or where all is gone, there is nothing to go back to.
  if (before === null) return;
  for (const overdue = Date.now() + LIMIT_MS; Date.now() < overdue;) {
    const now = await redis.hget(head, 'sequence');
    if (now === null) return;
    if (Number(now) > Number(before)) break;
    await delay(EVERY_MS);
  }
  if ((await redis.exists(`${PREFIX}:value:${BEGUN}`)) === 0) return;
  const restoring = redis.multi().del(...keys);
  keys.forEach((key, index) => {
    const dump = dumps[index];
    if (Buffer.isBuffer(dump)) restoring.restore(key, 0, dump);
  });
  await restoring.exec();
}
