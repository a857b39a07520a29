// Reports over the API: warnings are read once for as long as nothing changes, and never later than that.
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { Report } from '../../src/app/reporting.js';
import type { WarningBook } from '../../src/pipeline/warning-book.js';
import { Browser } from './browser.js';
import { HERE, openOffice, THERE, type Account, type Office } from './office.js';

let office: Office;
let warning: string;
let reads: MockInstance<WarningBook['all']>;
const tokens: { [name: string]: string } = {};
const ACCOUNTS: { readonly [name: string]: Account } = {
  clerk: { role: 'department', department: 'market' },
  second: { role: 'department', department: 'market' },
  lead: { role: 'lead', department: 'market' },
  operator: { role: 'operator' },
  auditor: { role: 'auditor' },
  'auditor-there': { role: 'auditor', region: THERE },
};

beforeEach(async () => {
  office = await openOffice();
  [warning = ''] = await office.raise([{ name: '某饭店', region: `${HERE}001` }]);
  for (const [name, account] of Object.entries(ACCOUNTS)) tokens[name] = await office.token(name, account);
  reads = vi.spyOn(office.embedded.book, 'all');
});
afterEach(() => office.close());

const reportFor = async (account: string) =>
  JSON.parse((await office.ask('/v1/report', { token: tokens[account] ?? null })).text) as Report;
const marketIn = ({ departments }: Report) =>
  departments.find(({ department }) => department.id === 'market');

describe('a report', () => {
  it('reads the warnings once as long as nothing comes in, for all who see the same', async () => {
    const first = await reportFor('clerk');
    expect(await reportFor('clerk')).toEqual(first);
    expect(await reportFor('second')).toEqual(first);
    expect(reads).toHaveBeenCalledTimes(1);
    await reportFor('operator');
    expect(await reportFor('auditor')).toEqual(await reportFor('operator'));
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('is not shown to who sees other warnings', async () => {
    await reportFor('auditor');
    expect((await reportFor('auditor-there')).models).toEqual([]);
    await reportFor('clerk');
    await reportFor('lead');
    expect(reads).toHaveBeenCalledTimes(4);
  });

  it('knows an action at once, and a deadline as it passes', async () => {
    expect(marketIn(await reportFor('clerk'))).toMatchObject({ open: 1, overdue: 0, handled: 0 });
    await office.pass(3_600_000);
    const before = reads.mock.calls.length;
    const later = await reportFor('clerk');
    expect(later.at).toBe(new Date(office.now).toISOString());
    expect(marketIn(later)).toMatchObject({ overdue: 0 });
    await office.pass(3_700_000);
    // It had to be signed for within two hours.
    expect(marketIn(await reportFor('clerk'))).toMatchObject({ open: 1, overdue: 1 });
    await office.act(warning, { type: 'sign' }, tokens['clerk'] ?? null);
    expect(marketIn(await reportFor('clerk'))).toMatchObject({ open: 1, overdue: 0 });
    expect(reads.mock.calls.length).toBeGreaterThan(before);
  });
});

describe('a lead of very many departments', () => {
  it('is told that not all is listed, and finds the rest by department', async () => {
    const many = Array.from(
      { length: 600 },
      (_, index) => `d${index}: { name: 第${index}分局, superior: market }`,
    );
    const departments = `county: { name: 县人民政府 }
market: { name: 市场监督管理局, superior: county }
health: { name: 卫生健康局, superior: county }
police: { name: 公安局, superior: county }
city: { name: 市生态环境局 }
ecology: { name: 生态环境局, superior: city }
${many.join('\n')}
last: { name: 末位监管所, office_of: market, region: "${HERE}" }`;
    const large = await openOffice({}, new Map([['catalogue/departments.yaml', departments]]));
    await large.raise([{ name: '某饭店', region: `${HERE}001` }]);
    const lead = await large.token('lead', { role: 'lead', department: 'county' });
    const clerk = await large.token('clerk', { role: 'department', department: 'market' });
    const list = async (query: string, token: string) =>
      JSON.parse((await large.ask(`/v1/warnings${query}`, { token })).text) as {
        total: number;
        incomplete?: boolean;
      };
    expect(await list('', lead)).toMatchObject({ incomplete: true });
    // Beyond the five hundred that one list looks through a department can still be asked for.
    expect(await list('?department=last', lead)).toMatchObject({ total: 1 });
    expect(await list('?department=last', lead)).not.toHaveProperty('incomplete');
    expect(await list('', clerk)).not.toHaveProperty('incomplete');
    const report = JSON.parse((await large.ask('/v1/report', { token: lead })).text) as Report;
    expect(report.departments).toMatchObject([{ department: { id: 'last' }, open: 1 }]);
    const browser = new Browser(large.url);
    await browser.logIn(lead);
    expect((await browser.get('/warnings')).text).toContain('请按部门筛选');
    await large.close();
  });
});
