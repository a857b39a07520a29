// fenghuo doctor through the built program: real servers, good and bad, as text and as JSON.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaLogs } from '../../src/adapters/kafka/kafka.js';
import { LOG_NAMES } from '../../src/adapters/kafka/topics.js';
import { openOutbound } from '../../src/adapters/outbound/outbound.js';
import type { ServerFinding } from '../../src/app/doctor.js';
import { fenghuo } from '../support/command-line.js';
import { kafkaRuns, openTestBroker } from '../support/servers/kafka.js';
import { freePort, type TestServer } from '../support/servers/process.js';
import { openTestRedis, redisRuns } from '../support/servers/redis.js';
import { chdbRuns, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());
const dir = mkdtempSync(join(tmpdir(), 'fenghuo-doctor-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, text, { mode });
  return path;
}

const TOPICS = `replication: 1
min_in_sync: 1
max_message_bytes: 16842752
logs:
${LOG_NAMES.map((name) => `  ${name}: { partitions: 1, retention_days: forever }`).join('\n')}
`;

interface Answer {
  readonly ok: boolean;
  readonly errors: number;
  readonly findings: readonly ServerFinding[];
}

describe.runIf(runs)('fenghuo doctor', () => {
  let broker: TestServer;
  let redis: TestServer;
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    broker = await openTestBroker();
    redis = await openTestRedis({ durable: true });
    warehouse = await openTestWarehouse();
  }, 240_000);
  afterAll(async () => {
    await broker?.close();
    await redis?.close();
    await warehouse?.close();
  });

  const servers = (brokers: string, node: string) =>
    file(
      'servers.yaml',
      `prefix: county
kafka: { brokers: ['${brokers}'], tls: false }
redis: { nodes: ['${node}'], tls: false }
clickhouse: { url: '${warehouse.options.url}', password: 'file:${file('token', String(warehouse.options.password))}' }
`,
    );

  it('names every error with what to do, and finds none once that is done', async () => {
    const topics = file('topics.yaml', TOPICS);
    const config = servers(broker.address, redis.address);
    const doctor = ['doctor', '--config', config, '--topics', topics, '--json'];
    const before = await fenghuo(doctor, dir);
    const found = JSON.parse(before.out) as Answer;
    expect([before.code, found.ok]).toEqual([1, false]);
    const errors = found.findings.filter(({ level }) => level === 'error');
    expect(errors.map(({ server, about }) => `${server} ${about}`)).toEqual(
      expect.arrayContaining(['kafka county.events', 'kafka county.seals']),
    );
    expect(errors.every(({ fix }) => fix === 'fenghuo topics apply --config <this file>')).toBe(true);
    await fenghuo(['topics', 'apply', '--config', config, '--topics', topics], dir);
    const after = await fenghuo(doctor, dir);
    expect([after.code, (JSON.parse(after.out) as Answer).errors]).toEqual([0, 0]);
    expect(after.out).toContain('none, and no events in the logs');
    const rebuild = (text: string) =>
      (JSON.parse(text) as Answer).findings.find(({ about }) => about.startsWith('rebuild'));
    expect(rebuild(after.out)).toMatchObject({
      level: 'warning',
      fix: expect.stringContaining('set it before') as string,
    });
    const held = await fenghuo(doctor, dir, '', { FENGHUO_SITE_KEY: 'ab'.repeat(32) });
    expect(rebuild(held.out)?.level).toBe('ok');
    const settings = { brokers: [broker.address], tls: false, mechanism: 'plain' } as const;
    const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
    const logs = openKafkaLogs({ settings, dial, prefix: 'county' });
    await logs.log('events').append(0, [new Uint8Array([1])]);
    await logs.close();
    const lost = await fenghuo(doctor, dir);
    expect([lost.code, lost.out]).toEqual([1, expect.stringContaining('run fenghuo rebuild --config')]);
  }, 120_000);

  it('says as text what is wrong with a server that is not there', async () => {
    const config = servers(broker.address, `127.0.0.1:${await freePort()}`);
    const { code, out, err } = await fenghuo(['doctor', '--config', config], dir);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^error {4}redis 127\.0\.0\.1:\d+: it cannot be asked: ECONNREFUSED$/m);
    expect(out).toMatch(/^ {9}to do: nothing listens there/m);
    expect(out).toMatch(/^\d+ errors, \d+ warnings?, \d+ ok$/m);
    expect(out).not.toContain(String(warehouse.options.password));
  }, 120_000);

  it('finds mappings of topics that cannot be read, and topics that nobody made', async () => {
    const raw = ['gone', 'faulty', 'good'].map((name) => `  - { topic: ${name}, mapping: ${name}.yaml }\n`);
    const config = `kafka: { brokers: ['${broker.address}'], tls: false }\nraw:\n${raw.join('')}`;
    const mapping = (source: string) =>
      `{ mapping: m, format: json, ${source}: urn:a, stream: penalty, id: { column: NO }, subject: { column: S }, time: { column: T }, data: { amount: { column: M, type: number } } }`;
    file('faulty.yaml', mapping('sources'));
    file('good.yaml', mapping('source'));
    const { out } = await fenghuo(['doctor', '--config', file('raw.yaml', config), '--json'], dir);
    const { findings } = JSON.parse(out) as Answer;
    const of = (about: string) => findings.find((one) => one.about === about);
    expect(of('gone mapping')).toMatchObject({ level: 'error', fix: 'correct its path in `raw`' });
    expect(of('faulty mapping')?.found).toMatch(/faulty\.yaml:1:\d+: \w+: \w+ key "sources?"/);
    expect(of('good mapping')?.level).toBe('ok');
    expect(of('good')?.fix).toMatch(/^correct its name in `raw`, or .* --create --topic good$/);
  }, 120_000);

  it('takes a server for broken off where one of the two speaks TLS', async () => {
    const config = file('tls.yaml', `kafka: { brokers: ['${broker.address}'] }\n`);
    const { code, out } = await fenghuo(['doctor', '--config', config], dir);
    expect(code).toBe(1);
    expect(out).toMatch(/to do: it broke off: see whether it speaks TLS/);
  }, 120_000);
});
