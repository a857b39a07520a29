import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import type { Answer } from '../adapters/http/opened.js';
import { Browser } from './browser.js';
import { HERE, openOffice, type Office } from './office.js';

let office: Office;
afterEach(() => office.close());

const region = `${HERE}001`;
/** What a person reads of a page. */
const shownOf = ({ text }: Answer) => text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const formsOf = ({ text }: Answer) =>
  [...text.matchAll(/name="type" value="([a-z-]+)"/g)].map(([, type]) => type);
const keyOf = ({ text }: Answer, type: string) =>
  new RegExp(`name="key" value="([0-9a-f]{32})" /><input type="hidden" name="type" value="${type}"`).exec(
    text.replace(/>\s+</g, '><'),
  )?.[1] ?? '';

/** Opens a warning, fills in the form of an action, and sends it. */
async function fill(
  browser: Browser,
  id: string,
  type: string,
  fields: { [name: string]: string | string[] } = {},
) {
  const page = await browser.get(`/warnings/${id}`);
  expect(formsOf(page)).toContain(type);
  return browser.post(`/warnings/${id}`, { type, key: keyOf(page, type), ...fields });
}

describe('pages with tokens', () => {
  let id: string;
  let browser: Browser;
  let token: string;
  beforeEach(async () => {
    office = await openOffice();
    [id = ''] = await office.raise([{ name: '某饭店', region }]);
    token = await office.token('clerk', { role: 'department', department: 'market' });
    browser = new Browser(office.url);
  });

  it('lead from the first path to the login, and from there to the page that was asked for', async () => {
    expect((await browser.get('/')).headers.location).toBe('/warnings');
    const asked = await browser.get(`/warnings/${id}`);
    expect([asked.status, asked.headers.location]).toEqual([303, `/login?next=%2Fwarnings%2F${id}`]);
    const login = await browser.get(asked.headers.location ?? '');
    expect(login.text).toContain(`name="next" value="/warnings/${id}"`);
    const entered = await browser.post('/login', { token, next: `/warnings/${id}` });
    expect([entered.status, entered.headers.location]).toEqual([303, `/warnings/${id}`]);
    expect((await browser.get(`/warnings/${id}`)).status).toBe(200);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/warnings/../login',
    '/warnings/x',
    'javascript:alert(1)',
  ])('lead nowhere else after the login: %s', async (next) => {
    const page = await browser.get(`/login?${new URLSearchParams({ next }).toString()}`);
    expect(page.text).toContain('name="next" value="/warnings"');
    expect((await browser.post('/login', { token, next })).headers.location).toBe('/warnings');
  });

  it('give a cookie that scripts and other sites have no use of, and not the token', async () => {
    await browser.logIn(token);
    expect(browser.setCookie).toMatch(
      /^fenghuo=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const page = await browser.get(`/warnings/${id}`);
    for (const text of [browser.setCookie, page.text]) expect(text).not.toContain(token);
  });

  it('refuse a wrong token in Chinese, and note it', async () => {
    for (const wrong of ['', 'short', `${token}x`, '<script>']) {
      const answer = await browser.post('/login', { token: wrong });
      expect(answer.status).toBe(401);
      expect(answer.text).toContain('令牌无效或者已经过期。');
      expect(answer.text).not.toContain('<script>');
    }
    expect(browser.cookie).toBeNull();
    expect((await office.audit()).map(({ what, outcome }) => [what, outcome])).toContainEqual([
      'login',
      'HTTP_TOKEN',
    ]);
  });

  it('end with the logout, with the token, and after twelve hours', async () => {
    await browser.logIn(token);
    const { cookie } = browser;
    expect((await browser.post('/logout', {})).status).toBe(303);
    expect(browser.cookie).toBeNull();
    browser.cookie = cookie;
    expect((await browser.get('/warnings')).status).toBe(303);

    await browser.logIn(token);
    expect((await browser.get('/warnings')).status).toBe(200);
    office.now += 12 * 3_600_000;
    expect((await browser.get('/warnings')).status).toBe(303);

    await browser.logIn(token);
    await office.embedded.folder.tokens.revoke('clerk');
    expect((await browser.get('/warnings')).status).toBe(303);
  });

  it('begin a new login with each token, so that a cookie that was there before is worth nothing', async () => {
    await browser.logIn(token);
    const before = browser.cookie;
    await browser.logIn(token);
    expect(browser.cookie).not.toBe(before);
    browser.cookie = before;
    expect((await browser.get('/warnings')).status).toBe(303);
  });

  it('take a warning from signing to closing, each step shown, errors in Chinese', async () => {
    await browser.logIn(token);
    const first = await browser.get(`/warnings/${id}`);
    expect(formsOf(first)).toEqual(['sign', 'convene']);
    const signed = await fill(browser, id, 'sign');
    expect([signed.status, signed.headers.location]).toEqual([303, `/warnings/${id}`]);
    expect((await fill(browser, id, 'start', { measures: '现场检查' })).status).toBe(303);
    const empty = await fill(browser, id, 'feedback', {
      result: 'confirmed',
      findings: '后厨有异物',
      measures: '',
    });
    expect(empty.status).toBe(422);
    expect(empty.text).toContain('请填写「处置措施」。');
    // What was typed is still there.
    expect(empty.text).toContain('后厨有异物</textarea>');
    const fedBack = { result: 'confirmed', findings: '后厨有异物', measures: '责令改正' };
    expect((await fill(browser, id, 'feedback', fedBack)).status).toBe(303);
    expect((await fill(browser, id, 'close', { conclusion: '已改正' })).status).toBe(303);
    const closed = await browser.get(`/warnings/${id}`);
    expect(formsOf(closed)).toEqual([]);
    for (const text of ['已办结', '情况属实', '后厨有异物', '责令改正', '已改正', '现场检查', '新发预警'])
      expect(closed.text).toContain(text);
    const line = closed.text.slice(closed.text.indexOf('全过程记录'));
    const order = ['新发预警', '签收', '开始处置', '反馈', '办结'].map((word) => line.indexOf(word));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(Math.min(...order)).toBeGreaterThan(0);
  });

  it('say why, what it rests on, what is asked and by when', async () => {
    await browser.logIn(token);
    const page = await browser.get(`/warnings/${id}`);
    const shown = shownOf(page);
    for (const words of [
      '黄色预警',
      '某饭店 ：食品经营者被投诉',
      '七日内有食品投诉即为黄色。',
      'complaints 1',
      '评分 10',
      '《中华人民共和国食品安全法》第一百一十条',
      '食品核查预案：逐件核实投诉',
      '签收 2 小时，反馈 1 个工作日',
      '市场监督管理局 签收 2026-03-02 12:00',
      '卫生健康局 配合 知悉',
      '投诉举报 投诉类别： 食品异物',
      '依据的事件共 1 条',
    ])
      expect(shown).toContain(words);
    const json = await office.ask(`/v1/warnings/${id}`, { token });
    const { evidence } = JSON.parse(json.text) as { evidence: { link: { hash: string } } };
    expect(shown).toContain(evidence.link.hash);
  });

  it('mark what is overdue, on the list and on the warning', async () => {
    await browser.logIn(token);
    for (const path of ['/warnings', `/warnings/${id}`])
      expect((await browser.get(path)).text).not.toContain('已超期');
    expect(shownOf(await browser.get('/warnings'))).toContain('应于 2026-03-02 12:00 前签收');
    await office.pass(2 * 3_600_000 + 60_000);
    for (const path of ['/warnings', `/warnings/${id}`])
      expect((await browser.get(path)).text).toContain('已超期');
  });

  it('show an action that came too late as such, with what may be done instead', async () => {
    await browser.logIn(token);
    const page = await browser.get(`/warnings/${id}`);
    await office.act(id, { type: 'sign' }, token);
    const late = await browser.post(`/warnings/${id}`, { type: 'sign', key: keyOf(page, 'sign') });
    expect(late.status).toBe(409);
    expect(late.text).toContain('预警当前的状态不允许该操作。');
    expect(formsOf(late)).toEqual(['start', 'feedback', 'convene', 'hand-over']);
  });

  it('take a form that is sent twice once', async () => {
    await browser.logIn(token);
    const page = await browser.get(`/warnings/${id}`);
    const fields = { type: 'sign', key: keyOf(page, 'sign') };
    const both = await Promise.all([1, 2].map(() => browser.post(`/warnings/${id}`, fields)));
    expect(both.map(({ status }) => status)).toEqual([303, 303]);
    const { actions } = JSON.parse((await office.ask(`/v1/warnings/${id}`, { token })).text) as {
      actions: unknown[];
    };
    expect(actions).toHaveLength(1);
  });

  it('refuse forms that this login was not given', async () => {
    const other = new Browser(office.url);
    await other.logIn(await office.token('clerk-2', { role: 'department', department: 'market' }));
    const foreign = /name="csrf" value="([^"]+)"/.exec((await other.get(`/warnings/${id}`)).text)?.[1] ?? '';
    await browser.logIn(token);
    const key = keyOf(await browser.get(`/warnings/${id}`), 'sign');
    for (const fields of [
      { type: 'sign', key, csrf: '' },
      { type: 'sign', key, csrf: foreign },
      { type: 'sign', key: '' },
    ]) {
      const answer = await browser.post(`/warnings/${id}`, fields);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('表单已失效');
    }
    expect((await browser.post('/logout', { csrf: foreign })).status).toBe(403);
    expect(formsOf(await browser.get(`/warnings/${id}`))).toContain('sign');
  });

  it('refuse forms of other pages, by Origin and by Sec-Fetch-Site', async () => {
    await browser.logIn(token);
    const key = keyOf(await browser.get(`/warnings/${id}`), 'sign');
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      expect((await browser.post(`/warnings/${id}`, { type: 'sign', key }, headers)).status).toBe(403);
    expect((await browser.post('/login', { token }, { origin: 'https://evil.example' })).status).toBe(403);
    expect(formsOf(await browser.get(`/warnings/${id}`))).toContain('sign');
  });

  it('do not serve the API by a cookie', async () => {
    await browser.logIn(token);
    expect((await office.ask('/v1/warnings', { headers: { cookie: browser.cookie ?? '' } })).status).toBe(
      401,
    );
    const headers = { cookie: browser.cookie ?? '', 'content-type': 'application/json' };
    const path = `/v1/warnings/${id}/actions`;
    expect((await office.ask(path, { body: '{"type":"sign"}', headers })).status).toBe(401);
  });

  it('show of unknown warnings, and of those that one may not read, the same', async () => {
    const stranger = new Browser(office.url);
    await stranger.logIn(await office.token('other', { role: 'department', department: 'ecology' }));
    const [unknown, hidden] = [
      await stranger.get(`/warnings/${'f'.repeat(32)}`),
      await stranger.get(`/warnings/${id}`),
    ];
    expect([unknown.status, hidden.status]).toEqual([404, 404]);
    expect(hidden.text).toBe(unknown.text);
    expect((await stranger.post(`/warnings/${id}`, { type: 'sign', key: '0'.repeat(32) })).status).toBe(404);
  });

  it('offer the departments of a lead to choose among, and filter by them', async () => {
    await browser.logIn(token);
    expect((await browser.get('/warnings')).text).not.toContain('aria-label="部门"');
    await browser.logIn(await office.token('chief', { role: 'lead', department: 'county' }));
    const list = await browser.get('/warnings');
    const options = [...list.text.matchAll(/<option value="([a-z]+)"/g)].map(([, department]) => department);
    expect(options.sort()).toEqual(['county', 'health', 'market', 'police']);
    expect((await browser.get('/warnings?department=market')).text).toContain('某饭店');
    expect((await browser.get('/warnings?department=police')).text).toContain('目前没有预警。');
    expect((await browser.get('/warnings?department=Market')).status).toBe(400);
  });

  it('show long lists in pages', async () => {
    await office.raise(Array.from({ length: 50 }, (_, index) => ({ name: `店${index}`, region })));
    await browser.logIn(token);
    const first = await browser.get('/warnings');
    expect(first.text).toContain('共 51 条');
    expect(first.text.match(/<li class="yellow"/g)).toHaveLength(50);
    expect(first.text).toContain('href="/warnings?offset=50"');
    const second = await browser.get('/warnings?offset=50');
    expect(second.text.match(/<li class="yellow"/g)).toHaveLength(1);
    expect(second.text).toContain('href="/warnings?offset=0"');
  });
});

describe('what others wrote', () => {
  const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;{{7*7}}\${1}`;

  it('stands on the pages as text, wherever it comes from', async () => {
    office = await openOffice();
    const [id = ''] = await office.raise([{ name: HOSTILE, region, category: HOSTILE }]);
    const token = await office.token('clerk', { role: 'department', department: 'market' });
    const browser = new Browser(office.url);
    await browser.logIn(token);
    await office.act(id, { type: 'sign' }, token);
    const wrote = { findings: HOSTILE, measures: HOSTILE };
    // Once refused, so that it comes back in the form, and once taken.
    const page = await browser.get(`/warnings/${id}`);
    const key = keyOf(page, 'feedback');
    const refused = await browser.post(`/warnings/${id}`, {
      type: 'feedback',
      key,
      result: HOSTILE,
      into: HOSTILE,
      ...wrote,
    });
    expect(refused.status).toBe(422);
    await office.act(id, { type: 'convene', participants: ['market'], reason: HOSTILE }, token);
    await office.act(id, { type: 'opinion', position: 'agree', text: HOSTILE }, token);
    await office.act(id, { type: 'conclude', conclusion: HOSTILE }, token);
    await office.act(id, { type: 'hand-over', organ: 'police', materials: [HOSTILE] }, token);
    await office.act(id, { type: 'feedback', result: 'confirmed', ...wrote }, token);
    const list = await browser.get('/warnings');
    const closed = await office.act(id, { type: 'close', conclusion: HOSTILE }, token);
    expect(closed.status).toBe(200);
    const pages = [refused, list, await browser.get(`/warnings/${id}`)];
    for (const { text } of pages) {
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(text).not.toMatch(/<script|<img|onerror='/);
      expect(text).toContain('{{7*7}}${1}');
    }
    const detail = pages[2]?.text ?? '';
    expect(detail.split('&lt;script&gt;').length).toBeGreaterThan(10);
  });

  it('runs nowhere: no page has a script or loads anything, and the headers forbid it', async () => {
    office = await openOffice();
    const [id = ''] = await office.raise([{ name: '某饭店', region }]);
    const browser = new Browser(office.url);
    const open = ['/warnings', `/warnings/${id}`, `/warnings/${'f'.repeat(32)}`];
    for (const path of [...open, '/login']) {
      if (path === '/login') await office.token('clerk', { role: 'department', department: 'market' });
      const { headers, text } = await browser.get(path);
      const policy = headers['content-security-policy'];
      const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      expect(policy).toBe(
        `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      );
      // With no-referrer browsers send forms with "Origin: null", which would be refused.
      expect(headers).toMatchObject({
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      });
      expect(text).not.toMatch(/<script|javascript:|\son[a-z]+=|\sstyle=|\ssrc=|https?:\/\/|@import|url\(/i);
    }
  });
});

describe('pages without tokens', () => {
  let id: string;
  let browser: Browser;
  beforeEach(async () => {
    office = await openOffice();
    [id = ''] = await office.raise([{ name: '某饭店', region }]);
    browser = new Browser(office.url);
  });

  it('are shown to the operator of the machine, who acts for nobody', async () => {
    const page = await browser.get(`/warnings/${id}`);
    expect([page.status, formsOf(page)]).toEqual([200, []]);
    expect((await browser.post(`/warnings/${id}`, { type: 'sign', key: '0'.repeat(32) })).status).toBe(403);
  });

  it('let a department be chosen and acted for', async () => {
    await browser.get('/warnings');
    const chosen = await browser.post('/acting', { department: 'market' });
    expect([chosen.status, chosen.headers.location]).toEqual([303, '/warnings']);
    expect((await fill(browser, id, 'sign')).status).toBe(303);
    expect((await browser.get(`/warnings/${id}`)).text).toContain('已签收');
    await browser.get('/warnings');
    expect((await browser.post('/acting', { department: '' })).status).toBe(303);
    expect(formsOf(await browser.get(`/warnings/${id}`))).toEqual([]);
  });

  it('know no other departments than those of the catalogue, and take no form of another login', async () => {
    await browser.get('/warnings');
    for (const department of ['nobody', '../x', 'MARKET'])
      expect((await browser.post('/acting', { department })).status).toBe(400);
    expect((await browser.post('/acting', { department: 'market', csrf: 'x' })).status).toBe(403);
    expect((await new Browser(office.url).post('/acting', { department: 'market' })).status).toBe(403);
  });

  it('ask for no login', async () => {
    const answer = await browser.get(`/login?next=%2Fwarnings%2F${id}`);
    expect([answer.status, answer.headers.location]).toEqual([303, `/warnings/${id}`]);
  });

  it('end with the first token', async () => {
    await browser.get('/warnings');
    await browser.post('/acting', { department: 'market' });
    await office.token('auditor', { role: 'auditor' });
    const page = await browser.get(`/warnings/${id}`);
    expect([page.status, page.headers.location]).toEqual([303, `/login?next=%2Fwarnings%2F${id}`]);
    expect((await browser.post(`/warnings/${id}`, { type: 'sign', key: '0'.repeat(32) })).status).toBe(303);
    expect(await office.audit()).toEqual([]);
  });
});
