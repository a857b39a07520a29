// The ranked queue of a data folder, through the built program, and that of the running system.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueView } from '../../src/app/queueing.js';
import { Browser } from '../app/browser.js';
import { HERE, openOffice, type Office } from '../app/office.js';
import { fenghuo } from '../support/command-line.js';

let office: Office;
let empty: string;
let market: string;
beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'fenghuo-queue-'));
  office = await openOffice();
  market = await office.token('m', { role: 'department', department: 'market' });
  const [first = ''] = await office.raise([{ name: '甲店', region: `${HERE}001` }]);
  await office.pass(3_600_000);
  await office.raise([{ name: '<乙>店', region: `${HERE}001` }]);
  const [third = ''] = await office.raise([{ name: '丙店', region: `${HERE}001` }]);
  for (const act of [
    { type: 'sign' },
    { type: 'feedback', result: 'confirmed', findings: '已核实', measures: '已处置' },
  ])
    expect((await office.act(third, act, market)).status).toBe(200);
  expect(first).not.toBe('');
  await office.pass(3 * 3_600_000);
});
afterAll(async () => {
  await office.close();
  rmSync(empty, { recursive: true, force: true });
});

const HEADING = /市场监督管理局待办 2 条（截至 .*）\n每周可检查几家没有写明/;

describe('fenghuo queue', () => {
  it('shows on its page what a running server ranks, and the same of the folder afterwards', async () => {
    const answer = await office.ask('/v1/queue', { token: market });
    const served = JSON.parse(answer.text) as QueueView;
    // Both had to be signed for within two hours; the older one has waited longer.
    expect(served).toMatchObject({ total: 2, suspended: 0, visited: 1, per_week: null });
    expect(served.items.map(({ rank, name, this_week: fits }) => [rank, name, fits])).toEqual([
      [1, '甲店', null],
      [2, '<乙>店', null],
    ]);
    expect(served.items[0]?.text).toMatch(
      /^第 1 位，[\d.]+ 分：黄色预警（20\/50）；.*已超期 2 小时（25\/25）/,
    );

    const browser = new Browser(office.url);
    await browser.logIn(market);
    const { text } = await browser.get('/queue');
    expect(text).toMatch(/第 1 位，.*第 2 位，/s);
    expect(text).toContain('&lt;乙&gt;店');
    expect(text).toMatch(/黄色预警（20\/50）；.*信用等级不明（4.5\/15）/);
    const operator = await office.token('o', { role: 'operator' });
    await browser.logIn(operator);
    expect((await browser.get('/queue')).text).toContain('请选择部门');
    expect((await browser.get('/queue?department=market')).text).toMatch(/待办 2\s+条/);

    const { data } = office;
    const busy = await fenghuo(['queue', '--department', 'market', '--data', data], empty);
    expect([busy.code, busy.err]).toEqual([
      1,
      expect.stringMatching(/DATA_FOLDER_IN_USE: .*GET \/v1\/queue/),
    ]);
    await office.embedded.stop();
    const { code, out } = await fenghuo(['queue', '--department', 'market', '--data', data, '--json'], empty);
    expect([code, JSON.parse(out)]).toEqual([0, { ...served, at: expect.any(String) as string }]);
    const shown = await fenghuo(['queue', '--department', 'market', '--data', data], empty);
    expect(shown.out).toMatch(HEADING);
    expect(shown.out).toMatch(/1 +[\d.]+ +— +黄色预警 +甲店：食品经营者被投诉\n/);
    const unknown = await fenghuo(['queue', '--department', 'nobody', '--data', data], empty);
    expect([unknown.code, unknown.err]).toEqual([
      2,
      expect.stringMatching(/USAGE: .*there are county, market/),
    ]);
  });
});
