// What a model in the shadow said, read beside the process that runs it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planModels } from '../../src/app/models-plan.js';
import { shadowModels } from '../../src/app/models-shadow.js';
import { planLines } from '../../src/app/plan-lines.js';
import { shadowLines, shadowTotals } from '../../src/app/shadow-lines.js';
import { formatInstant } from '../../src/events/timestamp.js';
import { HERE, NOW, openOffice, RULE_FILES, TRIED, type Office } from './office.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Live: warns at the second complaint. */
const SECOND = `model: food/second
title: 食品经营者两次被投诉
summary: 三日内两件为黄色。
item: food
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 3d }
levels: { yellow: 'complaints >= 2' }
plan: plan
advise: 核实投诉。
`;
const DEPARTMENTS = (RULE_FILES.get('catalogue/departments.yaml') ?? '').replace(
  'market: { name: 市场监督管理局,',
  'market: { name: 市场监督管理局, inspections_per_week: 1,',
);
const files = (status: string, tried = TRIED) =>
  new Map([
    ...RULE_FILES,
    ['catalogue/departments.yaml', DEPARTMENTS],
    ['food/second.yaml', SECOND],
    ['food/tried.yaml', `${tried}status: ${status}\n`],
    // The only live model that warns at the first complaint is left out.
    ['food/complained.yaml', `${RULE_FILES.get('food/complained.yaml')}\nstatus: off\n`],
  ]);

let office: Office;
let serial = 0;
beforeEach(async () => {
  office = await openOffice({}, files('shadow'));
});
afterEach(() => office.close());

const complain = async (subject: string) => {
  const event = {
    ...{ specversion: '1.0', id: `more${++serial}`, source: 'urn:example:test', type: 'fenghuo.complaint' },
    ...{ subject, time: new Date(office.now).toISOString(), data: { category: '食品异物' } },
  };
  await office.embedded.accept(JSON.stringify([event]));
  await office.pass(1_000);
};
/** @returns when it came into force */
const change = async (wanted: ReadonlyMap<string, string>) => {
  const answer = await office.ask('/v1/models', { json: { files: Object.fromEntries(wanted) } });
  const { outcome, at } = JSON.parse(answer.text) as { outcome: string; at: string };
  expect(outcome).toBe('announced');
  await office.pass(HOUR);
  return at;
};
const shopOf = async () => {
  await office.raise([{ name: '甲店', region: `${HERE}001` }]);
  const states = await office.embedded.book.list(0, 100);
  const last = states.reduce((a, b) => (b.latest.transition.raised > a.latest.transition.raised ? b : a));
  return last.latest.transition.key;
};
const found = (model?: string) => shadowModels({ place: { dataDir: office.data }, model });

describe('the models in the shadow', () => {
  it('are counted by level, department, week and subject, and set beside the live models of their item', async () => {
    const first = await shopOf();
    await office.pass(2 * HOUR);
    await complain(first);
    await office.pass(7 * DAY);
    const second = await shopOf();
    const { models } = await found();
    const [report] = models;
    expect(models.length).toBe(1);
    expect(report).toMatchObject({
      ...{ model: 'food/tried', item: 'food', itemTitle: '食品经营监督检查', standing: 2, changed: null },
      warnings: { total: 2, red: 0, orange: 1, yellow: 0, blue: 1 },
      departments: [{ department: 'market', name: '市场监督管理局', total: 2 }],
      weeks: [
        { week: '2026-03-02', total: 1 },
        { week: '2026-03-09', total: 1 },
      ],
      subjects: [
        { scope: 'subject', key: first, total: 1, gravest: 'orange' },
        { scope: 'subject', key: second, total: 1, gravest: 'blue' },
      ],
    });
    // The one that was switched off is no live model.
    expect(report?.live.models).toMatchObject([
      {
        ...{ model: 'food/second', total: 1, yellow: 1 },
        subjects: { both: 1, onlyShadow: 1, onlyLive: 0 },
        order: { earlier: 1, atOnce: 0, later: 0, already: 0, apart: 0 },
      },
    ]);
    expect(report?.live.models[0]?.hoursEarlier).toBeCloseTo(2, 1);
    // One visit in the first week either way; the second week has one more.
    expect(report?.load).toEqual([
      {
        ...{ department: 'market', name: '市场监督管理局', capacity: 1, weeks: 2 },
        live: { mean: 0.5, most: 1, over: 0, waiting: 0 },
        together: { mean: 1, most: 1, over: 0, waiting: 0 },
      },
    ]);
  });

  it('say all of it in Chinese, and the totals in a line', async () => {
    const shop = await shopOf();
    await office.pass(2 * HOUR);
    await complain(shop);
    const all = await found('food/tried');
    const text = shadowLines(all).join('\n');
    expect(text).toContain('food/tried 食品经营者再被投诉（监管事项：食品经营监督检查）');
    expect(text).toContain('预警 1 条（红 0、橙 1、黄 0、蓝 0），现有 1 条');
    expect(text).toMatch(/food\/second +1 +0 +0 +1 +0 +1 +0 +0 +1 +0 +0 +0 +0 +2\.0/);
    expect(text).toContain(`subject:${shop}`);
    expect(all.models.map(shadowTotals).join()).toContain(
      '与同一事项的正式模型共同预警 1 个对象，仅试运行有 0 个，仅正式有 0 个；市场监督管理局周均 1.0 → 1.0 户（每周可查 1）',
    );
  });

  it('begin where the history of the rules says; what they said while live counts for neither side', async () => {
    await change(files('active'));
    const shop = await shopOf();
    const at = await change(files('shadow'));
    const before = await found();
    // What stands by the history that was read is said anew, in the shadow.
    expect(before.models[0]).toMatchObject({ since: at, sinceBy: 'history', warnings: { total: 1 } });
    expect(before.models[0]?.live.together.total).toBe(0);
    await complain(shop);
    const changed = await change(files('shadow', TRIED.replace('蓝色', '蓝色预警')));
    const after = await found();
    expect(after.models[0]).toMatchObject({ since: at, changed, warnings: { total: 1, orange: 1 } });
    expect(after.models[0]?.live.together).toMatchObject({ total: 1, order: { earlier: 1 } });
    expect(shadowLines(after).join('\n')).toContain(`其间改过模型，最近一次 ${changed}`);
  });

  it('are summed up in the plan of rules that take them out of the shadow', async () => {
    const shop = await shopOf();
    await complain(shop);
    const plan = async (status: string) => {
      const rulesDir = await mkdtemp(join(tmpdir(), 'fenghuo-shadow-'));
      try {
        for (const [path, text] of files(status, TRIED.replace('蓝色', '蓝色预警'))) {
          await mkdir(dirname(join(rulesDir, path)), { recursive: true });
          await writeFile(join(rulesDir, path), text);
        }
        return await planModels({
          ...{ place: { dataDir: office.data }, wanted: { rulesDir }, days: 30, eventsMax: 1_000 },
          ...{ secondsMax: 600, onWarnings: () => undefined, onProgress: () => undefined },
        });
      } finally {
        await rm(rulesDir, { recursive: true, force: true });
      }
    };
    const promoting = await plan('active');
    expect(promoting.promoted).toMatchObject([{ model: 'food/tried', warnings: { total: 1 } }]);
    const lines = planLines(promoting);
    expect(lines[lines.indexOf('由试运行转正：') + 1]).toContain('food/tried 试运行自 ');
    expect((await plan('shadow')).promoted).toEqual([]);
  });

  it('of the first rules begin with the deployment, and may have said nothing', async () => {
    await office.pass(HOUR);
    const { models } = await found();
    expect(models[0]).toMatchObject({ since: formatInstant(NOW), warnings: { total: 0 }, load: [] });
    expect(shadowLines(await found()).join('\n')).toContain('预警 0 条');
  });

  it('are named where another is asked for; without any that is said', async () => {
    await office.pass(HOUR);
    await expect(found('food/second')).rejects.toThrow('there are food/tried');
    await change(files('active'));
    await expect(found('food/tried')).rejects.toMatchObject({ code: 'USAGE' });
    expect(shadowLines(await found()).join()).toContain('没有试运行的模型');
  });
});
