// The file of servers: the example that comes with the program, and what is refused, with its place.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { InvalidFiles } from '../../src/app/invalid-files.js';
import { readKafkaServers, readServers, readWholeServers } from '../../src/app/servers-file.js';
import { projectFolder } from '../../src/app/version.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-servers-'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string, name = 'servers.yaml'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Place, code and message of what is wrong with a file. */
async function faultsOf(text: string, read: (path: string) => Promise<unknown> = readServers) {
  const failure: unknown = await read(await file(text)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InvalidFiles);
  const said = JSON.stringify((failure as InvalidFiles).diagnostics);
  const faults = (failure as InvalidFiles).diagnostics.map(({ code, line }) => `${line} ${code}`);
  return { said, faults };
}

const KAFKA = "kafka: { brokers: ['k:1'] }\n";

describe('the file of servers', () => {
  it('that comes with the program is read whole, its references resolved', async () => {
    const ca = await file('-----BEGIN CERTIFICATE-----', 'ca.pem');
    await chmod(ca, 0o644);
    const example = await readFile(join(projectFolder(), 'infra', 'distributed.yaml'), 'utf8');
    const path = await file(example.replaceAll('file:/etc/fenghuo/ca.pem', `file:${ca}`));
    vi.stubEnv('FENGHUO_KAFKA_PASSWORD', 'k-word');
    await expect(readWholeServers(path)).rejects.toMatchObject({ code: 'CHANNEL_SECRET' });
    expect((await readKafkaServers(path)).kafka).toMatchObject({ user: 'fenghuo', password: 'k-word' });
    vi.stubEnv('FENGHUO_REDIS_PASSWORD', 'r-word');
    vi.stubEnv('FENGHUO_SENTINEL_PASSWORD', 's-word');
    vi.stubEnv('FENGHUO_CLICKHOUSE_PASSWORD', 'c-word');
    const pem = '-----BEGIN CERTIFICATE-----';
    expect(await readWholeServers(path)).toEqual({
      prefix: 'fenghuo',
      kafka: {
        brokers: [1, 2, 3].map((number) => `kafka-${number}.example.gov.cn:9093`),
        tls: true,
        ca: pem,
        mechanism: 'scram-sha-512',
        user: 'fenghuo',
        password: 'k-word',
      },
      redis: {
        prefix: 'fenghuo',
        nodes: [1, 2, 3].map((number) => `redis-${number}.example.gov.cn:26379`),
        mode: 'sentinel',
        master: 'fenghuo',
        username: 'fenghuo',
        password: 'r-word',
        sentinelPassword: 's-word',
        tls: true,
        ca: pem,
        replicas: 1,
      },
      clickhouse: {
        url: 'https://clickhouse.example.gov.cn:8443',
        username: 'fenghuo',
        password: 'c-word',
        ca: pem,
        database: 'fenghuo',
      },
      data: '/var/lib/fenghuo',
      raw: [
        { topic: 'inspections.raw', mapping: join(folder, 'mappings/prtr-penalties.yaml') },
        { topic: 'fenghuo-events', mapping: null },
      ],
    });
  });

  it('may name Kafka alone, and then says what distributed mode lacks', async () => {
    const path = await file(KAFKA);
    expect(await readServers(path)).toMatchObject({ redis: null, clickhouse: null, data: null, raw: [] });
    const { said, faults } = await faultsOf(KAFKA, readWholeServers);
    expect(faults).toEqual([...Array<string>(3)].map(() => '1 SERVERS_MISSING_KEY'));
    for (const key of ['redis', 'clickhouse', 'data']) expect(said).toContain(`\\"${key}\\"`);
  });

  it('is refused with the place of each fault, in every section, and shows no secret', async () => {
    const { said, faults } = await faultsOf(`prefix: Fenghuo
kafka:
  broker: ['k:1']
redis:
  nodes: ['r:1', 'r:2']
  password: hunter2
  colour: red
clickhouse:
  url: https://fenghuo:hunter3@c:8443
raw:
  - topic: a/b
`);
    expect(faults.sort()).toEqual([
      '1 SERVERS_VALUE',
      '11 SERVERS_VALUE',
      '3 SERVERS_UNKNOWN_KEY',
      '5 SERVERS_VALUE',
      '6 SERVERS_VALUE',
      '7 SERVERS_UNKNOWN_KEY',
      '9 SERVERS_VALUE',
    ]);
    expect(said).not.toContain('hunter');
  });

  it('is refused where the mode of Redis and its nodes do not fit, or a user has no password', async () => {
    const redis = async (section: string) => (await faultsOf(`${KAFKA}redis: ${section}\n`)).said;
    expect(await redis("{ nodes: ['r:1', 'r:2'] }")).toContain('one node where the mode is single');
    expect(await redis("{ nodes: ['r:1'], mode: sentinel }")).toContain('given with mode sentinel');
    expect(await redis("{ nodes: ['r:1'], master: m }")).toContain('given with mode sentinel');
    expect(await redis("{ nodes: ['r:1'], user: u }")).toContain('given where a user is');
  });

  it('is refused where a topic of the logs, or the same topic again, is to be read as raw', async () => {
    const raw = (topics: string) => `${KAFKA}raw: [${topics}]\n`;
    expect((await faultsOf(raw('{ topic: fenghuo.events }'))).said).toContain('fenghuo.*');
    expect((await faultsOf(raw('{ topic: a }, { topic: a }'))).faults).toEqual(['2 SERVERS_VALUE']);
  });
});
