// Processes on real servers, killed and started at random: what they said is what one undisturbed run says.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { randomFrom } from '../simulation/generate.js';
import { CITY, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment, type RoleProcess } from '../support/servers/deployment.js';
import { Judge, PARTITIONS } from '../support/servers/judgement.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import { send, Traffic } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';

const KILLS = 6;
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
  const { rules } = loadRules(CITY);
  let deployment: Deployment;
  let rulesDir: string;
  let judge: Judge;
  const processes: RoleProcess[] = [];
  const urls = new Map<RoleProcess, string>();

  const start = async (index: number) => {
    const started = deployment.run(PROCESSES[index] as readonly string[]);
    processes[index] = started;
    const url = await started.ready;
    if (url !== null) urls.set(started, url);
  };

  beforeAll(async () => {
    rulesDir = await writeCity();
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS });
    judge = Judge.open(deployment);
    await Promise.all(PROCESSES.map((_, index) => start(index)));
  }, 240_000);
  afterAll(async () => {
    await judge?.close();
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  it('says, delivers and archives what one undisturbed run does, nothing lost and nothing twice', async () => {
    if (rules === null) throw new Error('the rules of the city are faulty');
    const random = randomFrom(7);
    const traffic = new Traffic(7);
    const alive = () => [...urls].filter(([one]) => processes.includes(one)).map(([, url]) => url);
    await send(alive, traffic.registrations(Date.now()));
    for (let kill = 0; kill < KILLS; kill++) {
      for (let body = 0; body < 12; body++) await send(alive, traffic.next(10, Date.now()));
      const index = kill % PROCESSES.length;
      const victim = processes[index] as RoleProcess;
      // Some are asked to end, most are not.
      const ending = victim.end(random() < 0.3 ? 'SIGTERM' : 'SIGKILL');
      urls.delete(victim);
      for (let body = 0; body < 3; body++) await send(alive, traffic.next(10, Date.now()));
      await ending;
      await start(index);
    }
    // Nothing more comes in.
    await Promise.all(processes.filter((one) => urls.has(one)).map((one) => one.end('SIGTERM')));
    const isAtRest = await judge.isAtRest(await judge.lastTick(), REST_MS);
    expect(isAtRest, processes.map((one) => one.output()).join('\n---\n')).toBe(true);
    await Promise.all(processes.map((one) => one.end('SIGTERM')));

    const { expected, said } = await judge.judge(rules);
    expect(expected.transitions.length).toBeGreaterThan(50);
    for (const { name } of rules.models)
      expect(
        expected.transitions.some((text) => text.includes(name)),
        name,
      ).toBe(true);
    const wrong = expected.transitions.findIndex((text, index) => text !== said.transitions[index]);
    expect([wrong, said.transitions[wrong]]).toEqual([-1, undefined]);
    expect(said.transitions.length).toBe(expected.transitions.length);
    expect(expected.deliveries.length).toBeGreaterThan(50);
    expect(said).toEqual(expected);
  }, 480_000);
});
