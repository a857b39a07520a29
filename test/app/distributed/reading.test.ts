// What commands read of a deployment on servers while it runs: report, queue, evidence, a draw, an evaluation.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draw } from '../../../src/evidence/draw.js';
import { MAIN } from '../../support/command-line.js';
import { CITY } from '../../support/servers/city.js';
import { openDeployment, type Deployment } from '../../support/servers/deployment.js';
import { kafkaRuns } from '../../support/servers/kafka.js';
import { redisRuns } from '../../support/servers/redis.js';
import { chdbRuns } from '../../support/warehouse.js';

/** So many transitions that a seal is made without waiting for the hour. */
const SHOPS = 1_100;
const PARTITIONS = { events: 3, derived: 1 };
const ITEM = (lead: string, tag: string) => `
${lead}-item:
  { title: 监督检查, domain: ${lead}, lead: ${lead}, object: 单位, method: 检查, level: county, subjects: { tags: ${tag} },
    legal: [ { law: 某法, article: 第一条, from: 2015-10-01 } ] }`;
const FILES: { readonly [path: string]: string } = {
  'catalogue/items.yaml': ITEM('market', '食品') + ITEM('rescue', '燃气'),
  'catalogue/departments.yaml': CITY.get('catalogue/departments.yaml') ?? '',
  'catalogue/regions.yaml': CITY.get('catalogue/regions.yaml') ?? '',
  'catalogue/calendar.yaml': CITY.get('catalogue/calendar.yaml') ?? '',
  'catalogue/evaluation.yaml': '{ model: credit/score, bounds: { A: 20, B: 50, C: 80 } }',
  'credit/score.yaml': `model: credit/score
title: 信用综合评价
summary: 按投诉打分。
item: market-item
scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 90d } }
score: [ { name: 投诉, weight: 100, of: complaints, low: 0, high: 2 } ]
levels: { yellow: 'score >= 50' }
advise: 核实。`,
};

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());

describe.runIf(runs)('commands that read servers', () => {
  let folder: string;
  let deployment: Deployment;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fenghuo-reading-'));
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(folder, 'rules', path)), { recursive: true });
      await writeFile(join(folder, 'rules', path), text);
    }
    deployment = await openDeployment({ rulesDir: join(folder, 'rules'), partitions: PARTITIONS });
  }, 240_000);
  afterAll(async () => {
    await deployment?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const fenghuo = async (...args: string[]) => {
    const env = { ...process.env, ...deployment.env };
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { env, cwd: folder });
    return stdout;
  };
  const onServers = (...args: string[]) => fenghuo(...args, '--config', deployment.config);

  it('find while it runs what is known of all partitions', async () => {
    const running = deployment.run(['ingest', 'http', 'evaluate', 'alert']);
    const url = (await running.ready) ?? '';
    const time = new Date().toISOString();
    const base = { specversion: '1.0', source: 'urn:example:test', time };
    const shops = Array.from({ length: SHOPS }, (_, shop) => shop);
    const tags = (shop: number) => (shop % 100 === 0 ? ['食品', '燃气'] : ['食品']);
    await post(url, [
      ...shops.map((shop) => ({
        ...{ ...base, id: `r${shop}`, type: 'fenghuo.registration', subject: `shop:${shop}` },
        data: { kind: 'enterprise', name: `店${shop}`, region: '330106', credit: 'D', tags: tags(shop) },
      })),
      ...shops.map((shop) => ({
        ...{ ...base, id: `c${shop}`, type: 'fenghuo.complaint', subject: `shop:${shop}` },
        data: { category: '服务' },
      })),
    ]);
    interface Page {
      readonly total: number;
      readonly items: readonly { readonly warning?: string; readonly id?: string }[];
    }
    let page: Page = { total: 0, items: [] };
    for (const overdue = Date.now() + 90_000; page.total < SHOPS && Date.now() < overdue;) {
      page = (await (await fetch(`${url}/v1/warnings?limit=1`)).json()) as Page;
      await new Promise((next) => setTimeout(next, 200));
    }
    expect(page.total).toBe(SHOPS);

    const report = JSON.parse(await onServers('report', 'models', '--json')) as { models: object[] };
    expect(report.models).toEqual([expect.objectContaining({ model: 'credit/score', warnings: SHOPS })]);
    const queue = JSON.parse(
      await onServers('queue', '--department', 'market', '--limit', '5', '--json'),
    ) as Page;
    expect([queue.total, queue.items.length]).toEqual([SHOPS, 5]);

    // Subjects of all partitions are drawn from.
    const draw = join(folder, 'draw.json');
    const joint = ['joint', '--tags', '食品 && 燃气', '--sample', 'D 100%', '--seed', 'seed-1'];
    await onServers(...joint, '--out', draw);
    const drawn = JSON.parse(await readFile(draw, 'utf8')) as Draw;
    const expected = shops.filter((shop) => shop % 100 === 0).map((shop) => `shop:${shop}`);
    expect(drawn.candidates.map(({ subject }) => subject)).toEqual(expected.sort());
    expect(await fenghuo('joint', 'verify', draw)).toContain('核验通过');
    await expect(onServers(...joint, '--tell')).rejects.toThrow('DRAW_TELL_SERVERS');

    // A thousand warnings are sealed at once, and the last hundred of them at the full hour.
    const some = (await (await fetch(`${url}/v1/warnings?limit=200`)).json()) as Page;
    const isSealed = async (id: string) => (await fetch(`${url}/v1/warnings/${id}/evidence`)).status === 200;
    let warning = '';
    for (const item of some.items) {
      const id = item.warning ?? item.id ?? '';
      if (warning === '' && (await isSealed(id))) warning = id;
    }
    await onServers('evidence', 'export', '--warning', warning, '--out', join(folder, 'evidence'));
    const files = await readdir(join(folder, 'evidence'));
    expect(files.sort()).toEqual([`evidence-${warning}.html`, `evidence-${warning}.json`]);
    expect(await fenghuo('verify', join(folder, 'evidence', `evidence-${warning}.json`))).toContain(
      '核验通过',
    );

    // The quarter of now has not ended, which is known by the clocks of all partitions.
    const now = new Date();
    const quarter = `${now.getUTCFullYear()}Q${Math.floor(now.getUTCMonth() / 3) + 1}`;
    await expect(onServers('evaluate', '--quarter', quarter)).rejects.toThrow('EVALUATION_EARLY');
    await running.end('SIGTERM');
  }, 300_000);
});

async function post(url: string, events: readonly object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(events) });
  expect(await answer.json()).toMatchObject({ accepted: events.length, rejected: 0 });
}
