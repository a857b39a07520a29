// Rules of a deployment on servers: brought in by a command and by the front, listed, and taken back.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelsView } from '../../../src/app/models-side.js';
import { loadRules } from '../../../src/model/load.js';
import { CITY, CITY_LATER, writeCity } from '../../support/servers/city.js';
import { openDeployment, type Deployment } from '../../support/servers/deployment.js';
import { kafkaRuns } from '../../support/servers/kafka.js';
import { redisRuns } from '../../support/servers/redis.js';
import { chdbRuns } from '../../support/warehouse.js';

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('rules on servers', () => {
  let dirs: string[] = [];
  let deployment: Deployment;
  beforeAll(async () => {
    dirs = [await writeCity(), await writeCity(CITY_LATER)];
    deployment = await openDeployment({
      ...{ rulesDir: dirs[0] ?? '', partitions: { events: 2, derived: 1 } },
    });
  }, 240_000);
  afterAll(async () => {
    await deployment?.close();
    for (const dir of dirs) await rm(dir, { recursive: true });
  });

  it('change and go back, and the history says when, by whom and why', async () => {
    const [first, later] = [CITY, CITY_LATER].map((files) => loadRules(files).rules?.revision);
    const models = (...args: string[]) =>
      deployment.command(['models', args[0] as string, '--config', deployment.config, ...args.slice(1)]);
    await expect(models('status')).rejects.toThrow('NOT_BEGUN');
    const serving = deployment.run(['http', 'ingest', 'evaluate', 'alert']);
    const url = (await serving.ready) ?? '';
    const apply = ['apply', '--rules', dirs[1] ?? '', '--because', '加一个模型'];
    expect(await models(...apply)).toContain(`${later} comes into force at`);
    expect(await models(...apply)).toContain('nothing changes');
    const asked = await fetch(`${url}/v1/models`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ revision: first?.slice(0, 8), because: '误报' }),
    });
    expect(await asked.json()).toMatchObject({ outcome: 'announced', revision: first });
    const { changes } = JSON.parse(await models('history', '--json')) as ModelsView;
    expect(changes).toMatchObject([
      { number: 0, revision: first, former: null, way: 'start', note: null },
      { number: 1, revision: later, former: first, way: 'apply', note: '加一个模型' },
      { number: 2, revision: first, former: later, way: 'rollback', note: '误报', by: '@local' },
    ]);
    expect(changes.every(({ at }) => at !== null)).toBe(true);
    expect(changes[1]?.models.length).toBeGreaterThan(0);
    expect(changes[2]?.models).toHaveLength(changes[1]?.models.length ?? 0);
    expect(await models('history')).toContain('误报');
    const audit = await fetch(`${url}/v1/audit?limit=500`);
    const { items } = (await audit.json()) as { items: { what: string; account: string; reason?: string }[] };
    const noted = items.filter(({ what }) => what === 'models');
    expect(noted.map(({ reason }) => reason)).toEqual(['加一个模型', '误报']);
    expect(noted[0]?.account).toMatch(/^os:/);
    await serving.end('SIGTERM');
  }, 240_000);
});
