// What operators see of a deployment: health and figures of every role, what waits where, and topics that are not there.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openKafka } from '../../../src/adapters/kafka/connection.js';
import type { ReadyCheck } from '../../../src/ports/front.js';
import { ask } from '../../adapters/http/opened.js';
import { clientOf } from '../../adapters/kafka/cluster.js';
import { metricsOf, readMetrics, rows, strayLabels } from '../../support/metrics.js';
import { writeCity } from '../../support/servers/city.js';
import { openDeployment, type Deployment, type RoleProcess } from '../../support/servers/deployment.js';
import { kafkaRuns } from '../../support/servers/kafka.js';
import { redisRuns } from '../../support/servers/redis.js';
import { chdbRuns } from '../../support/warehouse.js';

const POLLING = { timeout: 60_000, interval: 100 };
const HOUR_MS = 3_600_000;
const COMPLAINTS = 3;
/** Whoever is alone in a role has all of it. */
const HELD: { readonly [role: string]: readonly string[] } = {
  ingest: [],
  evaluate: ['evaluate: derived/0', 'evaluate: events/0', 'evaluate: events/1'],
  alert: ['alert: transitions/0'],
  archive: ['archive: transitions/0'],
};

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('a deployment of processes in one role each', () => {
  let rulesDir: string;
  let deployment: Deployment;
  const urls: { [role: string]: string } = {};
  const processes: RoleProcess[] = [];
  const admin = () => openKafka(clientOf(deployment.kafka.address)).admin();

  /** Starts a process and notes where it shows health and figures. */
  const start = async (roles: string) => {
    const started = deployment.run([roles], ['--metrics-port', '0']);
    processes.push(started);
    await started.ready;
    const [, url = ''] = /"url":"([^"]+)","msg":"health/.exec(started.output()) ?? [];
    urls[roles] = url;
  };
  const metrics = async (role: string) => (await fetch(`${urls[role]}/metrics`)).text();

  beforeAll(async () => {
    rulesDir = await writeCity();
    deployment = await openDeployment({
      rulesDir,
      partitions: { events: 2, derived: 1 },
      raw: ['posts', 'misspelt'],
    });
    const client = openKafka(clientOf(deployment.kafka.address));
    const making = client.admin();
    await making.connect();
    await making.createTopics({ topics: [{ topic: 'posts' }], waitForLeaders: true });
    await making.disconnect();
    const producer = client.producer();
    await producer.connect();
    // They have waited for hours: what comes by them is no alert.
    const old = String(Date.now() - 5 * HOUR_MS);
    const messages = Array.from({ length: COMPLAINTS }, (_, index) => ({
      timestamp: old,
      value: JSON.stringify({
        ...{ specversion: '1.0', id: `p${index}`, type: 'fenghuo.complaint', subject: 'shop:1' },
        ...{ time: new Date().toISOString(), data: { category: '食品', complainant: `某${index}` } },
      }),
    }));
    await producer.send({ topic: 'posts', messages });
    await producer.disconnect();
    for (const role of ['ingest', 'evaluate', 'alert', 'archive']) await start(role);
  }, 240_000);
  afterAll(async () => {
    await deployment?.close();
    if (rulesDir !== undefined) await rm(rulesDir, { recursive: true });
  });

  it('shows health and figures of each, on a port of its own, and nothing else there', async () => {
    for (const [role, url] of Object.entries(urls)) {
      expect(new URL(url).hostname).toBe('127.0.0.1');
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), POLLING);
      const { checks } = (await (await fetch(`${url}/readyz`)).json()) as { checks: ReadyCheck[] };
      expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['kafka', 'redis', 'lag']));
      const held = checks.find(({ name }) => name === 'partitions')?.partitions;
      expect(held?.toSorted()).toEqual(HELD[role]);
      expect((await fetch(`${url}/v1/warnings`)).status).toBe(404);
      expect((await fetch(`${url}/v1/events`, { method: 'POST', body: '[]' })).status).toBe(404);
      expect((await fetch(`${url}/warnings`)).status).toBe(404);
    }
    await vi.waitFor(
      async () => expect(await metrics('evaluate')).toContain(`fenghuo_events_evaluated_total ${COMPLAINTS}`),
      POLLING,
    );
  });

  it('shows every metric of the table in each process and no other, with a value where its role is', async () => {
    const table = Object.fromEntries(metricsOf('servers'));
    for (const role of Object.keys(urls)) {
      const page = readMetrics(await metrics(role));
      expect(Object.fromEntries(page.types)).toEqual(table);
      expect(strayLabels(page)).toEqual([]);
      const found = new Set(page.samples.map(({ name }) => name));
      const single = rows().filter(([, { labels, mode }]) => labels.length === 0 && mode !== 'embedded');
      const isHere = (of: string) => of === 'any' || of === role;
      expect(single.flatMap(([name]) => (found.has(name) ? [name] : []))).toEqual(
        single.flatMap(([name, { role: of }]) => (isHere(of) ? [name] : [])),
      );
      const stores = page.samples.filter(({ name }) => name === 'fenghuo_store_up');
      expect(stores.map(({ value }) => value)).toEqual(role === 'archive' ? [1, 1, 1] : [1, 1]);
    }
  });

  it('reads the topics that are there while one is not, tells the operators so, and lets time pass', async () => {
    const text = await metrics('ingest');
    expect(text).toContain('fenghuo_raw_lag_records{topic="posts",partition="0"} 0');
    expect(text).toContain('fenghuo_operator_alerts_by_code_total{code="FEED_NO_TOPIC"} 1');
    expect(text).not.toContain('INGEST_AHEAD');
    expect(processes[0]?.output()).toContain('misspelt');
    const tick = async () =>
      Number(/^fenghuo_last_tick_timestamp_seconds (\S+)$/m.exec(await metrics('ingest'))?.[1] ?? 0);
    const before = Date.now() / 1_000;
    await vi.waitFor(async () => expect(await tick()).toBeGreaterThan(before), POLLING);
  });

  it('says what waits for the alert side: transitions, the inbox and deliveries, which none does by now', async () => {
    await vi.waitFor(async () => {
      const text = await metrics('alert');
      for (const [role, log] of [
        ['alert', 'transitions'],
        ['alert', 'inbox'],
        ['deliver', 'deliveries'],
      ])
        expect(text).toContain(`fenghuo_log_lag_records{role="${role}",log="${log}",partition="0"} 0\n`);
      expect(text).toMatch(/^fenghuo_round_seconds_count\{role="deliver"\} [1-9]/m);
    }, POLLING);
  });

  it('says what waits for the archive, and commits no offset of a log that it does not read', async () => {
    await vi.waitFor(async () => {
      const text = await metrics('archive');
      expect(text).toMatch(/^fenghuo_log_lag_records\{role="archive",log="inbox",partition="0"\} 0$/m);
      expect(text).toMatch(/^fenghuo_log_lag_records\{role="archive",log="events",partition="1"\} \d+$/m);
    }, POLLING);
    const client = admin();
    await client.connect();
    const [offsets] = await client.fetchOffsets({
      groupId: 'fenghuo.archive',
      topics: ['fenghuo.transitions'],
    });
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['-1']);
    await client.disconnect();
  });

  // The last one: a token that is given closes the figures of all.
  it('shows health beyond this machine before the first token is given, figures after it, and no pages', async () => {
    const reach = ['--host', '0.0.0.0', '--names', 'fenghuo.test', '--behind-proxy', '--metrics-port', '0'];
    const open = async (role: string) => {
      const started = deployment.run([role], reach);
      await started.ready;
      const [, port = ''] = /"url":"http:\/\/[\d.]+:(\d+)","msg":"health/.exec(started.output()) ?? [];
      return `http://127.0.0.1:${port}`;
    };
    const guarded = await Promise.all(['ingest', 'evaluate', 'alert', 'archive'].map(open));
    // As probes ask, and Prometheus.
    const asked = (url: string, path: string, headers: { [name: string]: string } = {}) =>
      ask(url, path, { headers: { host: `fenghuo.test:${new URL(url).port}`, ...headers } });
    for (const url of guarded) {
      expect((await asked(url, '/healthz')).status).toBe(200);
      expect((await asked(url, '/metrics')).status).toBe(401);
    }
    const pages = deployment.run(['ingest', 'http'], reach);
    expect([await pages.ended, pages.output()]).toEqual([1, expect.stringContaining('HTTP_NOT_LOOPBACK')]);
    const account = ['prometheus', '--role', 'auditor', '--data', join(deployment.folder, 'data')];
    const added = await deployment.command(['token', 'add', ...account]);
    const authorization = `Bearer ${/fh_\S+/.exec(added)?.[0] ?? ''}`;
    for (const url of guarded) {
      const answer = await asked(url, '/metrics', { authorization });
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('fenghuo_store_up')]);
      expect((await asked(url, '/metrics')).status).toBe(401);
    }
  }, 120_000);
});
