// The built program, tokens and all: a warning from its events to its closing, by programs and by people.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ask, type Asked } from '../adapters/http/opened.js';
import { Browser } from '../app/browser.js';
import { MAIN } from '../support/command-line.js';
import { inEveryMode, type Site } from './site.js';

const run = promisify(execFile);

/** Gives a token by the command line, also while the program runs. */
async function token({ folder }: Site, id: string, ...options: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, 'token', 'add', id, '--data', folder, ...options]);
  return stdout.trim();
}

function event(id: string, stream: string, data: object) {
  const time = new Date().toISOString();
  const type = `fenghuo.${stream}`;
  return { specversion: '1.0', id, source: 'urn:example:test', type, subject: 'shop:1', time, data };
}

const EVENTS = [
  event('r', 'registration', { kind: 'enterprise', name: '某饭店', region: '330199002', tags: ['食品经营'] }),
  ...['甲', '乙', '丙'].map((complainant) =>
    event(complainant, 'complaint', { category: '食品异物', complainant }),
  ),
];

interface Detail {
  readonly id: string;
  readonly status: string;
  readonly allowed: readonly string[];
}

inEveryMode('officials', (open) => {
  it('sign, feed back and close a warning with tokens, which are asked for from the first one on', async () => {
    const site = await open();
    const { folder } = site;
    const { running, url } = await site.serve(['--refusals-per-minute', '4']);
    expect((await ask(url, '/v1/warnings')).status).toBe(200);
    const clerk = await token(
      site,
      'clerk',
      '--role',
      'department',
      '--department',
      'market-regulation-chengxi',
    );
    const other = await token(site, 'other', '--role', 'department', '--department', 'ecology');
    expect((await ask(url, '/v1/warnings')).status).toBe(401);
    const by = (given: string, path: string, json?: unknown): ReturnType<typeof ask> => {
      const asked: Asked = json === undefined ? {} : { body: JSON.stringify(json) };
      const headers = { authorization: `Bearer ${given}`, 'content-type': 'application/json' };
      return ask(url, path, { ...asked, headers });
    };
    expect((await by(clerk, '/v1/events', EVENTS)).status).toBe(202);
    let items: readonly Detail[] = [];
    for (let attempt = 0; attempt < 600 && items[0]?.status !== 'pushed'; attempt++) {
      await new Promise((done) => setTimeout(done, 50));
      ({ items } = JSON.parse((await by(clerk, '/v1/warnings')).text) as { items: readonly Detail[] });
    }
    const id = items[0]?.id ?? '';
    const line =
      readFileSync(join(folder, 'inbox/market-regulation-chengxi.ndjson'), 'utf8').split('\n')[0] ?? '';
    expect(JSON.parse(line)).toMatchObject({ warning: id, link: `/warnings/${id}` });
    expect((await by(other, `/v1/warnings/${id}`)).status).toBe(404);
    const acted = async (act: object) => {
      const answer = await by(clerk, `/v1/warnings/${id}/actions`, act);
      const { status, allowed } = JSON.parse(answer.text) as Detail;
      return [answer.status, status, allowed];
    };
    expect(await acted({ type: 'sign' })).toEqual([
      200,
      'signed',
      ['start', 'feedback', 'convene', 'hand-over'],
    ]);
    const feedback = { type: 'feedback', result: 'confirmed', findings: '属实', measures: '责令改正' };
    expect((await acted(feedback)).slice(0, 2)).toEqual([200, 'fed-back']);

    // A person closes it, on the page that the message links to.
    const browser = new Browser(url);
    expect((await browser.get(`/warnings/${id}`)).status).toBe(303);
    await browser.post('/login', { token: clerk });
    const page = await browser.get(`/warnings/${id}`);
    const key = /name="key" value="([0-9a-f]{32})"/.exec(page.text)?.[1] ?? '';
    const closed = await browser.post(`/warnings/${id}`, { type: 'close', key, conclusion: '已改正' });
    expect(closed.status).toBe(303);
    expect((await browser.get(`/warnings/${id}`)).text).toContain('已办结');
    expect(JSON.parse((await by(clerk, `/v1/warnings/${id}`)).text)).toMatchObject({
      status: 'closed',
      allowed: [],
    });

    await run(process.execPath, [MAIN, 'token', 'revoke', 'clerk', '--data', folder]);
    await run(process.execPath, [MAIN, 'token', 'revoke', 'other', '--data', folder]);
    expect((await browser.get('/warnings')).status).toBe(303);
    for (const status of [401, 401, 401, 429]) expect((await ask(url, '/v1/warnings')).status).toBe(status);
    running.child.kill('SIGINT');
    const { code, output } = await running.ended;
    expect(code, output).toBe(0);
    expect(output).not.toContain('fh_');
  });
});

inEveryMode('beyond this machine', (open) => {
  const reach = ['--host', '0.0.0.0', '--names', 'fenghuo.city.example', '--behind-proxy'];

  it('it starts only with a token given, under names, and over TLS or behind a proxy', async () => {
    const site = await open();
    const refused = async (...options: string[]) => (await site.start(options).ended).output;
    expect(await refused(...reach)).toContain('HTTP_NOT_LOOPBACK');
    expect(existsSync(join(site.folder, 'vault.key'))).toBe(false);
    await token(site, 'auditor', '--role', 'auditor');
    expect(await refused('--host', '0.0.0.0', '--behind-proxy')).toContain('HTTP_NOT_LOOPBACK');
    expect(await refused(...reach.slice(0, -1))).toContain('HTTP_TLS');
    expect(await refused(...reach.slice(0, -1), '--tls-cert', 'nowhere.pem')).toContain('USAGE');
    expect(await refused(...reach, '--tls-cert', 'nowhere.pem', '--tls-key', 'x')).toContain('FILE_READ');
  });

  it('it warns of tokens in clear text, and never falls open, though the file of tokens is gone', async () => {
    const site = await open();
    const auditor = await token(site, 'auditor', '--role', 'auditor');
    const running = site.start([...reach, '--public-url', 'https://fenghuo.city.example']);
    const [, port = ''] = await running.printed(/"url":"http:\/\/[\d.]+:(\d+)"/);
    await running.printed(/"level":40,.*without TLS beyond this machine/);
    await running.printed(/serving: https:\/\/fenghuo\.city\.example /);
    const url = `http://127.0.0.1:${port}`;
    const asked = (headers: { [name: string]: string }) =>
      ask(url, '/v1/warnings', { headers: { host: 'fenghuo.city.example', ...headers } });
    expect((await asked({ authorization: `Bearer ${auditor}` })).status).toBe(200);
    expect((await asked({})).status).toBe(401);
    expect((await asked({ host: 'evil.example' })).status).toBe(403);
    rmSync(join(site.folder, 'tokens.json'));
    expect((await asked({})).status).toBe(401);
    expect((await asked({ authorization: `Bearer ${auditor}` })).status).toBe(401);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });
});
