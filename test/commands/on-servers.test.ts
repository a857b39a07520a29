// Commands that read the history of a deployment on real servers, or change its rules, while it runs; and what stops them.
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelsView } from '../../src/app/models-side.js';
import type { ShadowsFound } from '../../src/app/models-shadow.js';
import type { Explanation } from '../../src/pipeline/explain/explanation.js';
import { fenghuo, MAIN } from '../support/command-line.js';
import { CITY, CITY_LATER, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment, type RoleProcess } from '../support/servers/deployment.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { runCommand } from '../support/servers/process.js';
import { redisRuns } from '../support/servers/redis.js';
import { send, type SentEvent } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';

const COMPLAINED = CITY.get('food/complained.yaml') ?? '';
/** Warns sooner, and so far nobody hears of it. */
const TRIED = COMPLAINED.replace('model: food/complained', 'model: food/tried')
  .replace('scope: subject', 'status: shadow\nscope: subject')
  .replace('complaints >= 2', 'complaints >= 1');
const RULES = new Map([...CITY, ['food/tried.yaml', TRIED]]);

const MODEL = 'food/complained';
const OF_SHOP = ['--model', MODEL, '--subject', 'shop:1'];

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('commands beside a deployment on servers', () => {
  let dirs: readonly [rules: string, later: string];
  let deployment: Deployment;
  let serving: RoleProcess;
  let url: string;
  beforeAll(async () => {
    dirs = [await writeCity(RULES), await writeCity(CITY_LATER)];
    deployment = await openDeployment({ rulesDir: dirs[0], partitions: { events: 2, derived: 1 } });
    serving = deployment.run(['ingest', 'http', 'evaluate', 'alert', 'archive']);
    url = (await serving.ready) ?? '';
    await send(() => [url], registrations());
    for (let body = 0; body < 6; body++) await send(() => [url], [complaint(body)]);
    await until(async () => (await warningsOf(url)).some(({ level }) => level === 'orange'));
  }, 240_000);
  afterAll(async () => {
    await deployment?.close();
    for (const dir of dirs ?? []) await rm(dir, { recursive: true });
  });

  const run = async (...args: string[]) => {
    const env = { ...process.env, ...deployment.env };
    const options = { env, cwd: deployment.folder };
    return promisify(execFile)(
      process.execPath,
      [MAIN, ...args, '--config', deployment.config],
      options,
    ).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        out: stdout,
        err: stderr,
      }),
    );
  };
  const told = async <T>(...args: string[]) => {
    const { code, out, err } = await run(...args);
    expect(code, err).toBe(0);
    return JSON.parse(out) as T;
  };

  it('explains, records and tests again what was warned, with the rules that ran', async () => {
    const [warning] = (await warningsOf(url)).filter(({ model }) => model === MODEL);
    // The deployment answers as far as its slowest partition has come.
    await until(async () => {
      const { code, out } = await run('backtest', '--rules', dirs[0], '--format', 'json');
      return code === 0 && out.split('\n').some((line) => line.includes('"level":"orange"'));
    });
    const { explanation, ran } = await told<{ explanation: Explanation; ran: string }>(
      ...['explain', ...OF_SHOP, '--rules', dirs[0], '--format', 'json'],
    );
    expect(explanation).toMatchObject({ level: 'orange', episode: { warning: warning?.warning } });
    expect(explanation.key).toMatchObject({ id: 'shop:1', name: '一号店' });
    expect(ran).toBe(warning?.revision);
    expect(JSON.stringify(explanation)).not.toContain('投诉人');

    const backtest = await run('backtest', '--rules', dirs[0]);
    const transitions = backtest.out.split('\n').filter((line) => line !== '');
    const own = transitions.map((line) => JSON.parse(line) as { model: string; level: string; id: string });
    const levels = own.filter(({ model }) => model === MODEL).map(({ level }) => level);
    expect(levels).toEqual(['blue', 'yellow', 'orange']);
    expect(own.find(({ model }) => model === MODEL)?.id).toBe(`${warning?.warning}/0`);
    const compared = await run('backtest', '--compare', dirs[0], dirs[1]);
    expect([compared.code, compared.out]).toEqual([0, expect.stringMatching(/food\/complained/)]);

    const recorded = await run('record', ...OF_SHOP, '--rules', dirs[0], '--write');
    expect(recorded.code, recorded.err).toBe(0);
    const tests = await readFile(join(dirs[0], `${MODEL}.test.yaml`), 'utf8');
    expect(tests).toContain('level: orange');
    expect(tests).not.toMatch(/投诉人|shop:1|一号店/);
    // The other models have no tests.
    expect((await fenghuo(['test', dirs[0]], deployment.folder)).out).toContain('1 passed, 0 failed');
  }, 240_000);

  it('says what models in the shadow said, plans others, brings them in and takes them back', async () => {
    const { models } = await told<ShadowsFound>('models', 'shadow', '--json');
    expect(models.map(({ model }) => model)).toEqual(['food/tried']);
    expect((await run('models', 'shadow', '--model', 'food/tried')).out).toContain('food/tried');
    expect((await run('models', 'shadow', '--model', 'food/none')).err).toContain('food/tried');

    const plan = await run('models', 'apply', '--plan', '--rules', dirs[1]);
    expect([plan.code, plan.out]).toEqual([3, expect.stringContaining('joint/region')]);
    const first = await told<ModelsView>('models', 'status', '--json');
    expect(first).toMatchObject({ at: null, waiting: false, unprimed: 0 });
    const applied = await run('models', 'apply', '--rules', dirs[1], '--because', '收紧');
    const [, revision, at] = /^(\w{16}) comes into force at (\S+)$/m.exec(applied.out) ?? [];
    const status = async () => told<ModelsView>('models', 'status', '--json');
    await until(async () => {
      const { running, unprimed } = await status();
      return running === revision && unprimed === 0;
    });
    // Also once the history of its indicators has been told.
    expect(await status()).toMatchObject({ announced: revision, at });
    const rollback = await run('models', 'rollback', first.running.slice(0, 6), '--plan');
    expect([rollback.code, rollback.out]).toEqual([3, expect.stringContaining('joint/region')]);
    const back = await run('models', 'rollback', first.running.slice(0, 6), '--because', '误报');
    expect(back.out).toContain(`${first.running} comes into force at`);
    await until(async () => (await status()).running === first.running);
    const { changes } = await told<ModelsView>('models', 'history', '--json');
    expect(changes.map(({ way, note }) => [way, note])).toEqual([
      ['start', null],
      ['apply', '收紧'],
      ['rollback', '误报'],
    ]);
  }, 240_000);

  it('nothing runs on a Redis that would throw state away, and nothing is changed where it is lost', async () => {
    await serving.end('SIGTERM');
    const redis = (...args: string[]) =>
      runCommand('redis-cli', ['-p', String(deployment.redis.port), ...args]);
    await redis('CONFIG', 'SET', 'maxmemory', '64mb');
    await redis('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const refused = deployment.run(['evaluate']);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/STORE_EVICTS: .*allkeys-lru/);
    await redis('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await redis('FLUSHALL');
    for (const args of [['status'], ['history'], ['apply', '--rules', dirs[1]], ['rollback', 'abcd']]) {
      expect((await run('models', ...args)).err, args[0]).toContain('STATE_LOST');
    }
    expect((await run('explain', ...OF_SHOP, '--rules', dirs[0])).err).toContain('STATE_LOST');
  }, 240_000);
});

const event = (id: string, subject: string, stream: string, data: object): SentEvent => ({
  ...{ specversion: '1.0', id, source: 'urn:test', type: `fenghuo.${stream}`, subject },
  time: new Date().toISOString(),
  data,
});

/** Of enough subjects that every partition has some. */
function registrations(): SentEvent[] {
  return Array.from({ length: 20 }, (_, index) =>
    event(`r${index}`, `shop:${index}`, 'registration', {
      ...{ kind: 'enterprise', name: index === 1 ? '一号店' : `店${index}`, region: '330106' },
    }),
  );
}

function complaint(index: number): SentEvent {
  const complainant = `投诉人${index % 3}`;
  return event(`c${index}`, 'shop:1', 'complaint', { category: '食品', complainant, region: '330106' });
}

interface Warning {
  readonly warning: string;
  readonly model: string;
  readonly level: string;
  readonly revision: string;
}

async function warningsOf(url: string): Promise<readonly Warning[]> {
  const answer = await fetch(`${url}/v1/warnings?limit=50`);
  return ((await answer.json()) as { items: Warning[] }).items;
}

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const overdue = Date.now() + 90_000; !(await met());) {
    if (Date.now() > overdue) throw new Error('it takes too long');
    await new Promise((next) => setTimeout(next, 200));
  }
}
