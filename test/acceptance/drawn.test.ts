// The built program: a subject is drawn for a joint inspection, both departments are told, sign, feed back, and it closes.
// Embedded alone: a draw reads a data folder on which nothing runs, which a deployment on servers does not have.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../adapters/http/opened.js';
import { Browser } from '../app/browser.js';
import { MAIN } from '../support/command-line.js';
import { leftIn, newDataDir, start } from './embedded.js';
import { cleanUp } from './program.js';

const run = promisify(execFile);
const dir = newDataDir();
afterAll(() => cleanUp([dir]));

const program = async (...args: string[]) => {
  const env = { ...process.env, FENGHUO_SITE_KEY: '5e'.repeat(32) };
  return (await run(process.execPath, [MAIN, ...args, '--data', dir], { env })).stdout.trim();
};

async function serving() {
  const running = start(dir, ['--no-demo']);
  const [, url = ''] = await running.printed(/serving: (https?:\/\/[\w.:-]+)/);
  const stop = async () => {
    running.child.kill('SIGINT');
    const { code, output } = await running.ended;
    expect(code, output).toBe(0);
  };
  return { url, stop };
}

const REGION = '330199002';

function event(id: string, type: string, subject: string, data: object) {
  const time = new Date().toISOString();
  return { specversion: '1.0', id, source: 'urn:example:test', type: `fenghuo.${type}`, subject, time, data };
}

interface Task {
  readonly id: string;
  readonly status: string;
}

let served: Awaited<ReturnType<typeof serving>>;
let id = '';
let path = '';
let digest = '';
const token: { [account: string]: string } = {};

async function by(account: string, at: string, json?: unknown) {
  const headers = { authorization: `Bearer ${token[account] ?? ''}`, 'content-type': 'application/json' };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const answer = await ask(served.url, at, { headers, ...body });
  return { status: answer.status, body: JSON.parse(answer.text) as unknown };
}

/** Asks until a task stands where it should. */
async function until(status: string, read: () => Promise<Task | undefined>): Promise<Task | undefined> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const task = await read();
    if (task?.status === status) return task;
    await new Promise((done) => setTimeout(done, 50));
  }
  return read();
}

/** A shop is registered, drawn while nothing runs, and the program serves again. */
beforeAll(async () => {
  served = await serving();
  const shop = { kind: 'enterprise', name: '某饭店', region: REGION, tags: ['食品经营', '燃气用户'] };
  const posted = await ask(served.url, '/v1/events', {
    body: JSON.stringify([event('r', 'registration', 'shop:1', shop)]),
    headers: { 'content-type': 'application/json' },
  });
  expect(posted.status).toBe(202);
  await served.stop();
  const draw = ['joint', '--tags', '食品经营 && 燃气用户', '--seed', 'lottery-1', '--tell'];
  const file = join(dir, 'draw.json');
  expect(await program(...draw, '--out', file)).toContain('下达 1 件');
  ({ digest } = JSON.parse(readFileSync(file, 'utf8')) as { digest: string });
  served = await serving();
  const add = ['token', 'add'];
  const role = ['--role', 'department', '--department'];
  token['market'] = await program(...add, 'market', ...role, 'market-regulation');
  token['housing'] = await program(...add, 'housing', ...role, 'housing');
  token['ecology'] = await program(...add, 'ecology', ...role, 'ecology');
  token['elsewhere'] = await program(...add, 'far', ...role, 'housing', '--region', '330106');
}, 120_000);

describe('a drawn inspection', () => {
  it('is told to both departments, and to nobody else', async () => {
    const task = await until('pushed', async () => {
      const { items } = (await by('market', '/v1/warnings')).body as { items: Task[] };
      return items[0];
    });
    id = task?.id ?? '';
    path = `/v1/warnings/${id}`;
    const expected = { status: 'pushed', level_name: '双随机抽查', name: '某饭店' };
    expect(task).toMatchObject({ ...expected, draw: { digest, seed: 'lottery-1' } });
    const message = expect.stringMatching(/^【双随机抽查】某饭店：抽中联合检查。/) as string;
    for (const department of ['housing', 'market-regulation']) {
      const lines = readFileSync(join(dir, 'inbox', `${department}.ndjson`), 'utf8')
        .trim()
        .split('\n');
      const read = lines.map((line) => JSON.parse(line) as object);
      expect(read).toMatchObject([{ warning: id, link: `/warnings/${id}`, message }]);
    }
    for (const other of ['ecology', 'elsewhere']) expect((await by(other, path)).status).toBe(404);
  }, 60_000);

  it('is signed for and fed back by each, by request and by event, and closed by the last', async () => {
    const feedback = { type: 'feedback', result: 'not-confirmed', findings: '合格', measures: '无须整改' };
    const acted = async (account: string, act: object) => {
      const { status, body } = await by(account, `${path}/actions`, act);
      return [status, (body as Task).status];
    };
    expect((await acted('market', feedback))[0]).toBe(409);
    for (const account of ['market', 'housing'])
      expect((await acted(account, { type: 'sign' }))[0]).toBe(200);
    expect(await acted('market', feedback)).toEqual([200, 'signed']);
    const said = event('a1', 'action', id, { department: 'housing', act: feedback });
    expect((await by('housing', '/v1/events', [said])).status).toBe(202);
    const task = await until('closed', async () => (await by('market', path)).body as Task);
    expect(task).toMatchObject({ status: 'closed', allowed: [], closed: { by: 'housing' } });
    expect((await by('market', '/v1/warnings')).body).toMatchObject({ total: 0 });
    const browser = new Browser(served.url);
    await browser.post('/login', { token: token['housing'] ?? '' });
    const page = (await browser.get(`/warnings/${id}`)).text;
    for (const text of ['已办结', '双随机抽查', '抽取依据', '检查内容', 'lottery-1'])
      expect(page).toContain(text);
  }, 60_000);

  it('is proven by a bundle of evidence, and stands in the warehouse with what was done', async () => {
    await served.stop();
    const exported = await program('evidence', 'export', '--warning', id, '--out', dir);
    expect(exported).toContain('1 条记录');
    const verified = await run(process.execPath, [MAIN, 'verify', exported.split('\n')[1] ?? '']);
    expect(verified.stdout).toContain('核验通过');
    // A stop leaves to the next run what is not archived yet.
    expect((await start(dir, ['--no-demo', '--once']).ended).code).toBe(0);
    const { tables } = await leftIn(dir);
    const row = { warning: id, model: 'catalogue/draws', reason: 'drawn', level: 'none' };
    expect(tables['warnings']).toMatchObject([row]);
    const actions = (tables['actions'] as { type: string; department: string }[]).map(
      ({ type, department }) => `${type} ${department}`,
    );
    expect(actions.sort()).toEqual([
      'feedback housing',
      'feedback market-regulation',
      'sign housing',
      'sign market-regulation',
    ]);
  }, 60_000);
});
