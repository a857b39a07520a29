// Processes of a deployment that are asked to end: what they have goes to the others, and no server that is gone holds them.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReadyCheck } from '../../../src/ports/front.js';
import { writeCity } from '../../support/servers/city.js';
import { openDeployment, type Deployment, type RoleProcess } from '../../support/servers/deployment.js';
import { kafkaRuns } from '../../support/servers/kafka.js';
import { redisRuns } from '../../support/servers/redis.js';
import { chdbRuns } from '../../support/warehouse.js';

const POLLING = { timeout: 60_000, interval: 100 };
/** Whoever asks for the end kills after so long. */
const GRACE_MS = 10_000;

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('a process on servers that is asked to end', { timeout: 120_000 }, () => {
  let rulesDir: string;
  let deployment: Deployment;
  beforeAll(async () => {
    rulesDir = await writeCity();
    deployment = await openDeployment({ rulesDir, partitions: { events: 2, derived: 1 } });
  }, 240_000);
  afterAll(async () => {
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  const start = async (...roles: string[]) => {
    const started = deployment.run(roles, ['--metrics-port', '0']);
    await started.ready;
    const [, url = ''] = /"url":"([^"]+)","msg":"health/.exec(started.output()) ?? [];
    return { started, url };
  };
  const checks = async (url: string) =>
    ((await (await fetch(`${url}/readyz`)).json()) as { checks: ReadyCheck[] }).checks;
  const held = async (url: string) =>
    (await checks(url)).find(({ name }) => name === 'partitions')?.partitions ?? [];
  /** Asks it to end. @returns its exit code, and how long it took */
  const end = async (started: RoleProcess) => {
    const begun = performance.now();
    started.child.kill('SIGTERM');
    const code = await started.ended;
    return { code, ms: performance.now() - begun };
  };

  it('hands its partitions over, and ends by itself in time', async () => {
    const first = await start('evaluate');
    const second = await start('evaluate');
    const ingest = await start('ingest');
    await vi.waitFor(async () => {
      expect((await held(first.url)).length).toBeGreaterThan(0);
      expect((await held(second.url)).length).toBeGreaterThan(0);
    }, POLLING);
    const { code, ms } = await end(first.started);
    expect([code, ms < GRACE_MS]).toEqual([0, true]);
    await vi.waitFor(async () => expect(await held(second.url)).toHaveLength(3), POLLING);
    await vi.waitFor(async () => expect((await fetch(`${second.url}/readyz`)).status).toBe(200), POLLING);
    for (const { started } of [second, ingest]) expect((await end(started)).code).toBe(0);
  });

  it('ends in time where the brokers are gone', async () => {
    const archive = await start('archive');
    await deployment.kafka.kill();
    await vi.waitFor(
      async () =>
        expect((await checks(archive.url)).find(({ name }) => name === 'kafka')).toMatchObject({ ok: false }),
      POLLING,
    );
    expect((await end(archive.started)).ms).toBeLessThan(GRACE_MS);
    await deployment.kafka.start();
  });

  it('says which server is gone, and ends in time without it', async () => {
    const all = await start('ingest', 'evaluate', 'alert', 'archive');
    await vi.waitFor(async () => expect((await fetch(`${all.url}/readyz`)).status).toBe(200), POLLING);
    await deployment.redis.kill();
    await vi.waitFor(
      async () =>
        expect((await checks(all.url)).find(({ name }) => name === 'redis')).toMatchObject({ ok: false }),
      POLLING,
    );
    expect((await end(all.started)).ms).toBeLessThan(GRACE_MS);
  });
});
