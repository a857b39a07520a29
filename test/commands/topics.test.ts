// The topics of the logs through the built program, on a real broker.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';
import { kafkaRuns, openTestBroker } from '../support/servers/kafka.js';
import { freePort, type TestServer } from '../support/servers/process.js';

const APPLY = ['topics', 'apply', '--config'];
const runs = await kafkaRuns();
const dir = mkdtempSync(join(tmpdir(), 'fenghuo-topics-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const servers = (address: string, more = '') =>
  file('servers.yaml', `prefix: county\nkafka: { brokers: ['${address}'], tls: false${more} }\n`);
const topics = (partitions: number) =>
  file(
    'topics.yaml',
    `replication: 1
min_in_sync: 1
max_message_bytes: 16842752
logs:
  events: { partitions: ${partitions}, retention_days: 35 }
${[
  ...'inbox verdicts deliveries actions dead-letters operator audit withheld cases seals derived transitions'.split(
    ' ',
  ),
]
  .map((name) => `  ${name}: { partitions: 1, retention_days: forever }`)
  .join('\n')}
`,
  );

describe.runIf(runs)('fenghuo topics apply', () => {
  let broker: TestServer;
  beforeAll(async () => {
    broker = await openTestBroker();
  }, 240_000);
  afterAll(() => broker?.close());

  it('makes what is missing, leaves what is there, and names what differs', async () => {
    const config = servers(broker.address);
    const first = await fenghuo([...APPLY, config, '--topics', topics(2)], dir);
    expect([first.code, first.out.split('\n').filter((line) => line.endsWith('made'))]).toEqual([
      0,
      expect.arrayContaining(['county.events  made', 'county.seals  made']),
    ]);
    const again = await fenghuo([...APPLY, config, '--topics', topics(2)], dir);
    expect([again.code, again.out]).toEqual([0, expect.not.stringContaining('made')]);
    const other = await fenghuo([...APPLY, config, '--topics', topics(3)], dir);
    expect(other.code).toBe(1);
    expect(other.err).toContain('TOPICS_DIFFER');
    expect(other.err).toContain('county.events has partitions 2, not 3.');
  }, 120_000);
});

describe('fenghuo topics apply without a broker', () => {
  it('says that none can be reached', async () => {
    const config = servers(`127.0.0.1:${await freePort()}`);
    const { code, err } = await fenghuo([...APPLY, config], dir);
    expect([code, err]).toEqual([1, expect.stringContaining('STORE_UNREACHABLE')]);
  }, 60_000);

  it('names a key that it does not know, and shows no password written out', async () => {
    const config = servers('127.0.0.1:1', ', user: u, password: hunter2, colour: red');
    const { code, out, err } = await fenghuo([...APPLY, config], dir);
    expect(code).toBe(1);
    expect(err + out).toContain('SERVERS_UNKNOWN_KEY');
    expect(err + out).toContain('SERVERS_VALUE');
    expect(err + out).not.toContain('hunter2');
  });
});
