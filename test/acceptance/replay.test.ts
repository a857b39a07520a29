// A replay beside a deployment on real servers: with its rules it says what was said, with others what they would have.
import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openKafkaLogs } from '../../src/adapters/kafka/kafka.js';
import { openOutbound } from '../../src/adapters/outbound/outbound.js';
import type { InboxRecord, WarningRecord } from '../../src/alerts/inbox.js';
import type { ShadowResult } from '../../src/app/shadow-replay.js';
import type { Transition } from '../../src/engine/output.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { MAIN } from '../support/command-line.js';
import { writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment } from '../support/servers/deployment.js';
import { Judge, PARTITIONS } from '../support/servers/judgement.js';
import { kafkaRuns, letGoOfEvents } from '../support/servers/kafka.js';
import { recordsOf } from '../support/servers/oracle.js';
import { redisRuns } from '../support/servers/redis.js';
import { send, Traffic } from '../support/servers/traffic.js';
import { chdbRuns } from '../support/warehouse.js';

const ROLES = ['ingest', 'http', 'evaluate', 'alert', 'archive'];
const COLUMNS = [
  ...['warning', 'ordinal', 'model', 'scope', 'key', 'level', 'previous', 'reason', 'indicators'],
  ...['toUnixTimestamp64Milli(clock) AS clock', 'toUnixTimestamp64Milli(raised) AS raised'],
].join(', ');

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('a replay beside a deployment on servers', () => {
  let rulesDir: string;
  let deployment: Deployment;
  let judge: Judge;
  let warehouse: OpenWarehouse;

  beforeAll(async () => {
    rulesDir = await writeCity();
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS });
    judge = Judge.open(deployment);
    warehouse = openWarehouse({ ...deployment.warehouse.options, database: 'fenghuo' });
  }, 240_000);
  afterAll(async () => {
    await judge?.close();
    await warehouse?.close();
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  const replay = async (name: string, span: readonly [number, number], ...more: string[]) => {
    const [from, to] = span.map((one) => new Date(one).toISOString()) as [string, string];
    const config = ['--config', deployment.config, '--name', name];
    const args = ['replay', '--from', from, '--to', to, ...config, '--json', ...more];
    const env = { ...process.env, ...deployment.env };
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { env });
    return JSON.parse(stdout) as ShadowResult;
  };
  const count = async (table: string, where = '1') =>
    Number((await warehouse.query(`SELECT count() AS n FROM ${table} WHERE ${where}`))[0]?.['n']);
  const until = async (met: () => Promise<boolean>) => {
    for (const overdue = Date.now() + 60_000; !(await met());) {
      if (Date.now() > overdue) throw new Error('it takes too long');
      await new Promise((next) => setTimeout(next, 200));
    }
  };

  it('says with the rules that run what was said, and with others what they would have said, to nobody', async () => {
    const running = deployment.run(ROLES);
    const url = (await running.ready) ?? '';
    const traffic = new Traffic(11);
    const bodies = async (most: number) => {
      for (let body = 0; body < most; body++) await send(() => [url], traffic.next(10, Date.now()));
    };
    await send(() => [url], traffic.registrations(Date.now()));
    await bodies(15);
    const from = Date.now();
    await bodies(25);
    const to = Date.now() + 1;
    // While it goes on.
    await bodies(5);
    await until(async () => (await judge.progress()).done > to && (await count('events')) > 400);

    const whole = await replay('as-it-was', [from, to], '--models', rulesDir, '--warm-up', 'all');
    const said = (await saidBy(deployment)).filter(({ clock }) => clock >= from && clock < to);
    expect(said.length).toBeGreaterThan(20);
    expect(new Set(said.map(({ model }) => model)).size).toBeGreaterThan(2);
    const current = (name: string) =>
      warehouse.query(`SELECT ${COLUMNS} FROM shadow_warnings_current WHERE replay = {name:String}`, {
        name,
      });
    expect((await current('as-it-was')).map(textOf).sort()).toEqual(said.map(rowOf).map(textOf).sort());
    expect(whole.summary).toMatchObject({ transitions: said.length, since: null, lasting: [] });
    for (const { changes } of whole.summary.comparison.models)
      expect(changes).toEqual({ same: changes.same, earlier: 0, later: 0, new: 0, gone: 0 });

    // As far back as the rules reach, under the same name: in place of the rows before.
    const again = await replay('as-it-was', [from, to], '--models', rulesDir);
    expect(again.summary).toEqual({ ...whole.summary, since: again.summary.since });
    expect(again.summary.since).toBeLessThan(from - 60 * 86_400_000);
    expect(await count('shadow_warnings', "replay = 'as-it-was'")).toBe(said.length);
    expect(await count('shadow_replays', "replay = 'as-it-was'")).toBe(1);

    // Others, of which one was named: it is compared alone.
    const others = join(deployment.folder, 'others');
    await cp(rulesDir, others, { recursive: true });
    const path = join(others, 'food', 'complained.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace('complaints >= 2', 'complaints >= 1'));
    const { summary } = await replay('earlier', [from, to], '--models', path);
    expect(summary.comparison.models.map(({ model }) => model)).toEqual(['food/complained']);
    expect(summary.comparison.models[0]?.changes.gone).toBe(0);
    const [compared] = summary.comparison.models;
    expect((compared?.changes.new ?? 0) + (compared?.changes.earlier ?? 0)).toBeGreaterThan(0);
    expect(summary.revision).not.toBe(whole.summary.revision);
    expect(await count('shadow_warnings', "replay = 'as-it-was'")).toBe(said.length);

    // Nothing of it is among what was said.
    const now = await saidBy(deployment);
    await until(async () => (await count('warnings')) >= now.length);
    expect(await count('warnings', `revision = '${summary.revision}'`)).toBe(0);
    expect(now.every(({ revision }) => revision === whole.summary.revision)).toBe(true);
    await expect(replay('late', [from, Date.now() + 3_600_000])).rejects.toThrow('USAGE');
    expect(await judge.isAtRest(await judge.lastTick(), 60_000), running.output()).toBe(true);
    await running.end('SIGTERM');
  }, 480_000);

  it('goes on where Kafka has let go of events that windows still hold, and takes back what it let go', async () => {
    // Whoever starts has nothing at hand of what was said before.
    const ends = await letGoOfEvents(deployment.kafka.address, await judge.passed());
    const traffic = new Traffic(11);
    const again = deployment.run(ROLES);
    const url = (await again.ready) ?? '';
    // The same senders with the same ids: duplicates first, then what is new, among it revocations of what came before.
    const before = (await saidBy(deployment)).length;
    await send(() => [url], traffic.registrations(Date.now()));
    for (let body = 0; body < 70; body++) await send(() => [url], traffic.next(10, Date.now()));
    await until(async () => (await warningsOf(deployment)).length > before + 10);
    const old = ({ position }: Transition['contributions']['events'][number]) =>
      position !== null && position.offset < (ends[position.partition] ?? 0);
    const isTaken = ends.map(
      (end, one) => `partition = ${one} AND offset < ${end} AND cause_offset >= ${end}`,
    );
    const taken = isTaken.map((one) => `(${one})`).join(' OR ');
    await until(async () => (await count('events', `sign = -1 AND (${taken})`)) > 0);
    await again.end('SIGTERM');

    const said = (await warningsOf(deployment)).slice(before);
    const holding = said.filter(({ transition }) => transition.contributions.events.some(old));
    expect(holding.length).toBeGreaterThan(5);
    for (const { sample, transition } of said) {
      const shown = transition.contributions.events.slice(-20).filter(({ position }) => position !== null);
      expect(sample.map(({ id }) => id)).toEqual(shown.map(({ id }) => id));
    }
    expect(await judge.brokenChains()).toEqual([]);
  }, 480_000);
});

/** The transitions of the alert inbox, each once. */
async function saidBy(deployment: Deployment): Promise<Transition[]> {
  return (await warningsOf(deployment)).map(({ transition }) => transition);
}

async function warningsOf({ kafka }: Deployment): Promise<WarningRecord[]> {
  const settings = { brokers: [kafka.address], tls: false, mechanism: 'plain' } as const;
  const logs = openKafkaLogs({ settings, dial: openOutbound({ allowAddresses: ['127.0.0.0/8'] }).dial });
  try {
    const filter = new OriginFilter({});
    const records = (await recordsOf(logs.log('inbox'), 0)).map((value) => decodeJson<InboxRecord>(value));
    return records.filter(
      (record): record is WarningRecord => record.kind === 'warning' && filter.admit(record.origin),
    );
  } finally {
    await logs.close();
  }
}

function rowOf({ indicators, ...one }: Transition): object {
  const { warning, ordinal, model, scope, key, level, previous, reason, clock, raised } = one;
  const figures = JSON.stringify(indicators);
  return { warning, ordinal, model, scope, key, level, previous, reason, indicators: figures, clock, raised };
}

function textOf(row: object): string {
  return JSON.stringify(row);
}
