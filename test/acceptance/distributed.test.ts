// Processes on real servers, killed and started at random: what they said is what one undisturbed run says.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelsStatus } from '../../src/app/models-side.js';
import type { Transition } from '../../src/engine/output.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { randomFrom } from '../simulation/generate.js';
import { CITY, CITY_LATER, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment, type RoleProcess } from '../support/servers/deployment.js';
import { Judge, PARTITIONS } from '../support/servers/judgement.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import { send, Traffic } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';

const KILLS = 8;
const CHANGE_AT = 3;
const LOOKS_MOST = 60;
const REST_MS = 120_000;
/** The roles of each process; what is there twice takes over from the other. */
const PROCESSES: readonly (readonly string[])[] = [
  ['ingest', 'http', 'evaluate'],
  ['alert', 'archive'],
  ['ingest', 'http'],
  ['evaluate'],
];

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('a deployment whose processes are killed at random', () => {
  const sets = [CITY, CITY_LATER].map((city) => loadRules(city).rules as RuleSet);
  const [first, later] = sets as [RuleSet, RuleSet];
  let deployment: Deployment;
  let rulesDir: string;
  let laterDir: string;
  let judge: Judge;
  const processes: RoleProcess[] = [];
  const urls = new Map<RoleProcess, string>();

  const models = (...args: string[]) =>
    deployment.command(['models', args[0] as string, '--config', deployment.config, ...args.slice(1)]);
  const start = async (index: number) => {
    const started = deployment.run(PROCESSES[index] as readonly string[]);
    processes[index] = started;
    const url = await started.ready;
    if (url !== null) urls.set(started, url);
  };

  beforeAll(async () => {
    rulesDir = await writeCity();
    laterDir = await writeCity(CITY_LATER);
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS });
    judge = Judge.open(deployment);
    await Promise.all(PROCESSES.map((_, index) => start(index)));
  }, 240_000);
  afterAll(async () => {
    await judge?.close();
    await deployment?.close();
    for (const dir of [rulesDir, laterDir]) if (dir !== undefined) await rm(dir, { recursive: true });
  });

  it('says, delivers and archives what one undisturbed run does, nothing lost and nothing twice', async () => {
    const random = randomFrom(7);
    const traffic = new Traffic(7);
    const alive = () => [...urls].filter(([one]) => processes.includes(one)).map(([, url]) => url);
    await send(alive, traffic.registrations(Date.now()));
    for (let kill = 0; kill < KILLS; kill++) {
      for (let body = 0; body < 12; body++) await send(alive, traffic.next(10, Date.now()));
      const index = kill % PROCESSES.length;
      // Other rules come in while processes are killed, and their history is told meanwhile.
      if (kill === CHANGE_AT)
        expect(await models('apply', '--rules', laterDir)).toMatch(/comes into force at/);
      const victim = processes[index] as RoleProcess;
      // Some are asked to end, most are not.
      const ending = victim.end(random() < 0.3 ? 'SIGTERM' : 'SIGKILL');
      urls.delete(victim);
      for (let body = 0; body < 3; body++) await send(alive, traffic.next(10, Date.now()));
      await ending;
      await start(index);
    }
    // Time goes on until the later rules are in force and know their history, and then they have something to say.
    for (let looks = 0; looks < LOOKS_MOST; looks++) {
      await send(alive, traffic.next(10, Date.now()));
      const { running, unprimed } = JSON.parse(await models('status', '--json')) as ModelsStatus;
      if (running === later.revision && unprimed === 0) break;
    }
    for (let body = 0; body < 20; body++) await send(alive, traffic.next(10, Date.now()));
    expect(JSON.parse(await models('status', '--json'))).toMatchObject({
      running: later.revision,
      announced: later.revision,
      waiting: false,
      unprimed: 0,
    });
    // Nothing more comes in.
    await Promise.all(processes.filter((one) => urls.has(one)).map((one) => one.end('SIGTERM')));
    const isAtRest = await judge.isAtRest(await judge.lastTick(), REST_MS);
    expect(isAtRest, processes.map((one) => one.output()).join('\n---\n')).toBe(true);
    await Promise.all(processes.map((one) => one.end('SIGTERM')));

    const { expected, said } = await judge.judge(first, later);
    expect(expected.transitions.length).toBeGreaterThan(50);
    const parsed = expected.transitions.map((text) => JSON.parse(text) as Transition);
    expect(new Set(parsed.map(({ model }) => model))).toEqual(
      new Set(sets.flatMap(({ models }) => models.map(({ name }) => name))),
    );
    const after = parsed.filter(({ revision }) => revision === later.revision);
    for (const name of ['food/complained', 'joint/region'])
      expect(after.some(({ model }) => model === name)).toBe(true);
    expect(parsed.some(({ reason }) => reason === 'model-removed')).toBe(true);
    const wrong = expected.transitions.findIndex((text, index) => text !== said.transitions[index]);
    expect([wrong, said.transitions[wrong]]).toEqual([-1, undefined]);
    expect(said.transitions.length).toBe(expected.transitions.length);
    expect(expected.deliveries.length).toBeGreaterThan(50);
    expect(said).toEqual(expected);
  }, 480_000);
});
