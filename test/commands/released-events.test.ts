// Commands over a data folder whose events of a former time were let go.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLmdb } from '../../src/adapters/lmdb/lmdb.js';
import type { ModelsPlan } from '../../src/app/models-plan.js';
import type { ShadowResult } from '../../src/app/shadow-replay.js';
import { start } from '../acceptance/embedded.js';
import { cleanUp } from '../acceptance/program.js';
import { fenghuo } from '../support/command-line.js';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { writeRules } from '../support/rule-folder.js';
import { chdbRuns } from '../support/warehouse.js';
import { letGo, storedSite } from './stored-site.js';

const BEGIN = Date.parse('2025-03-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const YEAR_HOURS = 365 * 24;
const LATER = BEGIN + YEAR_HOURS * HOUR_MS;

function event(id: string, hour: number, stream: string, shop: number, data: object) {
  const time = new Date(BEGIN + hour * HOUR_MS).toISOString();
  const names = { specversion: '1.0', id, source: 'urn:test', type: `fenghuo.${stream}` };
  return { ...names, subject: `shop:${shop}`, time, recordedtime: time, data };
}
const complaints = (name: string, from: number) =>
  Array.from({ length: 60 }, (_, index) => {
    const data = { category: '食品过期', complainant: `p${index % 7}` };
    return event(`${name}${index}`, from + index * 5, 'complaint', 1 + (index % 3), data);
  });
const EVENTS = [
  ...[1, 2, 3].map((shop) =>
    event(`r${shop}`, 0, 'registration', shop, { kind: 'enterprise', name: '店', tags: ['食品经营'] }),
  ),
  ...complaints('a', 1),
  ...complaints('b', YEAR_HOURS),
];

const REPLAYS = await chdbRuns();

let dir: string;
let asked: Map<string, string>;
const at = new Date(LATER + 290 * HOUR_MS).toISOString();
const SEEN = new Date(LATER + 200 * HOUR_MS).toISOString();
const MODEL = 'food/repeat-complaints';
/** When the last complaint of the former time arrived. */
const GONE_UNTIL = new Date(BEGIN + 296 * HOUR_MS).toISOString();
const BACKTEST = ['backtest', '--from', new Date(LATER - 1).toISOString(), '--to', at];
const EXPLAIN = ['explain', '-m', MODEL, '-s', 'shop:1', '--at', SEEN, '--format', 'json'];
const RECORD = ['record', '--model', MODEL, '--subject', 'shop:1', '--to', at];
const answer = async (question: readonly string[]) => {
  const { code, out, err } = await fenghuo([...question, '--data', 'data'], dir);
  expect(code, err).toBe(0);
  return out;
};
const log = async <T>(use: (stores: Awaited<ReturnType<typeof openLmdb>>) => Promise<T>): Promise<T> => {
  const stores = await openLmdb({ path: join(dir, 'data', 'lmdb') });
  try {
    return await use(stores);
  } finally {
    await stores.close();
  }
};

beforeAll(async () => {
  dir = await storedSite('released', EVENTS);
  asked = new Map();
  for (const question of [BACKTEST, EXPLAIN, RECORD]) asked.set(question.join(' '), await answer(question));
  const termMs = 40 * 24 * HOUR_MS;
  const gone = await letGo(join(dir, 'data'), new Map([['complaint', termMs]]), LATER - 1 + termMs);
  expect(gone).toEqual(new Map([['complaint', 60]]));
}, 240_000);
afterAll(() => cleanUp([dir]));

describe('a data folder whose events of a former time were let go', { timeout: 120_000 }, () => {
  it('raises the same warnings in a backtest of what came after', async () => {
    const before = asked.get(BACKTEST.join(' ')) ?? '';
    expect(await answer(BACKTEST)).toBe(before);
    expect(before.split('\n').length).toBeGreaterThan(3);
  });

  it('says in every backtest and plan up to when events went', async () => {
    const backtest = await fenghuo([...BACKTEST, '--data', 'data'], dir);
    expect(backtest.err).toContain(`not read: complaint up to ${GONE_UNTIL};`);
    const report = ['backtest', '--to', at];
    const released = [{ stream: 'complaint', until: GONE_UNTIL }];
    expect(JSON.parse(await answer([...report, '--json']))).toMatchObject({ released });
    expect(await answer([...report, '--compare', 'rules', 'rules'])).toContain(
      `complaint 至 ${GONE_UNTIL}；`,
    );
    const files = await fenghuo(['backtest', '-e', 'events.ndjson', '--json'], dir);
    expect(JSON.parse(files.out)).toMatchObject({ released: [] });

    const stricter = replaced(COMPLAINTS, 'complaints >= 3', 'complaints >= 2');
    await writeRules(join(dir, 'other'), { 'food/repeat-complaints.yaml': stricter });
    const plan = ['models', 'apply', '--plan', '--rules', 'other'];
    const planned = await fenghuo([...plan, '--data', 'data'], dir);
    expect([planned.code, planned.out]).toEqual([3, expect.stringContaining(`complaint 至 ${GONE_UNTIL}；`)]);
    const { out } = await fenghuo([...plan, '--data', 'data', '--json'], dir);
    const { behaviour } = JSON.parse(out) as ModelsPlan;
    expect(behaviour).toMatchObject({ released });
  });

  it.runIf(REPLAYS)('says in a replay which warnings may be gone for want of events', async () => {
    const replay = ['replay', '--from', new Date(BEGIN).toISOString(), '--to', at, '--models'];
    const { summary } = JSON.parse(await answer([...replay, 'rules', '--json'])) as ShadowResult;
    expect(summary.released).toEqual([{ stream: 'complaint', until: GONE_UNTIL }]);
    const gone = summary.comparison.models.reduce((sum, { changes }) => sum + changes.gone, 0);
    expect(gone).toBeGreaterThan(0);
    const text = await answer([...replay, 'rules']);
    expect(text).toContain(`not read: complaint up to ${GONE_UNTIL};`);
    expect(text).toMatch(/that is left was read.*compared with what was warned in that span; gone,/s);
    const others = await answer([...replay, 'rules/elevator/overload.yaml']);
    expect(others).toMatch(/everything from \S+ on was read.*compared with what was warned in that span:/s);
  });

  it('explains a level by the same figures, without the transitions of before', async () => {
    const told = (text: string) => {
      const figures: unknown = JSON.parse(text, (name, value: unknown) =>
        name === 'transitions' ? undefined : value,
      );
      return figures as { readonly explanation: object };
    };
    const before = told(asked.get(EXPLAIN.join(' ')) ?? '');
    expect(told(await answer(EXPLAIN)).explanation).toEqual(before.explanation);
    expect(JSON.stringify(before)).toContain('yellow');
  });

  it('records what is left', async () => {
    const complaintsIn = (text = '') => text.split('complaint: {').length - 1;
    expect(complaintsIn(asked.get(RECORD.join(' ')))).toBe(40);
    expect(complaintsIn(await answer(RECORD))).toBe(20);
  });

  it('is planned on, looked over, backed up and restored, holes and all', async () => {
    const plan = await fenghuo(['models', 'apply', '--plan', '--rules', 'rules', '--data', 'data'], dir);
    expect(plan.code, plan.err).toBe(0);
    const looked = await fenghuo(['doctor', '--data', 'data'], dir);
    expect(`${looked.out}${looked.err}`).not.toMatch(/STORE_DAMAGED/);
    const left = () => log((stores) => stores.log('events').read(0, 0, 10_000));
    const before = await left();
    const saved = await fenghuo(['backup', '--data', 'data', '--to', 'copy'], dir);
    expect(saved.code, saved.err).toBe(0);
    const restored = await fenghuo(['restore', '--from', 'copy', '--data', 'again'], dir);
    expect(restored.code, restored.err).toBe(0);
    // The back-up leaves the keys to who keeps them.
    await copyFile(join(dir, 'data', 'vault.key'), join(dir, 'again', 'vault.key'));
    const rules = ['--rules', join(dir, 'rules')];
    const ended = await start(join(dir, 'again'), ['--once', '--no-demo', '--no-warehouse', ...rules]).ended;
    expect(ended.code, JSON.stringify(ended)).toBe(0);
    const stores = await openLmdb({ path: join(dir, 'again', 'lmdb') });
    try {
      const read = await stores.log('events').read(0, 0, 10_000);
      expect(read.slice(0, before.length)).toEqual(before);
      expect(await stores.log('events').released(0)).toBeGreaterThanOrEqual(60);
    } finally {
      await stores.close();
    }
  });
});
