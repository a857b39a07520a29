// What departments do in the stories: well-formed, in order, and in the end warnings in every stage.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countyActs, stories } from '../../infra/demo/county.js';
import { readStores } from '../../src/app/folder-reading.js';
import type { Report } from '../../src/app/reporting.js';
import type { AlertState } from '../../src/alerts/state.js';
import { ACT_SCHEMA } from '../../src/events/act.js';
import { fenghuo } from '../support/command-line.js';

const END = '2026-06-30T10:00:00Z';
const COUNTY = { seed: 1, endMs: Date.parse(END), days: 45, subjects: 200 };
const acts = countyActs(COUNTY);

describe('the actions of the stories', () => {
  it('are actions as departments send them, each with an id, in their order, on warnings of the stories', () => {
    const places = new Set(
      stories(COUNTY).flatMap(({ expected }) => expected.map(({ model, key }) => `${model} ${key}`)),
    );
    for (const { act, model, key } of acts) {
      expect(ACT_SCHEMA.safeParse(act).error).toBeUndefined();
      expect(places).toContain(`${model} ${key}`);
    }
    expect(new Set(acts.map(({ id }) => id)).size).toBe(acts.length);
    expect(acts.map(({ at }) => at)).toEqual(acts.map(({ at }) => at).sort((a, b) => a - b));
    expect(acts.every(({ at }) => at <= COUNTY.endMs)).toBe(true);
  });

  it('are none in a county without stories', () => {
    expect(countyActs({ ...COUNTY, stories: false })).toEqual([]);
  });
});

describe('the replayed county', () => {
  let dir: string;
  let states: AlertState[];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'fenghuo-acts-'));
    const args = ['run', '--once', '--no-warehouse', '--data', join(dir, 'data'), '--demo-end', END];
    const { code } = await fenghuo([...args, '--demo-days', '45', '--demo-subjects', '200'], '.');
    expect(code).toBe(0);
    states = [];
    await readStores({ dataDir: join(dir, 'data') }, 'nothing', async ({ book }) => {
      for await (const page of book.all()) states.push(...page);
    });
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('takes every action at its time, and refuses none', () => {
    expect(states.flatMap(({ refused }) => refused)).toEqual([]);
    const taken = states.flatMap((state) => state.acts);
    // Six alarms are too few for a platform to be called dead.
    const planned = acts.filter(({ model }) => model !== 'gas/silent-device:source');
    expect(taken.map(({ id }) => id.split(' ').at(-1)).sort()).toEqual(planned.map(({ id }) => id).sort());
    for (const { id, at } of taken) {
      const asked = acts.find((one) => id.endsWith(` ${one.id}`))?.at ?? 0;
      // Between the last event before it and itself.
      expect(at <= asked && asked - at < 3_600_000, id).toBe(true);
    }
  });

  it('has warnings in every stage, and a clue with the police', () => {
    const found = new Set(states.map(({ status }) => status));
    for (const status of [
      'pushed',
      'signed',
      'in-disposal',
      'fed-back',
      'closed',
      'suspended',
      'withdrawn',
      'cleared',
    ])
      expect(found).toContain(status);
    const transfers = states.flatMap((state) => state.transfers);
    expect(transfers).toMatchObject([{ organ: 'public-security', answer: { accepted: true } }]);
  });

  it('shows precision and speed, and something to rank', async () => {
    const data = ['--data', join(dir, 'data'), '--json'];
    const report = JSON.parse((await fenghuo(['report', 'models', ...data], '.')).out) as Report;
    const of = (model: string) => report.models.find((one) => one.model === model);
    expect(of('ecology/repeat-penalties')).toMatchObject({ confirmed: 1, precision: { value: 1 } });
    expect(of('ecology/several-articles')).toMatchObject({ not_confirmed: 1, precision: { value: 0 } });
    expect(of('wages/arrears-cluster')?.hours_to_feedback).toBeGreaterThan(0);
    const queue = await fenghuo(['queue', '--department', 'market-regulation', ...data], '.');
    expect(JSON.parse(queue.out)).toMatchObject({
      per_week: 20,
      items: { 0: { rank: 1, level: 'red', this_week: true } },
    });
  });
});
