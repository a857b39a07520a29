// Rules that change while one process runs: brought in by the HTTP front, noted, and taken back.
import { mkdir, rm, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyModels, modelsAt, rollbackModels } from '../../src/app/models.js';
import type { ModelsView } from '../../src/app/models-side.js';
import { HERE, openOffice, RULE_FILES, type Office } from './office.js';

const HOUR = 3_600_000;
const COMPLAINED = 'food/complained.yaml';
const STRICTER = (RULE_FILES.get(COMPLAINED) ?? '').replace('yellow:', 'orange:');
const CLOSED = `model: food/watched
title: 食品经营者被多次投诉
summary: 三十日内有食品投诉即为蓝色。
item: food
scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 30d } }
levels: { blue: 'complaints >= 1' }
plan: plan
advise: 关注。`;

let office: Office;
let operator: string;
beforeEach(async () => {
  office = await openOffice();
  operator = await office.token('op-1', { role: 'operator' });
});
afterEach(() => office.close());

const filesWith = (more: { readonly [path: string]: string | null }) => {
  const files = new Map(RULE_FILES);
  for (const [path, text] of Object.entries(more)) {
    if (text === null) files.delete(path);
    else files.set(path, text);
  }
  return Object.fromEntries(files);
};
interface Changed {
  readonly status: number;
  readonly outcome?: string;
  readonly revision?: string;
  readonly at?: string;
  readonly faults?: readonly string[];
}

const change = async (json: unknown): Promise<Changed> => {
  const answer = await office.ask('/v1/models', { json, token: operator });
  return { status: answer.status, ...(JSON.parse(answer.text) as Omit<Changed, 'status'>) };
};
const view = async () => JSON.parse((await office.ask('/v1/models', { token: operator })).text) as ModelsView;
const warnings = async () => {
  const states = await office.embedded.book.list(0, 100);
  return states.map(
    ({ level, latest: { transition } }) =>
      `${transition.model} ${level}${transition.quiet === true ? ' quiet' : ''}`,
  );
};

describe('rules that are brought in while the program runs', () => {
  it('take the place of the others: models that went close, new ones know the history, and it is noted who and why', async () => {
    await office.raise([{ name: '甲店', region: `${HERE}001` }]);
    const before = await view();
    expect(before).toMatchObject({ running: before.announced, unprimed: 0, waiting: false });
    const files = filesWith({ [COMPLAINED]: null, 'food/watched.yaml': CLOSED });
    const applied = await change({ files, because: '改为关注' });
    expect(applied).toMatchObject({ status: 200, outcome: 'announced' });
    await office.pass(HOUR);
    expect(await warnings()).toEqual(['food/watched blue quiet']);
    const { rules } = office.embedded;
    expect(rules.models.map(({ name }) => name)).toEqual(['food/watched']);
    const after = await view();
    expect(after).toMatchObject({
      running: applied.revision,
      announced: applied.revision,
      unprimed: 0,
    });
    expect(after.changes).toMatchObject([
      { number: 0, revision: before.running, former: null, way: 'start' },
      {
        ...{ number: 1, revision: applied.revision, former: before.running, way: 'apply' },
        ...{ by: 'op-1', note: '改为关注', at: applied.at, catalogue: [] },
        models: [
          { name: 'food/complained', change: 'removed', hash: null },
          { name: 'food/watched', change: 'new', former: null },
        ],
      },
    ]);
    const [noted] = (await office.audit()).filter(({ what }) => what === 'models');
    expect(noted).toMatchObject({
      ...{ account: 'op-1', role: 'operator', outcome: 'asked', reason: '改为关注' },
      ...{ revision: applied.revision, former: before.running },
    });
    // What comes now is routed, shown and acted on under the new rules.
    const [warning = ''] = await office.raise([{ name: '乙店', region: `${HERE}001` }]);
    const clerk = await office.token('clerk', { role: 'department', department: 'market' });
    expect((await office.act(warning, { type: 'sign' }, clerk)).status).toBe(200);
  });

  it('are refused with the place and code of each fault, and the old ones run on', async () => {
    const { running } = await view();
    const answer = await change({ files: filesWith({ [COMPLAINED]: 'model: food/complained\n' }) });
    expect(answer).toMatchObject({ status: 422, error: { code: 'FILES_INVALID' } });
    expect(answer.faults?.[0]).toMatch(/^food\/complained\.yaml:\d+:\d+: MODEL_/);
    await office.raise([{ name: '甲店', region: `${HERE}001` }]);
    expect(await warnings()).toEqual(['food/complained yellow']);
    expect(await view()).toMatchObject({ running, announced: running });
    expect((await view()).changes).toHaveLength(1);
  });

  it('wait for each other, and one that is in force changes nothing', async () => {
    const { running } = await view();
    expect(await change({ revision: running })).toMatchObject({ status: 200, outcome: 'known' });
    const files = filesWith({ [COMPLAINED]: STRICTER });
    expect(await change({ files })).toMatchObject({ outcome: 'announced' });
    expect(await change({ files: filesWith({}) })).toMatchObject({
      ...{ status: 409, error: { code: 'MODELS_BUSY' } },
    });
    const outcomes = (await office.audit()).filter(({ what }) => what === 'models');
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['asked', 'MODELS_BUSY']);
    await office.pass(HOUR);
    expect(await change({ files })).toMatchObject({ outcome: 'known' });
  });

  it('are taken back by the beginning of their hash, with what they said standing as it would have', async () => {
    const { running: first } = await view();
    await office.raise([{ name: '甲店', region: `${HERE}001` }]);
    await change({ files: filesWith({ [COMPLAINED]: STRICTER }) });
    await office.pass(HOUR);
    expect(await warnings()).toEqual(['food/complained orange']);
    expect(await change({ revision: 'fffffff0' })).toMatchObject({
      ...{ status: 422, error: { code: 'MODELS_UNKNOWN' } },
    });
    expect(await change({ revision: first.slice(0, 6), because: '误报太多' })).toMatchObject({
      ...{ outcome: 'announced', revision: first },
    });
    await office.pass(HOUR);
    expect(await warnings()).toEqual(['food/complained yellow']);
    const { changes } = await view();
    expect(changes.map(({ way, note }) => [way, note])).toEqual([
      ['start', null],
      ['apply', null],
      ['rollback', '误报太多'],
    ]);
    expect(changes[2]?.models).toMatchObject([{ name: 'food/complained', change: 'changed' }]);
  });

  it('are for operators of all regions, whose files name no place outside', async () => {
    const limited = await office.token('op-2', { role: 'operator', region: HERE });
    const json = { revision: 'abcd' };
    expect((await office.ask('/v1/models', { json, token: limited })).status).toBe(403);
    expect((await office.audit()).at(-1)).toMatchObject({ account: 'op-2', what: 'change-models' });
    for (const path of ['../a.yaml', '/etc/a.yaml', 'a/../b.yaml', 'a\\b.yaml', '.a.yaml'])
      expect([path, (await change({ files: { [path]: '' } })).status]).toEqual([path, 400]);
    const large = { files: { 'a.yaml': 'x'.repeat(9_000_000) } };
    expect((await change(large)).status).toBe(413);
  });
});

describe('the commands', () => {
  const dirs: string[] = [];
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const dir of dirs) await rm(dir, { recursive: true, force: true });
  });
  const folderOf = async (files: { readonly [path: string]: string }) => {
    const dir = await mkdtemp(join(tmpdir(), 'fenghuo-models-'));
    dirs.push(dir);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    return dir;
  };

  it('apply and roll back with the token of an operator, and read the data folder beside its owner', async () => {
    const place = { url: office.url };
    const dir = await folderOf(filesWith({ [COMPLAINED]: STRICTER }));
    const apply = () => applyModels(place, dir, '试用', () => undefined);
    await expect(apply()).rejects.toMatchObject({ code: 'MODELS_UNREACHED' });
    vi.stubEnv('FENGHUO_TOKEN', operator);
    const applied = await apply();
    expect(applied).toMatchObject({ outcome: 'announced' });
    await office.pass(HOUR);
    const beside = await modelsAt({ dataDir: office.data });
    expect(beside).toMatchObject(await modelsAt(place));
    expect(beside.changes.map(({ by, note }) => [by, note])).toMatchObject([
      [expect.stringMatching(/^os:/), null],
      ['op-1', '试用'],
    ]);
    const [first] = beside.changes;
    const back = await rollbackModels(place, first?.revision.slice(0, 8) ?? '', null);
    expect(back).toMatchObject({ outcome: 'announced', revision: first?.revision });
  });

  it('send no token in clear over a network', async () => {
    vi.stubEnv('FENGHUO_TOKEN', operator);
    await expect(modelsAt({ url: 'http://192.0.2.1:8080' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(modelsAt({ url: 'file:///etc/passwd' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
