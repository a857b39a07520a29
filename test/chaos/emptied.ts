// Redis loses what it held, or comes back with an older copy: all processes end, the state is made anew from the logs,
// cut off at times, and they start again.
import { setTimeout as delay } from 'node:timers/promises';
import { copied, emptyRedis, putBack } from '../support/servers/redis-copy.js';
import type { Stage } from './faults.js';

const NOTICED_MOST_MS = 3_000;
const OLD_MOST_MS = 8_000;
const CUT_MOST_MS = 4_000;
/** Servers may be away for a while meanwhile; an operator tries again. */
const ATTEMPTS = 40;
const AGAIN_MS = 1_000;

/** All is gone, which some processes notice, and some end before they do. */
export async function emptied(stage: Stage): Promise<void> {
  const { deployment, cast, ruleDirs, random } = stage;
  // A Redis that is down has another fault already.
  if (!(await worked(emptyRedis(deployment.redis.port)))) return;
  await delay(random() * NOTICED_MOST_MS);
  const names = cast.wanted;
  await endAll(stage, names);
  await madeAnew(stage, ['--rules', ...ruleDirs]);
  await Promise.all(names.map((name) => cast.start(name)));
}

/** As after a restart of a Redis without AOF: a file from some seconds ago. */
export async function wentBack(stage: Stage): Promise<void> {
  const { deployment, cast, random } = stage;
  const { port } = deployment.redis;
  const copy = await copied(port).catch(() => []);
  // Before the first checkpoints, or where Redis is down, there is nothing to go back to.
  if (copy.length === 0) return;
  await delay(random() * OLD_MOST_MS);
  const names = cast.wanted;
  await endAll(stage, names);
  if (await worked(putBack(port, copy))) await madeAnew(stage, ['--from-copy']);
  await Promise.all(names.map((name) => cast.start(name)));
}

function worked(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

async function endAll({ cast, random }: Stage, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => cast.stop(name, random() < 0.5 ? 'SIGKILL' : 'SIGTERM')));
}

async function madeAnew({ deployment, random }: Stage, options: readonly string[]): Promise<void> {
  const start = () => deployment.start(['rebuild', '--config', deployment.config, ...options]);
  if (random() < 0.5) {
    const cutOff = start();
    await Promise.race([delay(random() * CUT_MOST_MS), cutOff.ended]);
    await cutOff.end('SIGKILL');
  }
  for (let attempt = 1; ; attempt++) {
    const started = start();
    // One that was cut off a moment too late had done it.
    if ((await started.ended) === 0 || started.output().includes('STATE_NOT_LOST')) return;
    if (attempt === ATTEMPTS) throw new Error(`it cannot be rebuilt: ${started.output()}`);
    await delay(AGAIN_MS);
  }
}
