// Redis is emptied, or an older copy put back: the state is made anew from the logs, and all goes on as if nothing had been.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelsStatus } from '../../src/app/models-side.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { CITY, CITY_LATER, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment, type RoleProcess } from '../support/servers/deployment.js';
import { Judge, PARTITIONS } from '../support/servers/judgement.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { copied, emptyRedis, putBack } from '../support/servers/redis-copy.js';
import { redisRuns } from '../support/servers/redis.js';
import { send, Traffic } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';

const REST_MS = 120_000;
const LOOKS_MOST = 60;
const SITE_KEY = '5e'.repeat(32);
const PROCESSES: readonly (readonly string[])[] = [
  ['ingest', 'http', 'evaluate'],
  ['alert', 'archive'],
  ['evaluate'],
];

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('a deployment whose Redis is emptied', () => {
  const sets = [CITY, CITY_LATER].map((city) => loadRules(city).rules as RuleSet);
  const [first, later] = sets as [RuleSet, RuleSet];
  let deployment: Deployment;
  let rulesDir: string;
  let laterDir: string;
  let judge: Judge;
  let processes: RoleProcess[] = [];
  let url = '';

  const startAll = async () => {
    processes = PROCESSES.map((roles) => deployment.run(roles));
    [url = ''] = (await Promise.all(processes.map(({ ready }) => ready))).filter((one) => one !== null);
  };
  const rebuild = (env: NodeJS.ProcessEnv = {}, dir = rulesDir) =>
    deployment.command(['rebuild', '--config', deployment.config, '--rules', dir, '--rules', laterDir], env);
  const models = (command: string, ...args: string[]) =>
    deployment.command(['models', command, '--config', deployment.config, ...args]);
  const holds = (command: string, ...args: string[]) =>
    deployment.command(['hold', command, '--config', deployment.config, ...args]);
  const saying = async (process: RoleProcess, text: string) => {
    for (let attempt = 0; attempt < 300 && !process.output().includes(text); attempt++)
      await new Promise((next) => setTimeout(next, 100));
    expect(process.output()).toContain(text);
  };

  beforeAll(async () => {
    rulesDir = await writeCity();
    laterDir = await writeCity(CITY_LATER);
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS, siteKey: SITE_KEY });
    judge = Judge.open(deployment);
    await startAll();
  }, 240_000);
  afterAll(async () => {
    await judge?.close();
    await deployment?.close();
    for (const dir of [rulesDir, laterDir]) if (dir !== undefined) await rm(dir, { recursive: true });
  });

  it('is rebuilt from its logs, and says, delivers and archives what one undisturbed run does', async () => {
    const traffic = new Traffic(11);
    const more = async (bodies: number) => {
      for (let body = 0; body < bodies; body++) await send(() => [url], traffic.next(10, Date.now()));
    };
    await send(() => [url], traffic.registrations(Date.now()));
    await more(30);
    await expect(rebuild()).rejects.toThrow('STATE_NOT_LOST');
    // The rules change before the loss, and the history is told: both are in the logs.
    await models('apply', '--rules', laterDir);
    for (let looks = 0; looks < LOOKS_MOST; looks++) {
      await more(1);
      const { running, unprimed } = JSON.parse(await models('status', '--json')) as ModelsStatus;
      if (running === later.revision && unprimed === 0) break;
    }
    await more(10);

    const held = await ordered(holds);
    await emptyRedis(deployment.redis.port);
    // Who takes events goes on; who decides and who delivers does not.
    await more(4);
    for (const process of processes) await saying(process, 'STATE_LOST');
    const newcomer = deployment.run(['evaluate']);
    expect(await newcomer.ended).toBe(1);
    expect(newcomer.output()).toContain('STATE_LOST');
    const isRefused = expect(rebuild()).rejects.toThrow('REBUILD_RUNNING');
    await isRefused;
    await Promise.all(processes.map((one, index) => one.end(index === 0 ? 'SIGTERM' : 'SIGKILL')));

    await refusals(rebuild, rulesDir);
    // It is cut off at several places, and begun again.
    for (const place of ['before-checkpoint:2', 'after-checkpoint:2', 'before-checkpoint:1'])
      await expect(rebuild({ FENGHUO_CRASH_AT: place }), place).rejects.toThrow('SIGKILL');
    expect(await rebuild()).toContain('rebuilt');
    expect(await holds('list')).toBe(held);
    await expect(rebuild()).rejects.toThrow('STATE_NOT_LOST');

    await startAll();
    await more(20);
    // A copy is made while all work; later it is put back, and brought forward.
    const copy = await copied(deployment.redis.port);
    await more(10);
    await Promise.all(processes.map((one) => one.end('SIGKILL')));
    await putBack(deployment.redis.port, copy);
    const forward = (env: NodeJS.ProcessEnv = {}) =>
      deployment.command(['rebuild', '--config', deployment.config, '--from-copy'], env);
    await expect(forward({ FENGHUO_CRASH_AT: 'after-checkpoint:2' })).rejects.toThrow('SIGKILL');
    const early = deployment.run(['evaluate']);
    expect(await early.ended).toBe(1);
    expect(early.output()).toContain('STATE_LOST');
    expect(await forward()).toContain('rebuilt');

    await startAll();
    await more(10);
    await (processes[0] as RoleProcess).end('SIGTERM');
    // The other evaluates what it took.
    expect(
      await judge.isAtRest(await judge.lastTick(), REST_MS),
      processes.map((one) => one.output()).join('\n---\n'),
    ).toBe(true);
    await Promise.all(processes.map((one) => one.end('SIGTERM')));

    const { expected, said } = await judge.judge(first, later);
    expect(expected.transitions.join('\n')).toContain(later.revision);
    expect(expected.transitions.length).toBeGreaterThan(50);
    expect(expected.deliveries.length).toBeGreaterThan(50);
    expect(said).toEqual(expected);
    expect(await judge.brokenChains()).toEqual([]);
  }, 600_000);
});

/** Orders a legal hold. @returns what stands then */
async function ordered(holds: (command: string, ...args: string[]) => Promise<string>): Promise<string> {
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const order = ['--subject', 'shop:1', '--reason', '行政复议', '--by', '张三', '--until', until];
  await holds('add', ...order);
  const held = await holds('list');
  expect(held).toContain('subject:shop:1');
  return held;
}

/** What must be at hand: the key, and the rules as they ran. */
async function refusals(
  rebuild: (env?: NodeJS.ProcessEnv, dir?: string) => Promise<string>,
  rulesDir: string,
): Promise<void> {
  await expect(rebuild({ FENGHUO_SITE_KEY: '' })).rejects.toThrow('REBUILD_SITE_KEY');
  await expect(rebuild({ FENGHUO_SITE_KEY: '00'.repeat(32) })).rejects.toThrow('SITE_KEY');
  const other = await mkdtemp(join(tmpdir(), 'fenghuo-other-rules-'));
  try {
    await cp(rulesDir, other, { recursive: true });
    const model = (CITY.get('food/complained.yaml') as string).replace('complaints >= 3', 'complaints >= 4');
    await writeFile(join(other, 'food', 'complained.yaml'), model);
    await expect(rebuild({}, other)).rejects.toThrow('REBUILD_RULES');
  } finally {
    await rm(other, { recursive: true });
  }
}
