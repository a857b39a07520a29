// Legal holds ordered from the command line, while the process runs and while it does not.
import { afterAll, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';
import { newDataDir, start } from './embedded.js';
import { cleanUp } from './program.js';
import { served } from './site.js';

const dirs: string[] = [];
afterAll(() => cleanUp(dirs));

describe('a legal hold from the command line', { timeout: 240_000 }, () => {
  it('is ordered while the process runs, refuses erasure, outlives it, and is ended without it', async () => {
    const data = newDataDir();
    dirs.push(data);
    const hold = (...args: string[]) => fenghuo(['hold', ...args, '--data', data], data);
    const who = ['--by', '张三', '--reason', '行政复议'];
    const nothing = await hold('list');
    expect([nothing.code, nothing.err.split(':')[1]]).toEqual([1, ' FILE_READ']);

    const token = (
      await fenghuo(['token', 'add', 'op', '--role', 'operator', '--data', data], data)
    ).out.trim();
    const { running, url } = await served(start(data, ['--no-demo', '--no-warehouse']));
    const ask = (path: string, body: object) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const event = { specversion: '1.0', id: 'c1', source: 'urn:example:test', type: 'fenghuo.complaint' };
    const about = { subject: 'shop:1', time: new Date().toISOString() };
    const sent = { ...event, ...about, data: { category: '食品', complainant: '甲某某' } };
    expect((await ask('/v1/events', sent)).status).toBe(202);

    const until = `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}T00:00:00+08:00`;
    const added = await hold('add', '--subject', 'shop:1', ...who, '--until', until);
    expect(added.code, added.err).toBe(0);
    const [id = '', subject] = added.out.split('\t');
    expect([subject, added.out.split('\t')[3]]).toEqual(['subject:shop:1', until]);
    expect((await hold('list')).out).toBe(added.out);
    const erasure = { kind: 'name', value: '甲某某', reason: '本人申请' };
    const refused = await ask('/v1/personal/erase', erasure);
    expect([refused.status, (await refused.text()).includes('PERSONAL_HELD')]).toEqual([409, true]);
    const unknown = await hold('add', '--subject', 'shop:2', ...who, '--until', until);
    expect([unknown.code, unknown.err]).toEqual([0, expect.stringContaining('尚无该主体的任何事件')]);
    expect((await hold('end', unknown.out.split('\t')[0] ?? '', ...who)).code).toBe(0);
    const past = await hold('add', '--subject', 'shop:1', ...who, '--until', '2020-01-01T00:00:00Z');
    expect([past.code, past.err.split(':')[1]]).toEqual([1, ' HOLD_INVALID']);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);

    expect((await hold('list')).out).toBe(added.out);
    expect((await hold('end', id, ...who)).out).toBe(added.out);
    expect((await hold('list')).out).toBe('');
    const known = await hold('add', '--subject', 'shop:1', ...who, '--until', until);
    expect([known.code, known.err]).toEqual([0, expect.stringContaining('没有清点条数')]);
    const mistaken = await hold('add', '--subject', 'shop:l', ...who, '--until', until);
    expect([mistaken.code, mistaken.err]).toEqual([0, expect.stringContaining('尚无该主体的任何事件')]);
    expect((await hold('list')).out).toBe(known.out + mistaken.out);
    const again = await hold('end', id, ...who);
    expect([again.code, again.err.split(':')[1]]).toEqual([1, ' HOLD_UNKNOWN']);
  });
});
