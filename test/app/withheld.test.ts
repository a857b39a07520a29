// Who sees what was not told at once: by department and region, over the API and as a page.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './browser.js';
import { HERE, openOffice, THERE, type Account, type Office } from './office.js';

const PUSH = new Map([['catalogue/push.yaml', 'digest: [{ levels: [yellow], at: hour }]']]);

/** Two shops here and one there; each is digested for market and for health, and one here is muted for both. */
const ACCOUNTS: { readonly [name: string]: Account } = {
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
const TABLE = `
account       all digested muted market health
own           4   3        1     4      0
own-here      3   2        1     3      0
own-there     1   1        0     1      0
copied        4   3        1     0      4
other         0   0        0     0      0
lead          4   3        1     4      0
above         7   6        1     4      4
above-there   2   2        0     1      1
lead-other    0   0        0     0      0
author        7   6        1     4      4
operator      7   6        1     4      4
auditor       7   6        1     4      4
auditor-there 2   2        0     1      1
`;
const [head = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const [, ...columns] = head;
const QUERY: { readonly [column: string]: string } = {
  all: '',
  digested: '?reason=digested',
  muted: '?reason=muted',
  market: '?department=market',
  health: '?department=health',
};

let office: Office;
const tokens = new Map<string, string>();
beforeAll(async () => {
  office = await openOffice({}, PUSH);
  const operator = await office.token('first', { role: 'operator' });
  await office.raise([{ name: '甲店', region: `${HERE}001` }]);
  const until = new Date(office.now + 86_400_000).toISOString();
  const silence = { reason: '设备检修', until, match: { region: `${HERE}002` } };
  const ordered = await office.ask('/v1/silences', { json: silence, token: operator });
  expect(ordered.status).toBe(201);
  await office.raise([
    { name: '乙店', region: `${HERE}002` },
    { name: '丙店', region: `${HERE}003` },
    { name: '丁店', region: `${THERE}001` },
  ]);
  for (const [name, account] of Object.entries(ACCOUNTS)) tokens.set(name, await office.token(name, account));
});
afterAll(() => office.close());

interface Page {
  readonly items: readonly { readonly [name: string]: unknown }[];
  readonly next: string | null;
}
const asked = async (account: string, query: string) => {
  const answer = await office.ask(`/v1/withheld${query}`, { token: tokens.get(account) ?? '' });
  return { status: answer.status, page: JSON.parse(answer.text) as Page };
};

describe('what was not told at once', () => {
  it('is asked for by every account and in every way', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(ACCOUNTS));
    expect(columns).toEqual(Object.keys(QUERY));
  });

  for (const [account = '', ...expected] of rows) {
    for (const [place, column] of columns.entries()) {
      it(`${account}: ${column} ${expected[place]}`, async () => {
        const { page } = await asked(account, QUERY[column] ?? '');
        expect(String(page.items.length)).toBe(expected[place]);
        expect(page.next).toBeNull();
      });
    }
  }

  it('says of each why, who was not told, and until when', async () => {
    const { page } = await asked('auditor', '?reason=muted');
    expect(page.items).toMatchObject([
      {
        reason: 'muted',
        department: null,
        released: null,
        waits_for: 'muted',
        name: '乙店',
        level: 'yellow',
      },
    ]);
    const [first] = (await asked('auditor', '?department=health&reason=digested')).page.items;
    expect(first).toMatchObject({
      reason: 'digested',
      department: { id: 'health', name: '卫生健康局' },
      due: '2026-03-02T03:00:00.000Z',
      name: '丁店',
      model: 'food/complained',
    });
  });

  it('is narrowed by model and time, and paged', async () => {
    expect((await asked('auditor', '?model=food/complained')).page.items).toHaveLength(7);
    expect((await asked('auditor', '?model=food/other')).page.items).toEqual([]);
    expect((await asked('auditor', '?since=2026-03-03T00:00:00Z')).page.items).toEqual([]);
    expect((await asked('auditor', '?until=2026-03-01T00:00:00Z')).page.items).toEqual([]);
    expect((await asked('auditor', '?since=2026-03-02T09:00:00%2B08:00')).page.items).toHaveLength(7);
    const first = await asked('auditor', '?limit=3');
    expect(first.page.items).toHaveLength(3);
    const rest = await asked('auditor', `?limit=500&before=${first.page.next}`);
    expect(rest.page.items).toHaveLength(4);
  });

  it.each([
    '?reason=tired',
    '?since=yesterday',
    '?before=1',
    '?before=-1.0.0',
    '?limit=0',
    '?limit=501',
    '?department=No%20one',
    '?reason=muted&reason=muted',
    '?other=1',
  ])('is refused what it does not know: %s', async (query) => {
    expect((await asked('auditor', query)).status).toBe(400);
  });

  it('has a page, with the reason in words', async () => {
    const browser = new Browser(office.url);
    expect((await browser.get('/withheld')).headers.location).toBe('/login?next=%2Fwithheld');
    await browser.logIn(tokens.get('own') ?? '');
    const page = await browser.get('/withheld');
    expect(page.text.match(/<li class="yellow">/g)).toHaveLength(4);
    for (const text of [
      '定时汇总，市场监督管理局未即时收到',
      '已设静默，各部门未即时收到',
      '2026-03-02 11:00',
    ])
      expect(page.text).toContain(text);
    const muted = await browser.get('/withheld?reason=muted');
    expect(muted.text).toContain('乙店');
    expect(muted.text).not.toContain('甲店');
    expect((await browser.get('/withheld?reason=%3Cscript%3E')).status).toBe(400);
  });
});
