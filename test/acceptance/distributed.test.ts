// Processes on real servers, killed and started at random: what they said is what one undisturbed run says.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaLogs, type KafkaLogs } from '../../src/adapters/kafka/kafka.js';
import { openOutbound } from '../../src/adapters/outbound/outbound.js';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openRedis } from '../../src/adapters/redis/redis.js';
import { decodeRecord } from '../../src/events/codec.js';
import { loadRules } from '../../src/model/load.js';
import { ALERT_NAMESPACE } from '../../src/pipeline/alert-names.js';
import { checkpointOf } from '../../src/pipeline/checkpoint.js';
import { deliveredOf } from '../../src/pipeline/positions.js';
import { SEQUENCE_NAMESPACE, type SequenceMeta } from '../../src/pipeline/wide/sequence.js';
import { randomFrom } from '../simulation/generate.js';
import { openDeployment, type Deployment, type RoleProcess } from '../support/servers/deployment.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import {
  expectedDeliveries,
  expectedTransitions,
  mergedEvents,
  recordsOf,
  saidDeliveries,
  saidTransitions,
} from '../support/servers/oracle.js';
import { REDIS_SCRIPTS, redisRuns } from '../support/servers/redis.js';
import { chdbRuns } from '../support/warehouse.js';
import { CITY, writeCity } from './distributed-rules.js';
import { send, Traffic } from './distributed-traffic.js';

const PARTITIONS = { events: 3, derived: 2 };
const KILLS = 6;
/** The roles of each process; what is there twice takes over from the other. */
const PROCESSES: readonly (readonly string[])[] = [
  ['ingest', 'http', 'evaluate'],
  ['ingest', 'http', 'evaluate'],
  ['alert', 'archive'],
];

const runs = (await kafkaRuns()) && (await redisRuns()) && chdbRuns();

describe.runIf(runs)('a deployment whose processes are killed at random', () => {
  const { rules } = loadRules(CITY);
  let deployment: Deployment;
  let rulesDir: string;
  let logs: KafkaLogs;
  let redis: ReturnType<typeof openRedis>;
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
    const settings = { brokers: [deployment.kafka.address], tls: false, mechanism: 'plain' } as const;
    const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
    logs = openKafkaLogs({ settings, dial });
    redis = openRedis({ nodes: [deployment.redis.address] }, REDIS_SCRIPTS);
    await Promise.all(PROCESSES.map((_, index) => start(index)));
  }, 240_000);
  afterAll(async () => {
    await logs?.close();
    await redis?.close();
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
    const until = Date.now() + 1_000;
    await settled(until);
    await Promise.all(processes.map((one) => one.end('SIGTERM')));

    const done = (await checkpointOf<SequenceMeta>(redis.state, SEQUENCE_NAMESPACE))?.done ?? 0;
    const merged = await mergedEvents(logs.log('events'), PARTITIONS.events);
    const expected = expectedTransitions(rules, merged, done);
    const said = await saidTransitions(logs.log('inbox'));
    expect(expected.length).toBeGreaterThan(50);
    for (const { name } of rules.models)
      expect(
        expected.some((text) => text.includes(name)),
        name,
      ).toBe(true);
    const wrong = expected.findIndex((text, index) => text !== said[index]);
    expect([wrong, said[wrong]]).toEqual([-1, undefined]);
    expect(said.length).toBe(expected.length);

    const deliveries = await saidDeliveries(logs.log('deliveries'));
    expect(deliveries).toEqual(await expectedDeliveries(rules, logs.log('inbox')));
    expect(deliveries.length).toBeGreaterThan(50);
    const ids = deliveries.map((text) => (JSON.parse(text) as { id: string }).id);
    expect((await inboxIds(deployment)).sort()).toEqual([...ids].sort());

    const events = merged.filter(({ kind }) => kind === 'event');
    await expectRows({ events: events.length, warnings: said.length, deliveries: deliveries.length });
  }, 480_000);

  /** Resolves once everything up to an instant is decided, delivered and archived. */
  async function settled(until: number): Promise<void> {
    const { state } = redis;
    const isSettled = async () => {
      const sequence = await checkpointOf<SequenceMeta>(state, SEQUENCE_NAMESPACE);
      if ((sequence?.done ?? 0) < until) return false;
      const alert = await checkpointOf<{ offset: number }>(state, ALERT_NAMESPACE);
      if ((alert?.offset ?? 0) < (await logs.log('inbox').end(0))) return false;
      if ((await deliveredOf(state)) < (await logs.log('deliveries').end(0))) return false;
      return isArchived();
    };
    for (let attempt = 0; attempt < 600; attempt++) {
      if (await isSettled()) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    throw new Error(`it does not come to rest:\n${processes.map((one) => one.output()).join('\n---\n')}`);
  }

  /** Whether all events of the log, and all warnings of the inbox, are in the warehouse. */
  async function isArchived(): Promise<boolean> {
    const archived = async (name: string) =>
      (await checkpointOf<{ next: number }>(redis.state, `archive/${name}`))?.next ?? 0;
    for (let partition = 0; partition < PARTITIONS.events; partition++) {
      const kinds = (await recordsOf(logs.log('events'), partition)).map((value) => decodeRecord(value).kind);
      if ((await archived(`events/${partition}`)) <= kinds.lastIndexOf('event')) return false;
    }
    const ends = ['inbox', 'deliveries'] as const;
    const open = await Promise.all(
      ends.map(async (name) => (await archived(`${name}/0`)) < (await logs.log(name).end(0))),
    );
    return !open.includes(true);
  }

  /** What the tables hold, each position once. */
  async function expectRows(expected: { readonly [table: string]: number }): Promise<void> {
    const warehouse = openWarehouse({ ...deployment.warehouse.options, database: 'fenghuo' });
    try {
      const counted: { [table: string]: number } = {};
      for (const table of Object.keys(expected)) {
        const place = table === 'events' ? 'partition, offset' : 'offset';
        const where = table === 'events' ? 'WHERE sign >= 0' : '';
        const sql = `SELECT count() AS total, uniqExact(${place}) AS places FROM ${table} ${where}`;
        const [row] = await warehouse.query(sql);
        expect(Number(row?.['places']), table).toBe(Number(row?.['total']));
        counted[table] = Number(row?.['total']);
      }
      expect(counted).toEqual(expected);
    } finally {
      await warehouse.close();
    }
  }
});

/** Ids in the inbox files of all departments. */
async function inboxIds({ folder }: Deployment): Promise<string[]> {
  const dir = join(folder, 'data', 'inbox');
  const ids: string[] = [];
  for (const name of await readdir(dir)) {
    const lines = (await readFile(join(dir, name), 'utf8')).split('\n').filter((line) => line !== '');
    ids.push(...lines.map((line) => (JSON.parse(line) as { id: string }).id));
  }
  return ids;
}
