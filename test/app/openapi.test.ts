import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/adapters/http/app.js';
import { HTTP_SCHEMA } from '../../src/adapters/http/config.js';
import { RIGHTS } from '../../src/adapters/http/endpoints.js';
import { drawnTransitions } from '../../src/alerts/drawn-task.js';
import { RunningFront } from '../../src/app/front.js';
import { evidenceKeyOf } from '../../src/evidence/blinding.js';
import { pseudonymOf } from '../../src/events/pseudonym.js';
import { DrawBook } from '../../src/pipeline/draw-book.js';
import { drawnIn } from '../alerts/drawn.js';
import { complaint, type Answer, type Asked } from '../adapters/http/opened.js';
import { Browser } from './browser.js';
import { HERE, openOffice, type Office } from './office.js';

interface Operation {
  readonly security?: readonly object[];
  readonly 'x-roles'?: readonly string[];
  readonly responses: {
    readonly [status: string]: { readonly content?: { readonly [type: string]: object } };
  };
}
interface Document {
  readonly openapi: string;
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
}

let office: Office;
let document: Document;
let warning: string;
let other: string;
const token: { [name: string]: string } = {};
const seen = new Set<string>();
const ajv = new Ajv2020({ strict: false, allErrors: true });
(formats as unknown as (to: Ajv2020) => void)(ajv);

beforeAll(async () => {
  office = await openOffice({ rate: { refusedPerMinute: 4 } }, new Map(), {
    purposes: { verify: '核实投诉' },
    allow: [{ role: 'lead', purposes: ['verify'] }],
  });
  [warning = '', other = ''] = await office.raise([
    { name: '某饭店', region: `${HERE}001`, complainant: '甲某' },
    { name: '某小吃店', region: `${HERE}002` },
  ]);
  const answer = await office.ask('/v1/openapi.json');
  document = JSON.parse(answer.text) as Document;
  ajv.addSchema(document, 'document');
  token['clerk'] = await office.token('clerk', { role: 'department', department: 'market' });
  token['lead'] = await office.token('lead', { role: 'lead', department: 'county' });
  token['police'] = await office.token('police', { role: 'department', department: 'police' });
  token['operator'] = await office.token('operator', { role: 'operator' });
});
afterAll(() => office.close());

/** Holds an answer against what the document says of it. */
function check(method: string, path: string, answer: Answer): void {
  const status = String(answer.status);
  const operation = document.paths[path]?.[method];
  const described = operation?.responses[status];
  expect(described, `${method} ${path} ${status}: ${answer.text.slice(0, 200)}`).toBeDefined();
  seen.add(`${method} ${path} ${status}`);
  const type = (answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  if (described?.content === undefined) {
    expect(answer.text).toBe('');
    return;
  }
  expect(Object.keys(described.content)).toContain(type);
  if (type !== 'application/json') return;
  const pointer = ['paths', path, method, 'responses', status, 'content', type, 'schema']
    .map((part) => encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1')))
    .join('/');
  const validate = ajv.compile({ $ref: `document#/${pointer}` });
  expect(validate(JSON.parse(answer.text)), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true);
}

const api = async (
  method: 'get' | 'post',
  path: string,
  url: string,
  asked: Asked & { readonly token?: string | undefined; readonly json?: unknown } = {},
) => {
  const { token: given = null, ...rest } = asked;
  const answer = await office.ask(url, { method: method.toUpperCase(), ...rest, token: given });
  check(method, path, answer);
  return answer.status;
};

describe('/v1/openapi.json', () => {
  it('describes every path that is served, and no other', async () => {
    const served: string[] = [];
    const { app } = await createApp({
      front: new RunningFront(),
      settings: HTTP_SCHEMA.parse({ port: 0 }),
      log: () => undefined,
      now: Date.now,
      onRoute: ({ method, url }) => served.push(`${method} ${url.replace(':id', '{id}')}`),
    });
    await app.close();
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(served.filter((route) => !route.startsWith('HEAD ')).sort()).toEqual(described.sort());
    expect(served.length).toBeGreaterThan(15);
  });

  it('is served without a token, as OpenAPI 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('refers to nothing that it does not hold', () => {
    for (const [, ref = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
      expect(ref).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(
        Object.keys((document as unknown as { components: { schemas: object } }).components.schemas),
      ).toContain(ref.split('/').pop());
    }
  });

  it('names the roles of each path', () => {
    expect(document.paths['/v1/warnings/{id}/actions']?.['post']?.['x-roles']).toEqual(RIGHTS.act);
    expect(document.paths['/healthz']?.['get']?.security).toEqual([]);
  });
});

const LIST = '/v1/warnings';
const ONE = '/v1/warnings/{id}';
const ACT = '/v1/warnings/{id}/actions';
const SILENCES = '/v1/silences';

describe('real answers are as described', () => {
  it('of what needs no token', async () => {
    for (const path of ['/healthz', '/readyz', '/v1/openapi.json'])
      expect(await api('get', path, path)).toBe(200);
    expect(await api('get', '/v1/openapi.json', '/v1/openapi.json?x=1')).toBe(400);
    expect(await api('get', '/healthz', '/healthz', { headers: { host: 'evil.example' } })).toBe(403);
  });

  it('of events', async () => {
    const path = '/v1/events';
    const send = (json: unknown, headers = {}) =>
      api('post', path, path, { json, token: token['clerk'], headers });
    expect(await send(complaint('o1'))).toBe(202);
    expect(await send([complaint('o2'), { broken: true }])).toBe(202);
    const raw = { token: token['clerk'], headers: { 'content-type': 'application/json' } };
    expect(await api('post', path, path, { ...raw, body: '' })).toBe(400);
    expect(await api('post', path, path, { ...raw, body: 'not json' })).toBe(400);
    expect(await api('post', path, path, { ...raw, body: '"text"' })).toBe(202);
    expect(await api('post', path, path, { ...raw, body: Buffer.from([0x22, 0xff, 0x22]) })).toBe(400);
    expect(await send({}, { 'content-type': 'text/plain' })).toBe(415);
    expect(await send({}, { 'content-encoding': 'br' })).toBe(415);
    expect(await send({}, { 'content-encoding': 'gzip' })).toBe(400);
    expect(await api('post', path, path, { ...raw, body: '"x'.repeat(5_000_000) })).toBe(413);
  });

  it('of silences', async () => {
    const everywhere = { id: 'o', role: 'operator', department: null, region: null } as const;
    const silences = () => office.embedded.desk.silencing.list(everywhere);
    const order = { reason: '设备检修', until: new Date(office.now + 3_600_000).toISOString() };
    const silence = async (who: string, json: unknown) =>
      api('post', SILENCES, SILENCES, { json, token: token[who] });
    expect(await silence('operator', { ...order, match: { key: 'shop:none' } })).toBe(201);
    expect(await silence('operator', { ...order, match: {} })).toBe(400);
    expect(await silence('operator', { ...order, match: { item: 'nothing' } })).toBe(422);
    expect(await silence('lead', { ...order, match: { key: 'shop:none' } })).toBe(403);
    expect(await api('get', SILENCES, SILENCES, { token: token['clerk'] })).toBe(200);
    const [{ id }] = silences() as [{ id: string }];
    const end = async (of: string) =>
      api('post', `${SILENCES}/{id}/end`, `${SILENCES}/${of}/end`, { token: token['operator'] });
    expect(await end('f'.repeat(32))).toBe(404);
    expect(await end(id)).toBe(204);
    expect(silences()).toEqual([]);
  });

  it('of clear personal values', async () => {
    const pseudonym = pseudonymOf('name', '甲某', new Uint8Array(32).fill(3));
    const order = { warning, pseudonym, purpose: 'verify', reason: '核实投诉' };
    const reveal = async (who: string, change: object = {}) =>
      api('post', '/v1/personal', '/v1/personal', { json: { ...order, ...change }, token: token[who] });
    expect(await reveal('lead')).toBe(200);
    expect(await reveal('lead', { purpose: 'other' })).toBe(400);
    expect(await reveal('lead', { purpose: undefined })).toBe(400);
    expect(await reveal('clerk')).toBe(403);
    expect(await reveal('lead', { warning: other })).toBe(404);
    const erase = async (who: string, json: object) =>
      api('post', '/v1/personal/erase', '/v1/personal/erase', { json, token: token[who] });
    expect(await erase('lead', { pseudonym, reason: '本人申请' })).toBe(403);
    expect(await erase('operator', { pseudonym })).toBe(400);
    expect(await erase('operator', { pseudonym, reason: '本人申请' })).toBe(204);
    expect(await erase('operator', { pseudonym, reason: '本人申请' })).toBe(404);
    expect(await reveal('lead')).toBe(410);
  });

  it('of rules', async () => {
    const path = '/v1/models';
    const change = (who: string, json: unknown) => api('post', path, path, { json, token: token[who] });
    const { running } = await office.embedded.models.status();
    expect(await change('operator', { revision: running, because: '复核' })).toBe(200);
    expect(await change('operator', { revision: running.startsWith('0000') ? '1111' : '0000' })).toBe(422);
    expect(await change('operator', { files: { 'catalogue/items.yaml': ':' } })).toBe(422);
    expect(await change('operator', { files: { '../outside.yaml': '' } })).toBe(400);
    expect(await change('lead', { revision: running })).toBe(403);
    expect(await api('get', path, path, { token: token['operator'] })).toBe(200);
    expect(await api('get', path, path, { token: token['clerk'] })).toBe(403);
  });

  it('of every action', async () => {
    const by = async (who: string, json: unknown, on = warning) =>
      api('post', ACT, `/v1/warnings/${on}/actions`, { json, token: token[who] });
    const until = new Date(office.now + 86_400_000).toISOString();
    expect(await by('clerk', { type: 'sign' })).toBe(200);
    expect(await by('clerk', { type: 'sign' })).toBe(409);
    expect(await by('clerk', { type: 'suspend', reason: '鉴定', until })).toBe(403);
    expect(await by('lead', { type: 'suspend', reason: '鉴定', until: '2020-01-01T00:00:00Z' })).toBe(422);
    expect(await by('clerk', { type: 'dance' })).toBe(400);
    expect(await by('clerk', { type: 'sign' }, 'f'.repeat(32))).toBe(404);
    for (const [who, act] of [
      ['clerk', { type: 'start', measures: '现场检查' }],
      ['lead', { type: 'suspend', reason: '鉴定', until }],
      ['lead', { type: 'resume', reason: '已有结论' }],
      ['clerk', { type: 'convene', participants: ['market'], reason: '会商' }],
      ['clerk', { type: 'opinion', position: 'agree', text: '属实' }],
      ['clerk', { type: 'conclude', conclusion: '属实' }],
      ['clerk', { type: 'hand-over', organ: 'police', materials: ['检查笔录'] }],
      ['police', { type: 'receipt', transfer: 1, number: '〔2026〕1号' }],
      ['police', { type: 'accept', transfer: 1 }],
      ['clerk', { type: 'hand-over', organ: 'police', materials: ['照片'] }],
      ['police', { type: 'refuse', transfer: 2, reason: '不构成犯罪' }],
      ['clerk', { type: 'feedback', result: 'merged', findings: '同一对象', measures: '并案', into: other }],
      ['lead', { type: 'return', department: 'market', reason: '再查' }],
      ['clerk', { type: 'feedback', result: 'confirmed', findings: '属实', measures: '整改' }],
    ] as const) {
      expect([act.type, await by(who, act)]).toEqual([act.type, 200]);
    }
    const passed = {
      type: 'feedback',
      result: 'transferred',
      findings: '非本部门',
      measures: '移交',
      department: 'health',
    };
    expect(await by('clerk', { type: 'sign' }, other)).toBe(200);
    expect(await by('clerk', passed, other)).toBe(200);
    expect(await api('get', ONE, `/v1/warnings/${warning}`, { token: token['clerk'] })).toBe(200);
    expect(await by('clerk', { type: 'close', conclusion: '办结' })).toBe(200);
  });

  it('of warnings, the audit log and metrics', async () => {
    const operator = { token: token['operator'] };
    expect(await api('get', LIST, '/v1/warnings?limit=5', operator)).toBe(200);
    expect(await api('get', LIST, '/v1/warnings?department=market', operator)).toBe(200);
    expect(await api('get', LIST, '/v1/warnings?limit=x', operator)).toBe(400);
    expect(await api('get', ONE, `/v1/warnings/${'f'.repeat(32)}`, operator)).toBe(404);
    const evidence = (id: string) => api('get', `${ONE}/evidence`, `/v1/warnings/${id}/evidence`, operator);
    expect(await evidence('f'.repeat(32))).toBe(404);
    expect(await evidence(warning)).toBe(503);
    await office.pass(3_700_000);
    expect(await evidence(warning)).toBe(200);
    expect(await api('get', '/v1/report', '/v1/report', operator)).toBe(200);
    expect(await api('get', '/v1/report', '/v1/report?model=x', operator)).toBe(400);
    expect(await api('get', '/v1/withheld', '/v1/withheld?reason=muted&limit=5', operator)).toBe(200);
    expect(await api('get', '/v1/withheld', '/v1/withheld?reason=tired', operator)).toBe(400);
    const queue = (url: string, who: string) => api('get', '/v1/queue', url, { token: token[who] });
    expect(await queue('/v1/queue', 'clerk')).toBe(200);
    expect(await queue('/v1/queue?department=market&limit=1', 'operator')).toBe(200);
    expect(await queue('/v1/queue', 'operator')).toBe(400);
    expect(await queue('/v1/queue?department=MARKET', 'operator')).toBe(400);
    expect(await queue('/v1/queue?department=nobody', 'operator')).toBe(404);
    expect(await queue('/v1/queue?department=health', 'clerk')).toBe(404);
    expect(await api('get', '/v1/audit', '/v1/audit', operator)).toBe(200);
    expect(await api('get', '/v1/audit', '/v1/audit?limit=0', operator)).toBe(400);
    expect(await api('get', '/metrics', '/metrics', operator)).toBe(200);
  });

  it('of pages', async () => {
    const browser = new Browser(office.url);
    const page = (method: 'get' | 'post', path: string, answer: Answer) => {
      check(method, path, answer);
      return answer.status;
    };
    expect(page('get', '/', await browser.get('/'))).toBe(303);
    expect(page('get', '/warnings', await browser.get('/warnings'))).toBe(303);
    expect(page('get', '/withheld', await browser.get('/withheld'))).toBe(303);
    expect(page('get', '/queue', await browser.get('/queue'))).toBe(303);
    expect(page('get', '/login', await browser.get('/login?next=/warnings'))).toBe(200);
    expect(page('post', '/login', await browser.post('/login', { token: token['clerk'] ?? '' }))).toBe(303);
    expect(page('get', '/warnings', await browser.get('/warnings'))).toBe(200);
    expect(page('get', '/warnings', await browser.get('/warnings?offset=x'))).toBe(400);
    expect(page('get', '/warnings/{id}', await browser.get(`/warnings/${warning}`))).toBe(200);
    expect(page('get', '/withheld', await browser.get('/withheld?reason='))).toBe(200);
    expect(page('get', '/queue', await browser.get('/queue'))).toBe(200);
    expect(page('get', '/queue', await browser.get('/queue?limit=5'))).toBe(400);
    expect(page('get', '/queue', await browser.get('/queue?department=health'))).toBe(404);
    const [fresh = ''] = await office.raise([{ name: '新店', region: `${HERE}001` }]);
    const key = '1'.repeat(32);
    const at = `/warnings/${fresh}`;
    expect(
      page('post', '/warnings/{id}', await browser.post(at, { type: 'close', key, conclusion: '' })),
    ).toBe(422);
    expect(page('post', '/warnings/{id}', await browser.post(at, { type: 'start', key }))).toBe(409);
    expect(
      page('post', '/warnings/{id}', await browser.post(at, { type: 'sign', key: '2'.repeat(32) })),
    ).toBe(303);
    expect(page('post', '/acting', await browser.post('/acting', { department: 'market' }))).toBe(403);
    expect(page('post', '/logout', await browser.post('/logout', { csrf: 'no' }))).toBe(403);
    expect(page('post', '/logout', await browser.post('/logout', {}))).toBe(303);
  });

  it('of an inspection that was drawn', async () => {
    const { folder, rules } = office.embedded;
    const book = new DrawBook({
      inbox: folder.logs.inbox,
      state: folder.lmdb.state,
      evidenceKey: evidenceKeyOf(folder.siteKey),
      nonce: () => 'n',
    });
    const wanted = { shops: 1, departments: ['health', 'market'], items: ['food'], region: `${HERE}001` };
    const draw = drawnIn(rules, { at: office.now, ...wanted });
    expect(await book.announce(draw)).toBe(1);
    await office.pass(1_000);
    const [{ warning: id = '' } = {}] = drawnTransitions(draw);
    const clerk = { token: token['clerk'] ?? '' };
    expect(await api('get', LIST, LIST, clerk)).toBe(200);
    expect(await api('get', '/v1/queue', '/v1/queue', clerk)).toBe(200);
    expect(await api('post', ACT, `/v1/warnings/${id}/actions`, { ...clerk, json: { type: 'sign' } })).toBe(
      200,
    );
    expect(await api('get', ONE, `/v1/warnings/${id}`, clerk)).toBe(200);
    const said = JSON.parse((await office.ask(`/v1/warnings/${id}`, clerk)).text) as object;
    expect(said).toMatchObject({
      level_name: '双随机抽查',
      draw: { digest: draw.digest },
      task: { items: [{ id: 'food' }] },
    });
    expect((await office.ask('/v1/queue', clerk)).text).toContain('"level_name":"双随机抽查"');
  });

  it('of refusals for who asks, up to the limit of their number', async () => {
    for (let number = 0; number < 2; number++) {
      expect(await api('get', LIST, '/v1/warnings')).toBe(401);
      expect(await api('get', '/metrics', '/metrics', { token: token['clerk'] })).toBe(403);
    }
    const browser = new Browser(office.url);
    check('post', '/login', await browser.post('/login', { token: 'x'.repeat(20) }));
    expect(await api('get', '/v1/audit', '/v1/audit')).toBe(401);
    expect(await api('post', ACT, `/v1/warnings/${warning}/actions`, { json: {} })).toBe(429);
    expect(await api('get', LIST, '/v1/warnings')).toBe(429);
  });

  it('for every status that a path answers by itself', () => {
    const missing = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        ['200', '202', '303', '404', '409', '422']
          .filter((status) => status in responses && !seen.has(`${method} ${path} ${status}`))
          .map((status) => `${method} ${path} ${status}`),
      ),
    );
    expect(missing).toEqual([
      // It takes more than 200 transitions.
      'get /v1/warnings/{id}/evidence 409',
      // It takes a thousand silences.
      'post /v1/silences 409',
      // It takes a legal hold, which retention.test.ts has.
      'post /v1/personal/erase 409',
      // It takes two changes of rules at once, which models.test.ts has.
      'post /v1/models 409',
      // Pages of warnings that are not there, and the choice of a department, are tried with the pages themselves.
      'get /warnings/{id} 303',
      'get /warnings/{id} 404',
      'post /warnings/{id} 404',
      'get /login 303',
      'post /acting 303',
    ]);
  });
});
