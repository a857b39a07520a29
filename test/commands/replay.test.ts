// A replay of a data folder through the built program, while the server that owns the folder runs.
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWarehouse } from '../../src/adapters/chdb/supervisor.js';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import type { ShadowResult } from '../../src/app/shadow-replay.js';
import type { Row } from '../../src/ports/warehouse.js';
import { start } from '../acceptance/embedded.js';
import { cleanUp } from '../acceptance/program.js';
import { fenghuo } from '../support/command-line.js';
import { CITY } from '../support/servers/city.js';
import { chdbRuns, QUIET } from '../support/warehouse.js';

const DAY_MS = 86_400_000;
const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const DAYS = 60;

let dir: string;
const data = () => join(dir, 'data');
const complained = (threshold: number) =>
  (CITY.get('food/complained.yaml') ?? '').replace('complaints >= 2', `complaints >= ${threshold}`);

function writeRules(folder: string, changes: { readonly [path: string]: string } = {}): void {
  for (const [path, text] of [...CITY, ...Object.entries(changes)]) {
    mkdirSync(dirname(join(dir, folder, path)), { recursive: true });
    writeFileSync(join(dir, folder, path), text);
  }
}

/** Ten shops, each complained about on days of its own; shop 0 is fined now and then. */
function events(): object[] {
  const all: object[] = [];
  const add = (day: number, hour: number, shop: number, stream: string, about: object) =>
    all.push({
      ...{ specversion: '1.0', id: `e${all.length}`, source: 'urn:example:test', type: `fenghuo.${stream}` },
      ...{ subject: `shop:${shop}`, time: new Date(BEGIN + day * DAY_MS + hour * 3_600_000).toISOString() },
      data: about,
    });
  for (let shop = 0; shop < 10; shop++)
    add(0, 0, shop, 'registration', { kind: 'enterprise', name: `店${shop}`, region: '330106' });
  for (let day = 1; day < DAYS; day++) {
    for (let shop = 0; shop < 10; shop++) {
      if ((day * (shop + 3)) % 11 < 4)
        add(day, shop + 1, shop, 'complaint', { category: '食品', complainant: `人${day % 4}` });
    }
    if (day % 9 === 0) add(day, 12, 0, 'penalty', { document: `D${day}`, amount: 20_000 });
  }
  return all;
}

/** The rows of a replay in the chDB of replays, in their order. */
async function shadowRows(replay: string): Promise<Row[]> {
  const child = await startWarehouse({ path: join(data(), 'replays', 'warehouse'), log: QUIET });
  const warehouse = openWarehouse({ url: child.url, password: child.token, database: 'fenghuo' });
  try {
    const sql =
      'SELECT * FROM shadow_warnings_current WHERE replay = {replay:String} ORDER BY clock, warning';
    return await warehouse.query(sql, { replay });
  } finally {
    await warehouse.close();
    await child.stop();
  }
}

const replay = (...args: string[]) =>
  fenghuo(['replay', '--from', '2026-04-10', '--to', '2026-04-25', '--data', data(), ...args], dir);
const result = async (...args: string[]) => {
  const { code, out, err } = await replay('--json', ...args);
  expect([code, err]).toEqual([0, expect.any(String)]);
  return JSON.parse(out) as ShadowResult;
};

describe.runIf(await chdbRuns())('fenghuo replay of a data folder', () => {
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'fenghuo-replay-'));
    writeRules('rules');
    writeFileSync(
      join(dir, 'events.ndjson'),
      events()
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    const rules = join(dir, 'rules');
    const begun = start(data(), [
      '--once',
      '--no-warehouse',
      '--rules',
      rules,
      '--replay',
      join(dir, 'events.ndjson'),
    ]);
    expect((await begun.ended).code).toBe(0);
    await start(data(), ['--no-warehouse', '--rules', rules]).printed(/serving: (\S+)/);
  }, 120_000);
  afterAll(() => cleanUp([dir]));

  it('says with the rules that run what was said, and writes it where nobody is told', async () => {
    const { summary } = await result('--models', 'rules', '--name', 'as-it-was');
    expect(summary.transitions).toBeGreaterThan(30);
    expect(summary.since).not.toBe(null);
    const total = { same: 0, earlier: 0, later: 0, new: 0, gone: 0 };
    for (const { changes } of summary.comparison.models)
      for (const change of Object.keys(total) as (keyof typeof total)[]) total[change] += changes[change];
    expect(total).toEqual({ same: total.same, earlier: 0, later: 0, new: 0, gone: 0 });
    expect(total.same).toBeGreaterThan(10);
    const rows = await shadowRows('as-it-was');
    expect(rows).toHaveLength(summary.transitions);
    for (const row of rows) {
      expect(Date.parse(String(row['clock']))).toBeGreaterThanOrEqual(summary.from);
      expect(Date.parse(String(row['clock']))).toBeLessThan(summary.to);
    }
    // What was needed on the way is gone.
    expect(readdirSync(join(data(), 'replays'))).toEqual(['warehouse']);
  }, 60_000);

  it('takes the place of a replay of the same name, and shows what other rules would have changed', async () => {
    writeRules('stricter', { 'food/complained.yaml': complained(1) });
    writeRules('milder', { 'food/complained.yaml': complained(3) });
    const stricter = await result('--models', 'stricter/food/complained.yaml', '--name', 'changed');
    const [more] = stricter.summary.comparison.models;
    expect(more).toMatchObject({ model: 'food/complained' });
    expect((more?.changes.new ?? 0) + (more?.changes.earlier ?? 0)).toBeGreaterThan(0);
    expect((more?.changes.gone ?? 0) + (more?.changes.later ?? 0)).toBe(0);
    const milder = await result('--models', 'milder/food/complained.yaml', '--name', 'changed');
    const [less] = milder.summary.comparison.models;
    expect((less?.changes.gone ?? 0) + (less?.changes.later ?? 0)).toBeGreaterThan(0);
    expect((less?.changes.new ?? 0) + (less?.changes.earlier ?? 0)).toBe(0);
    const rows = await shadowRows('changed');
    expect(rows).toHaveLength(milder.summary.transitions);
    expect(new Set(rows.map((row) => row['revision']))).toEqual(new Set([milder.summary.revision]));
    expect((await shadowRows('as-it-was')).length).toBeGreaterThan(30);
  }, 120_000);

  it('prints a summary that a person reads', async () => {
    const span = ['--from', '2026-03-05', '--to', '2026-04-01'];
    const { code, out } = await replay(...span, '--models', 'rules/joint/both.yaml', '--warm-up', 'all');
    expect(code).toBe(0);
    expect(out).toContain('replay replay: 2026-03-04T16:00:00.000Z to 2026-03-31T16:00:00.000Z');
    expect(out).toContain('all history was read');
    expect(out).toMatch(/joint\/both: same \d+, earlier 0, later 0, new 0, gone 0/);
    // Others ran for it, and are not reported.
    expect(out).not.toContain('food/complained');
  }, 60_000);

  it('refuses an end that is not evaluated yet, an empty span, a name that is none, and a folder that is none', async () => {
    const refused = async (...args: string[]) =>
      (await fenghuo(['replay', ...args, '--models', 'rules'], dir)).err;
    const from = ['--from', '2026-04-10', '--data', data()];
    expect(await refused(...from, '--to', '2999-01-01')).toContain('up to when everything is evaluated');
    expect(await refused(...from, '--to', '2026-04-10')).toContain('USAGE: ');
    expect(await refused(...from, '--to', '2026-04-11', '--name', "x' OR 1")).toContain('USAGE: ');
    expect(await refused(...from, '--to', '2026-04-11', '--warm-up', 'long')).toContain('looks like 90d');
    const none = ['--from', '2026-04-10', '--to', '2026-04-11', '--data', join(dir, 'none')];
    expect(await refused(...none)).toContain('FILE_READ: ');
  }, 60_000);
});
