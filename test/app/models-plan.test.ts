// What other rules would change, said before they are brought in, beside the process that runs.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planModels, type PlanRequest } from '../../src/app/models-plan.js';
import { planLines } from '../../src/app/plan-lines.js';
import { HERE, openOffice, RULE_FILES, type Office } from './office.js';

const DAY = 86_400_000;
const COMPLAINED = 'food/complained.yaml';
const AGAIN = `model: food/again
title: 食品经营者再被投诉
summary: 三十日内再有食品投诉即为橙色。
item: food
scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 30d } }
levels: { orange: 'complaints >= 2', blue: 'complaints >= 1' }
plan: plan
advise: 核实投诉。`;

let office: Office;
const dirs: string[] = [];
beforeAll(async () => {
  office = await openOffice();
  for (const name of ['甲店', '乙店', '丙店']) {
    await office.raise([{ name, region: `${HERE}001` }]);
    await office.pass(DAY);
  }
});
afterAll(async () => {
  await office.close();
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

async function folderOf(more: { readonly [path: string]: string | null }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fenghuo-plan-'));
  dirs.push(dir);
  for (const [path, text] of new Map([...RULE_FILES, ...Object.entries(more)])) {
    if (text === null) continue;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}
const plan = (wanted: PlanRequest['wanted'], more: Partial<PlanRequest> = {}) =>
  planModels({
    ...{ place: { dataDir: office.data }, wanted, days: 30, eventsMax: 1_000_000, secondsMax: 600 },
    ...{ onWarnings: () => undefined, onProgress: () => undefined, ...more },
  });

describe('a plan', () => {
  it('says what changes in files, figures and warnings, by model, department and subject, and changes nothing', async () => {
    const before = await office.embedded.folder.logs.events.end(0);
    const rulesDir = await folderOf({ [COMPLAINED]: null, 'food/again.yaml': AGAIN });
    const found = await plan({ rulesDir });
    expect(found.files.models).toMatchObject([
      { name: 'food/again', change: 'new' },
      { name: 'food/complained', change: 'removed' },
    ]);
    expect(found.held).toEqual({
      unprimed: [{ model: 'food/again', indicator: 'complaints' }],
      ...{ strata: [], ending: ['food/complained'] },
    });
    const { behaviour } = found;
    expect(behaviour?.comparison.changes).toMatchObject({ new: 3, gone: 3, same: 0 });
    expect(behaviour?.departments).toMatchObject([
      { department: 'market', name: '市场监督管理局', changes: { new: 3, gone: 3 } },
    ]);
    expect(behaviour?.comparison.subjectsChanged).toBe(3);
    expect(behaviour?.ending).toEqual([{ model: 'food/complained', standing: 3 }]);
    const text = planLines(found).join('\n');
    expect(text).toContain('+ food/again');
    expect(text).toContain('新指标，读完历史之前为未知：food/again complaints');
    expect(text).toContain('现有预警随模型结束：food/complained 3');
    expect(await office.embedded.folder.logs.events.end(0)).toBe(before);
    expect((await office.embedded.models.changing.history()).length).toBe(1);
    expect(await readdir(office.data)).not.toContain('replays');
  });

  it('says that nothing changes where only comments do', async () => {
    const text = `# 注释\n${RULE_FILES.get(COMPLAINED)}`;
    const found = await plan({ rulesDir: await folderOf({ [COMPLAINED]: text }) });
    expect(found).toMatchObject({ behaviour: null, files: { models: [], catalogue: [] } });
    expect(planLines(found)).toEqual([`${found.former} 正在运行，没有变化`]);
  });

  it('compares the days that are asked for, under what came before them', async () => {
    const rulesDir = await folderOf({ 'food/again.yaml': AGAIN });
    const found = await plan({ rulesDir }, { days: 1 });
    // Those that opened before the day stand in it.
    expect(found.behaviour?.comparison.changes).toMatchObject({ new: 3, same: 3 });
    expect(found.behaviour?.latter.warnings.total).toBe(0);
  });

  it('ends at its limit and says so', async () => {
    const rulesDir = await folderOf({ 'food/again.yaml': AGAIN });
    const found = await plan({ rulesDir }, { eventsMax: 1 });
    expect(found.limit).toBe('events');
    expect(planLines(found).join('\n')).toContain('事件数到了上限');
  });

  it('refuses rules with errors', async () => {
    const rulesDir = await folderOf({ [COMPLAINED]: 'model: food/complained' });
    await expect(plan({ rulesDir })).rejects.toMatchObject({ code: 'FILES_INVALID' });
  });

  it('is made of a former revision as well', async () => {
    const { running } = await office.embedded.models.status();
    expect(await plan({ revision: running.slice(0, 6) })).toMatchObject({ former: running, latter: running });
    await expect(plan({ revision: '0000' })).rejects.toMatchObject({ code: 'MODELS_UNKNOWN' });
  });
});
