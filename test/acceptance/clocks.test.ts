// A machine whose clock runs ahead: time passes by the others, what it takes is held back, and the operators hear of both.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment } from '../support/servers/deployment.js';
import { Judge, PARTITIONS } from '../support/servers/judgement.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import { send, type SentEvent } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';

const AHEAD_MS = 120_000;
/** Moves the clock of a process before anything of it runs. */
const SHIFT = `const now = Date.now; Date.now = () => now() + ${AHEAD_MS};`;
const SHIFTED = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(SHIFT)}` };
const ROLES = ['ingest', 'http', 'evaluate', 'alert', 'archive'];

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('a process on servers whose clock runs two minutes ahead', () => {
  let rulesDir: string;
  let deployment: Deployment;
  let judge: Judge;
  beforeAll(async () => {
    rulesDir = await writeCity();
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS });
    judge = Judge.open(deployment);
  }, 240_000);
  afterAll(async () => {
    await judge?.close();
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  it('lets no time pass, also where it is alone, and what it takes is dated by the ticks', async () => {
    const right = deployment.run(ROLES);
    const url = (await right.ready) ?? '';
    await send(() => [url], [complaint('c1')]);
    const ahead = deployment.run(['ingest', 'http'], [], SHIFTED);
    const there = (await ahead.ready) ?? '';
    const begun = Date.now();
    await send(() => [there], [complaint('c2')]);
    const alerts = async () => (await (await fetch(`${there}/metrics`)).text()).replaceAll('"', '');
    const counted = /fenghuo_operator_alerts_by_code_total\{code=(CLOCK_APART|INGEST_AHEAD)\} [1-9]/g;
    expect([...(await alerts()).matchAll(counted)].map(([, code]) => code).sort()).toEqual([
      'CLOCK_APART',
      'INGEST_AHEAD',
    ]);
    expect(ahead.output()).toMatch(/CLOCK_APART.*fenghuo doctor/);
    // Longer than it takes for a silent process to lose its voice, and whoever lets time pass its lease.
    await until(async () => (await judge.lastTick()) > begun + 15_000);
    expect(await judge.lastTick()).toBeLessThan(Date.now() + 5_000);
    await right.end('SIGTERM');
    const last = await judge.lastTick();
    await send(() => [there], [complaint('c3')]);
    await new Promise((next) => setTimeout(next, 12_000));
    expect(await judge.lastTick()).toBe(last);
    // Another one with a clock that goes right lets time pass again, and says what was taken meanwhile.
    const again = deployment.run(ROLES);
    const url2 = (await again.ready) ?? '';
    await until(async () => (await warnings(url2)).some(({ level }) => level === 'yellow'));
    expect(await judge.lastTick()).toBeLessThan(Date.now() + 5_000);
    await ahead.end('SIGTERM');
    await again.end('SIGTERM');
  }, 240_000);
});

function complaint(id: string): SentEvent {
  return {
    ...{ specversion: '1.0', id, source: 'urn:test', type: 'fenghuo.complaint', subject: 'shop:1' },
    time: new Date(Date.now() - 60_000).toISOString(),
    data: { category: '食品', complainant: id, region: '330106' },
  };
}

async function warnings(url: string): Promise<readonly { readonly level: string }[]> {
  const answer = await fetch(`${url}/v1/warnings?limit=50`);
  return ((await answer.json()) as { items: { level: string }[] }).items;
}

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const overdue = Date.now() + 60_000; !(await met());) {
    if (Date.now() > overdue) throw new Error('it takes too long');
    await new Promise((next) => setTimeout(next, 200));
  }
}
