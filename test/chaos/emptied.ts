// Redis is emptied: all processes end, the state is made anew from the logs, cut off at times, and they start again.
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Deployment } from '../support/servers/deployment.js';
import type { Stage } from './faults.js';

const NOTICED_MOST_MS = 3_000;
const CUT_MOST_MS = 4_000;
/** Servers may be away for a while meanwhile; an operator tries again. */
const ATTEMPTS = 40;
const AGAIN_MS = 1_000;

export async function emptied({ deployment, cast, random }: Stage): Promise<void> {
  if (!(await flush(deployment))) return;
  // Some notice it, and some end before they do.
  await delay(random() * NOTICED_MOST_MS);
  const names = cast.wanted;
  await Promise.all(names.map((name) => cast.stop(name, random() < 0.5 ? 'SIGKILL' : 'SIGTERM')));
  if (random() < 0.5) await cutOff(deployment, random() * CUT_MOST_MS);
  await rebuilt(deployment);
  await Promise.all(names.map((name) => cast.start(name)));
}

/** @returns false where Redis is down, which is another fault */
async function flush({ redis }: Deployment): Promise<boolean> {
  const options = { port: redis.port, host: '127.0.0.1', lazyConnect: true, maxRetriesPerRequest: 0 };
  const client = new Redis({ ...options, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.flushall();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function cutOff(deployment: Deployment, ms: number): Promise<void> {
  const started = deployment.start(rebuilding(deployment));
  await Promise.race([delay(ms), started.ended]);
  await started.end('SIGKILL');
}

async function rebuilt(deployment: Deployment): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const started = deployment.start(rebuilding(deployment));
    // One that was cut off a moment too late had done it.
    if ((await started.ended) === 0 || started.output().includes('STATE_NOT_LOST')) return;
    if (attempt === ATTEMPTS) throw new Error(`it cannot be rebuilt: ${started.output()}`);
    await delay(AGAIN_MS);
  }
}

function rebuilding({ config, rulesDir }: Deployment): string[] {
  return ['rebuild', '--config', config, '--rules', rulesDir];
}
