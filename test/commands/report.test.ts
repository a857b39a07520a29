// The report of a data folder, through the built program, and that of the running system.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/app/reporting.js';
import { HERE, openOffice, type Office } from '../app/office.js';
import { fenghuo } from '../support/command-line.js';

const found = (result: string) => ({ type: 'feedback', result, findings: '已核实', measures: '已处置' });

let office: Office;
let empty: string;
beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'fenghuo-report-'));
  office = await openOffice();
  const market = await office.token('m', { role: 'department', department: 'market' });
  const [a = '', b = ''] = await office.raise(
    ['甲店', '乙店', '丙店'].map((name) => ({ name, region: `${HERE}001` })),
  );
  await office.pass(3_600_000);
  for (const warning of [a, b])
    expect((await office.act(warning, { type: 'sign' }, market)).status).toBe(200);
  await office.pass(2 * 3_600_000);
  const harm = new Date(office.now - 3_600_000).toISOString();
  expect((await office.act(a, { ...found('confirmed'), harm }, market)).status).toBe(200);
  expect((await office.act(b, found('not-confirmed'), market)).status).toBe(200);
});
afterAll(async () => {
  await office.close();
  rmSync(empty, { recursive: true, force: true });
});

const near = (share: number): unknown => expect.closeTo(share, 4);
const EXPECTED = {
  models: [
    {
      model: 'food/complained',
      title: '食品经营者被投诉',
      warnings: 3,
      confirmed: 1,
      not_confirmed: 1,
      precision: { value: 0.5, low: near(0.0945), high: near(0.9055) },
      hours_to_sign: 1,
      hours_to_feedback: 3,
      harms: 1,
      hours_of_lead: 2,
      deadlines_kept: 4,
      deadlines_missed: 1,
    },
  ],
  departments: [{ department: { id: 'market', name: '市场监督管理局' }, open: 3, overdue: 1, handled: 2 }],
};

describe('fenghuo report models', () => {
  it('says where to look while a server runs, which answers the same as the folder afterwards', async () => {
    const auditor = await office.token('r', { role: 'auditor' });
    const served = JSON.parse((await office.ask('/v1/report', { token: auditor })).text) as Report;
    expect(served).toMatchObject(EXPECTED);
    const { data } = office;
    const busy = await fenghuo(['report', 'models', '--data', data], empty);
    expect([busy.code, busy.err]).toEqual([
      1,
      expect.stringMatching(/^fenghuo: DATA_FOLDER_IN_USE: .*GET \/v1\/report/),
    ]);
    await office.embedded.stop();
    const { code, out } = await fenghuo(['report', 'models', '--data', data, '--json'], empty);
    expect(code).toBe(0);
    const { at, ...report } = JSON.parse(out) as Report;
    expect(report).toEqual({ models: served.models, departments: served.departments });
    expect(Date.parse(at ?? '')).toBeLessThanOrEqual(Date.parse(served.at ?? ''));
    const shown = await fenghuo(['report', 'models', '--data', data], empty);
    expect(shown.out).toMatch(
      /食品经营者被投诉 +3 +1 +1 +50\.0% +9\.5%—90\.5% +1\.0 小时 +3\.0 小时 +1 +2\.0 小时 +4 +1\n/,
    );
    expect(shown.out).toMatch(/市场监督管理局 +3 +1 +2\n/);
  });

  it('makes no folder by asking for it', async () => {
    const { code, err } = await fenghuo(['report', 'models', '--data', 'none'], empty);
    expect([code, err]).toEqual([1, expect.stringMatching(/^fenghuo: FILE_READ: /)]);
  });
});
