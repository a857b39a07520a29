// Terms of events on real servers: what is over goes from the warehouse as a process of the program begins.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openServerStores, type ServerStores } from '../../src/app/distributed/server-stores.js';
import { readWholeServers } from '../../src/app/servers-file.js';
import { encodeRecord } from '../../src/events/codec.js';
import { CheckpointCursor, NO_CHANGES } from '../../src/pipeline/checkpoint.js';
import { CITY, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment } from '../support/servers/deployment.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import { chdbRuns } from '../support/warehouse.js';

const DAY_MS = 86_400_000;
const FILES = new Map([...CITY, ['catalogue/retention.yaml', 'events: { complaint: 40d }']]);
const ROLES = ['ingest', 'evaluate', 'alert', 'archive'];
const POLLING = { timeout: 60_000, interval: 200 };
const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('terms of events on servers', { timeout: 240_000 }, () => {
  let deployment: Deployment;
  let rulesDir: string;
  let stores: ServerStores;
  let warehouse: OpenWarehouse;
  beforeAll(async () => {
    rulesDir = await writeCity(FILES);
    deployment = await openDeployment({ rulesDir, partitions: { events: 2, derived: 1 } });
    process.env['TEST_WAREHOUSE_TOKEN'] = deployment.env['TEST_WAREHOUSE_TOKEN'];
  }, 240_000);
  afterAll(async () => {
    await warehouse?.close();
    await stores?.close();
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  const complaints = async () => {
    const sql =
      "SELECT key, count() AS total FROM events WHERE stream = 'complaint' GROUP BY key ORDER BY key";
    return (await warehouse.query(sql)).map(({ key, total }) => `${String(key)} ${Number(total)}`);
  };
  const complain = (shop: string, days: number) => {
    const at = Date.now() - days * DAY_MS;
    const about = { id: `urn:x ${shop} ${days}`, source: 'urn:x', key: `subject:${shop}` as const };
    const said = { stream: 'complaint', time: at, at, data: { category: '食品' } } as const;
    return encodeRecord({ kind: 'event', ...about, ...said });
  };

  it('are carried out by the process that archives, but for a key on hold', async () => {
    const first = deployment.run(ROLES);
    await first.ready;
    const servers = await readWholeServers(deployment.config);
    const silent = { info: () => undefined, error: () => undefined };
    stores = await openServerStores(servers, null, { log: silent, now: Date.now });
    warehouse = openWarehouse(servers.clickhouse);
    for (const partition of [0, 1])
      await stores.logs.events.append(
        partition,
        [60, 50, 30].flatMap((days) => ['free', 'held'].map((of) => complain(`${of}:${partition}`, days))),
      );
    await expect.poll(complaints, POLLING).toEqual(['free:0 3', 'free:1 3', 'held:0 3', 'held:1 3']);
    const until = new Date(Date.now() + DAY_MS).toISOString();
    const hold = ['hold', 'add', '--by', '张三', '--reason', '行政复议', '--until', until];
    for (const subject of ['held:0', 'held:1']) {
      const said = await deployment.command([...hold, '--subject', subject, '--config', deployment.config]);
      expect(said).toContain('该主体目前有 3 条事件在库，均受保全');
    }
    await first.end('SIGTERM');
    // It swept at its start, when there was nothing yet: as if that had been two days ago.
    const swept = new CheckpointCursor<object>(stores.state, 'retention/release', randomUUID);
    expect(await swept.load()).toMatchObject({ until: 0 });
    await swept.commit({ at: Date.now() - 2 * DAY_MS, until: 0 }, NO_CHANGES);

    const second = deployment.run(ROLES, ['--metrics-port', '0']);
    await second.ready;
    await expect.poll(complaints, POLLING).toEqual(['free:0 1', 'free:1 1', 'held:0 3', 'held:1 3']);
    const [, url = ''] = /"url":"([^"]+)","msg":"health/.exec(second.output()) ?? [];
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await expect.poll(metrics, POLLING).toContain('fenghuo_events_released_total{stream="complaint"} 4');
  });
});
