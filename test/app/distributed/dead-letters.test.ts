// Dead letters of a deployment on servers, tried again while it runs: each event comes to the partition of its key.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaLogs, type KafkaLogs } from '../../../src/adapters/kafka/kafka.js';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import type { LetterView } from '../../../src/app/letter-views.js';
import { decodeRecord } from '../../../src/events/codec.js';
import { partitionOf } from '../../../src/pipeline/wide/partition.js';
import { writeCity } from '../../support/servers/city.js';
import { openDeployment, type Deployment } from '../../support/servers/deployment.js';
import { kafkaRuns } from '../../support/servers/kafka.js';
import { redisRuns } from '../../support/servers/redis.js';
import { chdbRuns } from '../../support/warehouse.js';

const PARTITIONS = { events: 3, derived: 1 };
const SHOPS = 12;
const MAPPING = `mapping: mended
format: json
zone: Asia/Shanghai
source: urn:example:hotline
stream: complaint
id: { column: id }
subject: { column: subject }
time: { column: time, format: "yyyy-MM-dd'T'HH:mm:ss" }
data:
  category: { expr: 'row.data.kind' }
`;

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('dead letters on servers', () => {
  let rulesDir: string;
  let deployment: Deployment;
  let logs: KafkaLogs;
  beforeAll(async () => {
    rulesDir = await writeCity();
    deployment = await openDeployment({ rulesDir, partitions: PARTITIONS });
    const settings = { brokers: [deployment.kafka.address], tls: false, mechanism: 'plain' } as const;
    const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
    logs = openKafkaLogs({ settings, dial });
  }, 240_000);
  afterAll(async () => {
    await logs?.close();
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  /** Every record of the events log, by partition. */
  const recordsOf = async () => {
    const events = logs.log('events');
    const all = Array.from({ length: PARTITIONS.events }, async (_, partition) =>
      (await events.read(partition, 0, 10_000)).map(({ value }) => decodeRecord(value)),
    );
    return Promise.all(all);
  };

  it('are listed, mended and taken while the deployment runs, each once', async () => {
    const serving = deployment.run(['http', 'ingest']);
    const url = (await serving.ready) ?? '';
    const shops = Array.from({ length: SHOPS }, (_, shop) => ({
      ...{ specversion: '1.0', id: `c${shop}`, source: 'urn:example:hotline', type: 'fenghuo.complaint' },
      ...{ subject: `shop:${shop}`, time: '2026-03-05T09:00:00', data: { kind: 'food' } },
    }));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(shops) });
    expect(await answer.json()).toMatchObject({ accepted: 0, rejected: SHOPS });

    const mapping = join(deployment.folder, 'mended.yaml');
    await writeFile(mapping, MAPPING);
    const command = (...args: string[]) =>
      deployment.command(['dead-letters', ...args, '--config', deployment.config]);
    const listed = async () => (JSON.parse(await command('list', '--json')) as { items: LetterView[] }).items;
    expect((await listed()).map(({ redriven }) => redriven)).toEqual(shops.map(() => null));
    expect(await command('redrive', '--mapping', mapping)).toContain(`${SHOPS} taken, 0 refused again`);
    expect(await command('redrive', '--mapping', mapping)).toContain(`(${SHOPS} re-driven before`);
    expect((await listed()).every(({ redriven }) => redriven?.outcome === 'taken')).toBe(true);
    expect(await command('show', '0', '--reason', '核对')).toContain('"shop:0"');
    await serving.end('SIGTERM');

    const byPartition = await recordsOf();
    const placed = byPartition.flatMap((records, partition) =>
      records.flatMap((one) => (one.kind === 'event' ? [{ event: one, partition }] : [])),
    );
    expect(placed.map(({ event }) => event.id).sort()).toEqual(
      shops.map(({ id }) => `urn:example:hotline ${id}`).sort(),
    );
    for (const { event, partition } of placed)
      expect(partition).toBe(partitionOf(event.key, PARTITIONS.events));
    // Ticks waited for the events: none says that time had passed which was still to come.
    for (const records of byPartition) {
      let passed = -Infinity;
      for (const { kind, at } of records) {
        if (kind === 'tick') passed = Math.max(passed, at);
        if (kind === 'event') expect(at).toBeGreaterThanOrEqual(passed);
      }
      expect(passed).toBeGreaterThan(-Infinity);
    }
    expect(await logs.log('dead-letters').end(0)).toBe(SHOPS);
  }, 300_000);
});
