// Who may do what, cell by cell: every path under every kind of account, as a table.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueView } from '../../src/app/queueing.js';
import type { Report } from '../../src/app/reporting.js';
import { complaint } from '../adapters/http/opened.js';
import { Browser } from './browser.js';
import { HERE, NOW, openOffice, THERE, type Account, type Office } from './office.js';

/**
 * The accounts. The warnings are of 市场监督管理局 (market), with 卫生健康局 (health) in copy and the county above both;
 * all but one lie in the region `here`.
 */
const ACCOUNTS: { readonly [name: string]: Account | null } = {
  nobody: null,
  expired: null,
  revoked: null,
  own: { role: 'department', department: 'market' },
  'own-here': { role: 'department', department: 'market', region: HERE },
  'own-there': { role: 'department', department: 'market', region: THERE },
  copied: { role: 'department', department: 'health' },
  other: { role: 'department', department: 'ecology' },
  lead: { role: 'lead', department: 'market' },
  above: { role: 'lead', department: 'county' },
  'above-there': { role: 'lead', department: 'county', region: THERE },
  'lead-other': { role: 'lead', department: 'city' },
  author: { role: 'author' },
  operator: { role: 'operator' },
  auditor: { role: 'auditor' },
  'auditor-there': { role: 'auditor', region: THERE },
};

/**
 * Per path the status that each account gets, on a warning `here` that nobody has acted on; `list` and `page list` give
 * how many of the 33 warnings are shown, `report` how many it adds up, `queue` and `of-market` how many wait for the own
 * department and for market. A page leads those who are not logged in to the login (303), and those who did something
 * back to the warning (303). Where nobody has set purposes, whoever might be allowed to see clear values (`reveal`) names
 * one that is not there; see personal.test.ts.
 */
const TABLE = `
account       events list one evidence queue of-market withheld reveal erase sign suspend silences silence report audit metrics openapi healthz readyz  models change | page-list page sign-page
nobody        401    401  401 401      401   401       401      401    401   401  401     401      401     401    401   401     200     200     200     401    401    | 303       303  303
expired       401    401  401 401      401   401       401      401    401   401  401     401      401     401    401   401     200     200     200     401    401    | 303       303  303
revoked       401    401  401 401      401   401       401      401    401   401  401     401      401     401    401   401     200     200     200     401    401    | 303       303  303
own           202    33   200 200      33    33        200      400    403   200  403     200      403     33     403   403     200     200     200     403    403    | 33        200  303
own-here      202    32   200 200      32    32        200      400    403   200  403     200      403     32     403   403     200     200     200     403    403    | 32        200  303
own-there     202    1    404 404      1     1         200      400    403   404  404     200      403     1      403   403     200     200     200     403    403    | 1         404  404
copied        202    33   200 200      0     404       200      400    403   403  403     200      403     33     403   403     200     200     200     403    403    | 33        200  403
other         202    0    404 404      0     404       200      400    403   404  404     200      403     0      403   403     200     200     200     403    403    | 0         404  404
lead          202    33   200 200      33    33        200      400    403   200  200     200      201     33     403   403     200     200     200     403    403    | 33        200  303
above         202    33   200 200      0     33        200      400    403   403  200     200      201     33     403   403     200     200     200     403    403    | 33        200  403
above-there   202    1    404 404      0     1         200      400    403   404  404     200      403     1      403   403     200     200     200     403    403    | 1         404  404
lead-other    202    0    404 404      0     404       200      400    403   404  404     200      403     0      403   403     200     200     200     403    403    | 0         404  404
author        403    33   200 200      400   33        200      403    403   403  403     200      403     33     403   403     200     200     200     200    403    | 33        200  403
operator      202    33   200 200      400   33        200      400    404   403  403     200      201     33     200   200     200     200     200     200    200    | 33        200  403
auditor       403    33   200 200      400   33        200      400    403   403  403     200      403     33     200   200     200     200     200     200    403    | 33        200  403
auditor-there 403    1    404 404      400   1         200      400    403   403  403     200      403     1      200   200     200     200     200     200    403    | 1         404  403
`;

const [head, ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.replace('|', '').trim().split(/\s+/));
const [, ...columns] = head as [string, ...string[]];

let office: Office;
/** One `here` for each account to act on by the API, one for each to act on by the pages, and one `there`. */
let warnings: string[];
const tokens = new Map<string, string | null>();

beforeAll(async () => {
  office = await openOffice();
  const shops = Array.from({ length: 33 }, (_, index) => ({
    name: `店${index}`,
    region: `${index === 32 ? THERE : HERE}001`,
  }));
  warnings = await office.raise(shops);
  // Until the first seal there is no evidence to be given.
  await office.pass(3_700_000);
  const { tokens: file } = office.embedded.folder;
  for (const [name, account] of Object.entries(ACCOUNTS))
    tokens.set(name, account === null ? null : await office.token(name, account));
  const operator = { role: 'operator', department: null, region: null } as const;
  tokens.set('expired', await file.grant({ ...operator, id: 'expired', expires: NOW - 1 }, NOW - 2));
  tokens.set('revoked', await file.grant({ ...operator, id: 'revoked', expires: Date.now() + 60_000 }, NOW));
  await file.revoke('revoked');
});
afterAll(() => office.close());

type Cell = (account: string, warning: string) => Promise<number>;
const get = (path: string) => async (account: string) =>
  (await office.ask(path, { token: tokens.get(account) ?? null })).status;
const act =
  (body: object): Cell =>
  async (account, warning) =>
    (await office.act(warning, body, tokens.get(account) ?? null)).status;

/** How many warnings wait for a department, those with it whose clocks some account has stopped. */
async function queue(account: string, path: string): Promise<number> {
  const answer = await office.ask(path, { token: tokens.get(account) ?? null });
  const { items, total, suspended } = JSON.parse(answer.text) as Partial<QueueView>;
  expect(items?.length).toBe(total);
  return total === undefined ? answer.status : total + (suspended ?? 0);
}

const until = '2026-03-20T00:00:00Z';
const CELLS: { readonly [column: string]: Cell } = {
  events: async (account) => {
    const token = tokens.get(account) ?? null;
    const event = { ...complaint(`by ${account}`), type: 'fenghuo.opinion', data: { platform: '微博' } };
    return (await office.ask('/v1/events', { json: event, token })).status;
  },
  list: async (account) => {
    const answer = await office.ask('/v1/warnings', { token: tokens.get(account) ?? null });
    const { items, total } = JSON.parse(answer.text) as { items?: unknown[]; total?: number };
    expect(items?.length).toBe(total);
    return total ?? answer.status;
  },
  one: (account, warning) => get(`/v1/warnings/${warning}`)(account),
  evidence: (account, warning) => get(`/v1/warnings/${warning}/evidence`)(account),
  queue: (account) => queue(account, '/v1/queue'),
  'of-market': (account) => queue(account, '/v1/queue?department=market'),
  withheld: get('/v1/withheld'),
  reveal: async (account, warning) => {
    const json = { warning, pseudonym: `p:${'0'.repeat(32)}`, purpose: 'verify', reason: '核实' };
    return (await office.ask('/v1/personal', { json, token: tokens.get(account) ?? null })).status;
  },
  erase: async (account) => {
    const json = { pseudonym: `p:${'0'.repeat(32)}`, reason: '本人申请' };
    return (await office.ask('/v1/personal/erase', { json, token: tokens.get(account) ?? null })).status;
  },
  sign: act({ type: 'sign' }),
  suspend: act({ type: 'suspend', reason: '鉴定', until }),
  silences: get('/v1/silences'),
  silence: async (account) => {
    const match = { item: 'food', region: '99' };
    const json = { reason: '检修', until, match };
    return (await office.ask('/v1/silences', { json, token: tokens.get(account) ?? null })).status;
  },
  report: async (account) => {
    const answer = await office.ask('/v1/report', { token: tokens.get(account) ?? null });
    const { models, departments } = JSON.parse(answer.text) as Partial<Report>;
    if (models === undefined) return answer.status;
    // Whoever sees no warning, or other departments only, hears nothing of how those work.
    const told = (departments ?? []).map(({ department }) => department.id);
    const { role, department } = ACCOUNTS[account] ?? {};
    if (role === 'department') expect(told.filter((id) => id !== department)).toEqual([]);
    return models.reduce((sum, { warnings: count }) => sum + count, 0);
  },
  audit: get('/v1/audit'),
  metrics: get('/metrics'),
  openapi: get('/v1/openapi.json'),
  healthz: get('/healthz'),
  readyz: get('/readyz'),
  models: get('/v1/models'),
  change: async (account) => {
    const { running } = await office.embedded.models.status();
    const json = { revision: running, because: '复核' };
    return (await office.ask('/v1/models', { json, token: tokens.get(account) ?? null })).status;
  },
  'page-list': async (account) => {
    const answer = await (await browserOf(account)).get('/warnings');
    const shown = answer.text.match(/共 (\d+) 条/);
    return shown === null ? answer.status : Number(shown[1]);
  },
  page: async (account, warning) => (await (await browserOf(account)).get(`/warnings/${warning}`)).status,
  'sign-page': async (account, warning) => {
    const browser = await browserOf(account);
    return (await browser.post(`/warnings/${warning}`, { type: 'sign', key: '0'.repeat(32) })).status;
  },
};

/** A browser that has tried to log in with the token of an account. */
async function browserOf(account: string): Promise<Browser> {
  const browser = new Browser(office.url);
  const token = tokens.get(account) ?? null;
  if (token !== null) await browser.logIn(token);
  return browser;
}

describe('rights', () => {
  it('are shown for every account', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(ACCOUNTS));
    expect(columns).toEqual(Object.keys(CELLS));
  });

  for (const [index, [account = '', ...expected]] of rows.entries()) {
    for (const [place, column] of columns.entries()) {
      it(`${account}: ${column} ${expected[place]}`, async () => {
        const warning = warnings[column === 'sign-page' ? index + rows.length : index] ?? '';
        expect(String(await CELLS[column]?.(account, warning))).toBe(expected[place]);
      });
    }
  }
});
