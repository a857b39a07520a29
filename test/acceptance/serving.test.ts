// A running process in every mode: what it acknowledges, counts, refuses and shows; and what only a data folder has.
import { appendFileSync, cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chdbRuns } from '../support/warehouse.js';
import { newDataDir, start } from './embedded.js';
import { cleanUp } from './program.js';
import { inEveryMode, served } from './site.js';

const dirs: string[] = [];
const freshDir = () => {
  const dir = newDataDir();
  dirs.push(dir);
  return dir;
};
afterAll(() => cleanUp(dirs));

const runs = await chdbRuns();

const BARE = ['--no-demo', '--no-warehouse'];

function cloudEvent(id: string, stream: string, data: object, time = new Date().toISOString()): object {
  return {
    specversion: '1.0',
    id,
    source: 'urn:example:test',
    type: `fenghuo.${stream}`,
    subject: 'shop:1',
    time,
    data,
  };
}

async function post(url: string, events: readonly object[]): Promise<Response> {
  return fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
}

interface Listed {
  readonly items: readonly { id: string; level: string; status: string }[];
  readonly total: number;
}

/** Reads until a condition holds; the run lives in real time, so it is asked again and again, within a bound. */
async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  let value = await read();
  for (let attempt = 0; attempt < 1_200 && !holds(value); attempt++) {
    await new Promise((done) => setTimeout(done, 50));
    value = await read();
  }
  return value;
}

const warnings = async (url: string) => (await (await fetch(`${url}/v1/warnings`)).json()) as Listed;

inEveryMode('a running process', (open) => {
  it('keeps every acknowledged event through kill -9, and counts what is sent again once', async () => {
    const site = await open();
    const first = await site.serve();
    const shop = cloudEvent('r1', 'registration', { kind: 'enterprise', name: '某店', tags: ['食品经营'] });
    const complaints = Array.from({ length: 4 }, (_, index) =>
      cloudEvent(`c${index}`, 'complaint', { category: '食品异物', complainant: `甲${index}` }),
    );
    expect((await post(first.url, [shop])).status).toBe(202);
    for (const complaint of complaints.slice(0, 3)) {
      expect((await post(first.url, [complaint])).status).toBe(202);
    }
    first.running.child.kill('SIGKILL');
    await first.running.ended;

    const second = await site.serve();
    expect((await post(second.url, [shop, ...complaints])).status).toBe(202);
    const listed = await until(
      () => warnings(second.url),
      ({ items }) => items[0]?.status === 'pushed',
    );
    expect(listed.total).toBe(1);
    expect(listed.items[0]).toMatchObject({
      level: 'yellow',
      model: 'food/repeat-complaints',
      status: 'pushed',
    });
    const detail = (await (await fetch(`${second.url}/v1/warnings/${listed.items[0]?.id}`)).json()) as {
      evidence: {
        transition: { contributions: { total: number } };
        sample: unknown[];
        link: { hash: string };
      };
    };
    expect(detail.evidence.transition.contributions.total).toBe(3);
    expect(detail.evidence.link.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(detail)).not.toContain('甲0');
    second.running.child.kill('SIGINT');
    expect((await second.running.ended).code).toBe(0);
    const lines = readFileSync(join(site.folder, 'inbox/market-regulation.ndjson'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['yellow']);
  });

  it.runIf(runs)(
    'ends within seconds although its warehouse is stalled, and goes on from there',
    async () => {
      const site = await open({ warehouse: true });
      const { running, url } = await site.serve();
      const stalled = site.warehouse(running);
      process.kill(stalled, 'SIGSTOP');
      try {
        expect((await post(url, [cloudEvent('c', 'complaint', { category: '食品' })])).status).toBe(202);
        const ready = await fetch(`${url}/readyz`);
        expect(ready.status).toBe(503);
        const { waiting } = (await ready.json()) as { waiting: string[] };
        expect(waiting).toContain('warehouse');
        const before = performance.now();
        running.child.kill('SIGINT');
        expect((await running.ended).code).toBe(0);
        expect(performance.now() - before).toBeLessThan(10_000);
      } finally {
        // Where it is no child of the program, it has outlived it.
        if (site.outlives) process.kill(stalled, 'SIGCONT');
      }
      expect(await site.archived('events', 1)).toHaveLength(1);
    },
  );

  it('goes on after bad events: each is a dead letter with its code, the rest counts', async () => {
    const { running, url } = await (await open()).serve();
    const answer = await post(url, [
      cloudEvent('a', 'complaint', { category: '食品' }),
      cloudEvent('b', 'complaint', {}),
      cloudEvent('c', 'inspection', { inspection: 'J', result: 'maybe' }),
      cloudEvent('d', 'complaint', { category: '食品' }, '2999-01-01T00:00:00Z'),
    ]);
    expect(answer.status).toBe(202);
    const { accepted, rejected, errors } = (await answer.json()) as {
      accepted: number;
      rejected: number;
      errors: { index: number; code: string; field?: string }[];
    };
    expect({ accepted, rejected }).toEqual({ accepted: 1, rejected: 3 });
    expect(errors.map(({ index, code }) => [index, code])).toEqual([
      [1, 'EVENT_DATA'],
      [2, 'EVENT_DATA'],
      [3, 'EVENT_FUTURE'],
    ]);
    const metrics = await until(
      async () => (await fetch(`${url}/metrics`)).text(),
      (text) => text.includes('fenghuo_events_evaluated_total 1'),
    );
    expect(metrics).toContain('fenghuo_dead_letters_total 3');
    expect(metrics).toContain('fenghuo_events_evaluated_total 1');
    expect(metrics).toContain('fenghuo_events_refused_total{code="EVENT_DATA"} 2');
    expect(metrics).toContain('fenghuo_events_refused_total{code="EVENT_FUTURE"} 1');
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  it('counts what does not simply count: duplicates, revocations refused or met by no event, missing fields', async () => {
    const { running, url } = await (await open()).serve();
    const shop = cloudEvent('r', 'registration', { kind: 'enterprise', tags: ['食品经营'] });
    const penalty = cloudEvent('p', 'penalty', { amount: 100 });
    const revoking = (id: string, revokes: string, subject = 'shop:1') => ({
      ...penalty,
      id,
      subject,
      revokes,
    });
    const events = [
      shop,
      penalty,
      penalty,
      revoking('v1', 'p'),
      revoking('v2', 'p'),
      revoking('v3', 'p', 'shop:2'),
      cloudEvent('o', 'opinion', { platform: '微博' }),
    ];
    expect((await post(url, events)).status).toBe(202);
    const metrics = await until(
      async () => (await fetch(`${url}/metrics`)).text(),
      (text) => text.split('fenghuo_event_verdicts_total{').length > 4,
    );
    const verdicts = [...metrics.matchAll(/^fenghuo_event_verdicts_total\{(.*)\} (\d+)$/gm)];
    expect(verdicts.map(([, labels, count]) => `${labels} ${count}`).sort()).toEqual([
      'verdict="duplicate",code="EVENT_DUPLICATE" 1',
      'verdict="refused",code="REVOKED_TWICE" 1',
      'verdict="revokes",code="REVOKED" 1',
      'verdict="tombstone",code="REVOKED_UNKNOWN" 1',
    ]);
    expect(metrics).toMatch(/^fenghuo_fields_missing_total\{model="[a-z/-]+",field="[\w.]+"\} [1-9]/m);
    running.child.kill('SIGINT');
    const { code, output } = await running.ended;
    expect(code).toBe(0);
    expect(output).not.toContain('STORE_CLOSED');
  });

  it('binds its port before it touches anything that is kept', async () => {
    const site = await open();
    const { running, url } = await site.serve();
    const other = await open({ warehouse: true });
    const clash = await other.start(['--port', new URL(url).port]).ended;
    expect(clash.code).toBe(1);
    expect(clash.output).toContain('HTTP_LISTEN');
    expect(clash.output).not.toContain('the embedded warehouse is ready');
    expect(existsSync(other.folder) ? readdirSync(other.folder) : []).toEqual([]);
    running.child.kill('SIGINT');
    await running.ended;
  });

  it('asks senders to wait when many large bodies come at once, and loses none that it took', async () => {
    const { running, url } = await (await open()).serve();
    const batch = (number: number) =>
      Array.from({ length: 5_000 }, (_, index) =>
        cloudEvent(`${number}-${index}`, 'complaint', { category: '食品', content: '内容'.repeat(100) }),
      );
    const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => post(url, batch(number))));
    const taken = answers.filter(({ status }) => status === 202).length;
    const refused = answers.filter(({ status }) => status === 429);
    expect(taken).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(taken + refused.length).toBe(20);
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    const metrics = await until(
      async () => (await fetch(`${url}/metrics`)).text(),
      (text) => text.includes(`fenghuo_events_evaluated_total ${taken * 5_000}\n`),
    );
    expect(metrics).toContain(`fenghuo_events_evaluated_total ${taken * 5_000}\n`);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });
});

describe('a running process on a data folder', () => {
  it('refuses a second process on its data folder', async () => {
    const dir = freshDir();
    const { running } = await served(start(dir, BARE));
    const other = await start(dir, BARE).ended;
    expect(other.code).toBe(1);
    expect(other.output).toContain('DATA_FOLDER_IN_USE');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  it('answers while it catches up: alive, not ready, and no events yet', async () => {
    const running = start(freshDir(), ['--no-warehouse']);
    const [, url = ''] = await running.printed(/"url":"(http:\/\/[\d.:]+)","msg":"HTTP listens/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await until(
      async () => fetch(`${url}/readyz`).then((answer) => answer.json()) as Promise<{ waiting: string[] }>,
      ({ waiting }) => waiting.includes('replay'),
    );
    expect(ready).toMatchObject({ status: 'waiting', waiting: ['replay'] });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const refused = await post(url, [cloudEvent('c', 'complaint', { category: '食品' })]);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ error: { code: 'HTTP_CATCHING_UP' } });
    expect((await fetch(`${url}/v1/warnings`)).status).toBe(503);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    running.child.kill('SIGINT');
    const { code, output } = await running.ended;
    expect(code, output).toBe(0);
    expect(output).not.toContain('serving:');
  });

  it('goes on with other rules, and takes what comes', async () => {
    const dir = freshDir();
    const { running } = await served(start(dir, BARE));
    running.child.kill('SIGINT');
    await running.ended;
    const rules = freshDir();
    cpSync(new URL('../../rules', import.meta.url).pathname, rules, { recursive: true });
    appendFileSync(join(rules, 'catalogue/regions.yaml'), '\n"330199999": 另一处\n');
    const again = start(dir, [...BARE, '--rules', rules]);
    const [, url] = await again.printed(/serving: (http:\/\/[\d.:]+)/);
    expect((await post(url as string, [cloudEvent('after', 'complaint', { category: '食品' })])).status).toBe(
      202,
    );
    again.child.kill('SIGINT');
    const { code, output } = await again.ended;
    expect(code).toBe(0);
    expect(output).toContain('the rules have changed');
  });
});
