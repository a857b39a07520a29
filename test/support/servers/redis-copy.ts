// What Redis held at one instant, to be put back later as one that was restored from an older file does.
import { Redis } from 'ioredis';

export type Copy = readonly (readonly [key: string, value: Buffer])[];

/** All keys of one instant. */
export function copied(port: number): Promise<Copy> {
  return onRedis(port, async (redis) => {
    const keys = await redis.keys('*');
    const dumping = redis.multi();
    for (const key of keys) dumping.dumpBuffer(key);
    const dumps = (await dumping.exec()) ?? [];
    return keys.flatMap((key, index) => {
      const value = dumps[index]?.[1];
      return Buffer.isBuffer(value) ? [[key, value] as const] : [];
    });
  });
}

/** In place of all that is there. */
export function putBack(port: number, copy: Copy): Promise<void> {
  return onRedis(port, async (redis) => {
    const restoring = redis.multi().flushall();
    for (const [key, value] of copy) restoring.restore(key, 0, value);
    await restoring.exec();
  });
}

export function emptyRedis(port: number): Promise<unknown> {
  return onRedis(port, (redis) => redis.flushall());
}

/** @throws Error at once where the server is down */
async function onRedis<T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> {
  const options = { port, host: '127.0.0.1', lazyConnect: true, maxRetriesPerRequest: 0 };
  const redis = new Redis({ ...options, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
