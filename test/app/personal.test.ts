// Clear personal values, cell by cell: which account sees one for which purpose, and what the audit log then says.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidFiles } from '../../src/app/invalid-files.js';
import { openPersonalSettings } from '../../src/app/personal-settings.js';
import { Sightings } from '../../src/app/sightings.js';
import { pseudonymOf } from '../../src/events/pseudonym.js';
import { Browser } from './browser.js';
import { HERE, openOffice, THERE, type Account, type Office } from './office.js';

const NAME = '欧阳某某';
const SITE_KEY = new Uint8Array(32).fill(3);
const PSEUDONYM = pseudonymOf('name', NAME, SITE_KEY);

const SETTINGS = `purposes: { verify: 核实投诉, contact: 联系当事人, audit: 审计抽查 }
allow:
  - { role: department, departments: [market, ecology], purposes: [verify, contact] }
  - { role: lead, purposes: [verify] }
  - { role: auditor, purposes: [audit] }
`;
const DEPARTMENTS = new Set(['county', 'market', 'health', 'ecology', 'city', 'police']);

const ACCOUNTS: { readonly [name: string]: Account | null } = {
  nobody: null,
  own: { role: 'department', department: 'market' },
  'own-there': { role: 'department', department: 'market', region: THERE },
  copied: { role: 'department', department: 'health' },
  other: { role: 'department', department: 'ecology' },
  lead: { role: 'lead', department: 'market' },
  above: { role: 'lead', department: 'county' },
  'lead-other': { role: 'lead', department: 'city' },
  author: { role: 'author' },
  operator: { role: 'operator' },
  auditor: { role: 'auditor' },
  'auditor-there': { role: 'auditor', region: THERE },
};
/** The status by purpose; `none` names no purpose, `unknown` one that is not in the list. */
const TABLE = `
account       verify contact audit none unknown
nobody        401    401     401   401  401
own           200    200     403   400  400
own-there     404    404     403   400  400
copied        403    403     403   400  400
other         404    404     403   400  400
lead          200    403     403   400  400
above         200    403     403   400  400
lead-other    404    403     403   400  400
author        403    403     403   403  403
operator      403    403     403   400  400
auditor       403    403     200   400  400
auditor-there 403    403     404   400  400
`;
const [head = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const [, ...purposes] = head;

let dir = '';
let office: Office;
let warning: string;
let elsewhere: string;
const tokens = new Map<string, string | null>();

async function settingsOf(text: string) {
  const path = join(dir, 'personal.yaml');
  await writeFile(path, text);
  return openPersonalSettings(path, DEPARTMENTS);
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-personal-'));
  const settings = await settingsOf(SETTINGS);
  office = await openOffice({ rate: { personalPerMinute: 20 } }, new Map(), settings);
  [warning = '', elsewhere = ''] = await office.raise([
    { name: '某饭店', region: `${HERE}001`, complainant: NAME },
    { name: '某小吃店', region: `${HERE}002`, complainant: '乙某' },
  ]);
  for (const [name, account] of Object.entries(ACCOUNTS))
    tokens.set(name, account === null ? null : await office.token(name, account));
});
afterAll(async () => {
  await office.close();
  await rm(dir, { recursive: true });
});

const asks = (account: string, change: object = {}) =>
  office.ask('/v1/personal', {
    token: tokens.get(account) ?? null,
    json: { warning, pseudonym: PSEUDONYM, purpose: 'verify', reason: '核实投诉', ...change },
  });
const last = async () => (await office.audit()).at(-1);

describe('a clear personal value', () => {
  it('is asked for by every account and for every purpose', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(ACCOUNTS));
  });

  for (const [account = '', ...expected] of rows) {
    for (const [place, purpose] of purposes.entries()) {
      it(`${account}, ${purpose}: ${expected[place]}`, async () => {
        const named = purpose === 'none' ? { purpose: undefined } : { purpose };
        const answer = await asks(account, named);
        expect(String(answer.status)).toBe(expected[place]);
        expect(answer.text.includes(NAME)).toBe(answer.status === 200);
        if (answer.status === 200)
          expect(JSON.parse(answer.text)).toEqual({ warning, pseudonym: PSEUDONYM, purpose, value: NAME });
      });
    }
  }

  it('is noted: who, whose, for what, and what came of it; the value is not', async () => {
    const asked = async (change: object, outcome: string, account = 'own') => {
      await asks(account, change);
      const { role, department } = ACCOUNTS[account] ?? {};
      const about = { warning, pseudonym: PSEUDONYM, purpose: 'verify', reason: '核实投诉', ...change };
      expect(await last()).toEqual({
        at: office.now,
        account,
        role,
        department: department ?? null,
        what: 'reveal',
        outcome,
        ...about,
      });
    };
    await asked({}, 'done');
    await asked({ purpose: 'audit' }, 'PERSONAL_FORBIDDEN');
    await asked({ purpose: 'nothing' }, 'PERSONAL_PURPOSE');
    await asked({ warning: 'f'.repeat(32) }, 'absent');
    await asked({ warning: elsewhere }, 'absent');
    await asks('own', { reason: `致电 13812345678，身份证 11010519491231002X` });
    expect((await last())?.['reason']).toMatch(/^致电 p:[0-9a-f]{32}，身份证 p:[0-9a-f]{32}$/);
    const text = JSON.stringify(await office.audit());
    for (const secret of [NAME, '乙某', '13812345678', '11010519491231002X'])
      expect(text).not.toContain(secret);
    expect(office.failures).toEqual([]);
    const operator = await office.ask('/v1/audit?limit=500', { token: tokens.get('operator') ?? '' });
    expect(operator.text).toContain(PSEUDONYM);
  });

  it('needs a reason, and a pseudonym that the warning shows', async () => {
    for (const change of [{ reason: ' ' }, { reason: undefined }, { pseudonym: NAME }, { other: 1 }])
      expect((await asks('lead', change)).status).toBe(400);
    const shown = pseudonymOf('name', '乙某', SITE_KEY);
    expect((await asks('lead', { pseudonym: shown })).status).toBe(404);
    // Not even where somebody who acts writes it into the record.
    const token = tokens.get('lead') ?? null;
    const reason = `另见 ${shown}`;
    const convened = await office.act(warning, { type: 'convene', participants: ['health'], reason }, token);
    expect([convened.status, convened.text.includes(shown)]).toEqual([200, true]);
    expect((await asks('lead', { pseudonym: shown })).status).toBe(404);
    expect((await asks('lead', { pseudonym: shown, warning: elsewhere })).status).toBe(200);
  });

  it('is gone for good once the person is erased, and the warning stays', async () => {
    const erased = await office.ask('/v1/personal/erase', {
      token: tokens.get('operator') ?? '',
      json: { kind: 'name', value: '乙某', reason: '本人申请，电话13800138000' },
    });
    expect(erased.status).toBe(204);
    const noted = await last();
    expect(noted).toMatchObject({ account: 'operator', outcome: 'done' });
    expect(JSON.stringify(noted)).not.toMatch(/乙某|13800138000/);
    const answer = await asks('above', {
      pseudonym: pseudonymOf('name', '乙某', SITE_KEY),
      warning: elsewhere,
    });
    expect([answer.status, answer.text.includes('PERSONAL_ERASED')]).toEqual([410, true]);
    expect(await last()).toMatchObject({ account: 'above', outcome: 'PERSONAL_ERASED' });
    const one = await office.ask(`/v1/warnings/${elsewhere}`, { token: tokens.get('above') ?? '' });
    expect(one.status).toBe(200);
  });

  it('is shown so often a minute and no oftener', async () => {
    const token = await office.token('eager', { role: 'lead', department: 'market' });
    tokens.set('eager', token);
    const statuses: number[] = [];
    for (let number = 0; number < 21; number++) statuses.push((await asks('eager')).status);
    expect(statuses.slice(0, 20).every((status) => status === 200)).toBe(true);
    expect(statuses[20]).toBe(429);
  });
});

describe('without a file of purposes, or without tokens', () => {
  it('nobody sees clear values', async () => {
    const settings = await settingsOf(SETTINGS);
    const open = await openOffice({}, new Map(), settings);
    const [id = ''] = await open.raise([{ name: '某饭店', region: `${HERE}001`, complainant: NAME }]);
    const json = { warning: id, pseudonym: PSEUDONYM, purpose: 'verify', reason: '核实' };
    const headers = { 'fenghuo-department': 'market' };
    expect((await open.ask('/v1/personal', { json, headers })).status).toBe(403);
    await open.close();

    const closed = await openOffice();
    const [other = ''] = await closed.raise([{ name: '某饭店', region: `${HERE}001`, complainant: NAME }]);
    const token = await closed.token('own', { role: 'department', department: 'market' });
    const answer = await closed.ask('/v1/personal', { json: { ...json, warning: other }, token });
    expect([answer.status, answer.text.includes('PERSONAL_PURPOSE')]).toEqual([400, true]);
    await closed.close();
  });
});

describe('the file of purposes', () => {
  it('is refused with the place of what does not fit', async () => {
    const faults = async (text: string) => {
      const error: unknown = await settingsOf(text).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InvalidFiles);
      return (error as InvalidFiles).lines.join('\n');
    };
    expect(await faults('purposes: {}\n')).toContain('PERSONAL_MISSING_KEY');
    expect(await faults(SETTINGS.replace('allow:', 'alow:'))).toMatch(
      /PERSONAL_UNKNOWN_KEY.*did you mean "allow"/,
    );
    expect(await faults(SETTINGS.replace('[audit]', '[audits]'))).toMatch(
      /personal\.yaml:5:.*no purpose "audits"/,
    );
    expect(await faults(SETTINGS.replace('ecology', 'ecolgy'))).toContain('no department "ecolgy"');
    expect(await faults(SETTINGS.replace('role: lead', 'role: author'))).toContain('PERSONAL_VALUE');
    expect(await faults(SETTINGS.replace('auditor,', 'auditor, departments: [market],'))).toContain(
      'have no department',
    );
  });
});

describe('logins and tokens in the audit log', () => {
  it('are noted at the first use of a day, and at each login of a minute, not at each request', async () => {
    const here = await openOffice();
    const token = await here.token('clerk', { role: 'department', department: 'market' });
    for (let number = 0; number < 5; number++) await here.ask('/v1/warnings', { token });
    const browser = new Browser(here.url);
    await browser.logIn(token);
    await browser.logIn(token);
    const uses = async () =>
      (await here.audit()).map(({ account, what, outcome }) => [account, what, outcome]);
    expect(await uses()).toEqual([
      ['clerk', 'token', 'done'],
      ['clerk', 'login', 'done'],
    ]);
    here.now += 86_400_000;
    await here.ask('/v1/warnings', { token });
    await browser.logIn(token);
    expect((await uses()).slice(2)).toEqual([
      ['clerk', 'token', 'done'],
      ['clerk', 'login', 'done'],
    ]);
    await here.close();
  });

  it('of strangers are noted so often a minute, and the rest by their number', async () => {
    const here = await openOffice({ rate: { refusedPerMinute: 1_000 } });
    await here.token('clerk', { role: 'auditor' });
    for (let number = 0; number < 70; number++)
      await here.ask('/v1/warnings', { token: `fh_${'x'.repeat(30)}` });
    expect(await here.audit()).toHaveLength(60);
    here.now += 60_000;
    await here.ask('/v1/warnings', { token: `fh_${'x'.repeat(30)}` });
    expect((await here.audit()).slice(60)).toMatchObject([
      { account: null, what: 'read-warnings', outcome: 'HTTP_TOKEN', more: 10 },
    ]);
    await here.close();
  });

  it('hold a bounded number of accounts', () => {
    let now = 0;
    const sightings = new Sightings(() => now);
    expect(sightings.isNew('token a', 10)).toBe(true);
    expect(sightings.isNew('token a', 10)).toBe(false);
    for (let number = 0; number < 20_000; number++) sightings.isNew(`token ${number}`, 10);
    expect(sightings.isNew('token a', 10)).toBe(true);
    now = 10;
    expect(sightings.isNew('token a', 10)).toBe(true);
  });
});
