// The quarterly evaluation of credit, through the built program: scores, record, check, and who is told how often.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../../src/evidence/evaluation.js';
import { fenghuo } from '../support/command-line.js';
import { letGo } from './stored-site.js';

const item = (lead: string, tag: string) => `
${lead}-item:
  { title: 监督检查, domain: ${lead}, lead: ${lead}, object: 单位, method: 检查, level: county, subjects: { tags: ${tag} },
    legal: [ { law: 某法, article: 第一条, from: 2015-10-01 } ] }`;

const FILES: { readonly [path: string]: string } = {
  'catalogue/items.yaml': item('market', '食品') + item('housing', '工地'),
  'catalogue/departments.yaml': `
county: { name: 县政府 }
market: { name: 市场监管局, superior: county }
housing: { name: 住建局, superior: county }
market-east: { name: 城东所, office_of: market, region: "330199001" }`,
  'catalogue/calendar.yaml': '{ zone: Asia/Shanghai, years: [2020, 2026] }',
  'catalogue/evaluation.yaml': '{ model: credit/score, bounds: { A: 20, B: 50, C: 80 } }',
  'credit/score.yaml': `model: credit/score
title: 信用综合评价
summary: 按处罚和投诉打分。
item: market-item
scope: subject
indicators:
  penalties: { from: penalty, count: '*', over: 365d }
  complaints: { from: complaint, count: '*', over: 90d }
score:
  - { name: 处罚, weight: 60, of: 'penalties', low: 0, high: 2 }
  - { name: 投诉, weight: 40, of: 'complaints', low: 0, high: 4 }
levels: { red: 'score >= 100' }
advise: 核实。`,
};

const REGIONS = ['330199001', '330199002'];
let serial = 0;
const event = (at: string, subject: string, stream: string, data: object, more: object = {}) => ({
  specversion: '1.0',
  source: 'urn:example:test',
  id: `e${++serial}`,
  type: `fenghuo.${stream}`,
  subject,
  time: at,
  ...more,
  data,
});
const registered = (subject: string, tag: string, region = REGIONS[0]) =>
  event('2026-02-02T02:00:00Z', subject, 'registration', {
    kind: 'enterprise',
    name: `店${subject}`,
    region,
    tags: [tag],
  });
const penalty = (at: string, subject: string, more: object = {}) =>
  event(at, subject, 'penalty', { document: `D${serial}` }, more);
const complaint = (at: string, subject: string) => event(at, subject, 'complaint', { category: '服务' });

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fenghuo-evaluate-'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(dir, 'rules', path, '..'), { recursive: true });
    writeFileSync(join(dir, 'rules', path), text);
  }
  const events = [
    registered('shop:1', '食品'),
    registered('shop:2', '食品', REGIONS[1]),
    registered('shop:3', '工地'),
    registered('shop:4', '食品'),
    // shop:1 two penalties, and two complaints within ninety days of the end: 60 + 20.
    penalty('2026-03-02T02:00:00Z', 'shop:1'),
    penalty('2026-05-04T02:00:00Z', 'shop:1'),
    complaint('2026-02-20T02:00:00Z', 'shop:1'),
    complaint('2026-05-05T02:00:00Z', 'shop:1'),
    complaint('2026-06-30T15:59:59.999Z', 'shop:1'),
    // shop:2 one penalty that counts: the other came to be known a day into the next quarter.
    penalty('2026-03-03T02:00:00Z', 'shop:2'),
    penalty('2026-06-30T02:00:00Z', 'shop:2', { recordedtime: '2026-07-02T02:00:00Z' }),
    // shop:3 one that is taken back before the end.
    { ...penalty('2026-04-01T02:00:00Z', 'shop:3'), id: 'p3' },
    event('2026-05-01T02:00:00Z', 'shop:3', 'penalty', {}, { revokes: 'p3' }),
    // At midnight in Shanghai the next quarter has begun.
    complaint('2026-06-30T16:00:00.000Z', 'shop:4'),
    complaint('2026-07-05T02:00:00Z', 'shop:4'),
  ];
  events.sort((a, b) => {
    const [atA, atB] = [a, b].map((one) => (one as { recordedtime?: string }).recordedtime ?? one.time);
    return (atA as string) < (atB as string) ? -1 : 1;
  });
  writeFileSync(join(dir, 'events.ndjson'), events.map((one) => JSON.stringify(one)).join('\n'));
  const { code, err } = await run('--replay', 'events.ndjson');
  expect([code, err]).toEqual([0, expect.any(String)]);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (...args: string[]) =>
  fenghuo(['run', '--once', '--no-warehouse', '--rules', 'rules', '--data', 'data', ...args], dir);
const evaluate = (...args: string[]) => fenghuo(['evaluate', '--data', 'data', ...args], dir);
const read = (file: string) => readFileSync(join(dir, file), 'utf8');
const record = (file = 'evaluation-2026Q2.json') => JSON.parse(read(file)) as EvaluationRecord;

/** What departments were told of evaluations, a line each. */
function told(): { readonly [name: string]: unknown }[] {
  const inbox = join(dir, 'data', 'inbox');
  const files = existsSync(inbox) ? readdirSync(inbox) : [];
  return files.flatMap((file) =>
    read(join('data', 'inbox', file))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { [name: string]: unknown })
      .filter(({ kind }) => kind === 'evaluation'),
  );
}

describe('fenghuo evaluate', () => {
  it('refuses a quarter that has not ended, and says which has', async () => {
    const early = await evaluate('--quarter', '2026Q3');
    expect([early.code, early.err]).toEqual([
      1,
      expect.stringMatching(/EVALUATION_EARLY: .*2026Q3 ends at 2026-10-01 00:00;.* ended is 2026Q2/),
    ]);
    expect((await evaluate('--quarter', '2026Q5')).err).toMatch(/USAGE: .*2026Q3/);
    expect((await evaluate('--quarter', '2025Q4')).err).toMatch(/EVALUATION_EMPTY/);
  });

  it('scores every subject by what had arrived by the end, signs that, and tells each department once', async () => {
    const first = await evaluate('--quarter', '2026Q2');
    expect([first.code, first.out]).toEqual([0, expect.stringContaining('下次运行时推送 4 个部门')]);
    const { subjects, at, bounds } = record();
    expect([at, bounds]).toEqual(['2026-06-30T15:59:59.999Z', { A: 20, B: 50, C: 80 }]);
    expect(subjects.map(({ subject, score, class: grade }) => [subject, score, grade])).toEqual([
      ['shop:1', 80, 'D'],
      ['shop:2', 30, 'B'],
      ['shop:3', 0, 'A'],
      ['shop:4', 0, 'A'],
    ]);
    expect(subjects[0]).toMatchObject({
      lines: [
        { name: '处罚', weight: 60, contribution: 60, missing: false },
        { name: '投诉', weight: 40, contribution: 20, missing: false },
      ],
      indicators: { penalties: 2, complaints: 2 },
      contributions: { total: 4 },
    });
    const written = read('evaluation-2026Q2.json');

    const again = await evaluate('--quarter', '2026Q2');
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('此前已评价，不再推送')]);
    expect(read('evaluation-2026Q2.json')).toBe(written);

    expect(told()).toEqual([]);
    for (let times = 0; times < 2; times++) expect((await run()).code).toBe(0);
    expect((await evaluate('--quarter', '2026Q2')).code).toBe(0);
    expect((await run()).code).toBe(0);
    const lines = told();
    expect(lines.map(({ department }) => department).sort()).toEqual([
      'county',
      'housing',
      'market',
      'market-east',
    ]);
    const of = (id: string) => lines.find(({ department }) => department === id);
    expect(of('market')).toMatchObject({
      classes: { A: 2, B: 1, C: 0, D: 1 },
      own: { A: 1, B: 1, C: 0, D: 1 },
      worst: [{ subject: 'shop:1', score: 80 }],
      message: expect.stringMatching(
        /^【信用评价】2026 年第二季度.*全部 4 家.*D 级 1 家：店shop:1，/,
      ) as string,
    });
    expect(of('market-east')).toMatchObject({ own: { A: 1, B: 0, C: 0, D: 1 } });
    // Who does not supervise a subject reads no name.
    expect(of('housing')).toMatchObject({ own: { A: 1, B: 0, C: 0, D: 0 }, worst: [] });
    expect(JSON.stringify(of('county'))).not.toContain('店shop');
  });

  it('is checked offline, with the key of the seals', async () => {
    const { out: key } = await fenghuo(['seal-key', '--data', 'data'], dir);
    const verify = (...args: string[]) => fenghuo(['evaluate', 'verify', ...args], dir);
    const right = await verify('evaluation-2026Q2.json', '--key', key.trim());
    expect([right.code, right.out]).toEqual([0, expect.stringContaining('核验通过')]);
    const stranger = await verify('evaluation-2026Q2.json', '--key', '0'.repeat(64));
    expect([stranger.code, stranger.out]).toEqual([1, expect.stringContaining('place: key')]);
    const { subjects, ...rest } = record();
    const raised = subjects.map((one, index) => (index === 0 ? { ...one, class: 'C' } : one));
    writeFileSync(join(dir, 'changed.json'), JSON.stringify({ ...rest, subjects: raised }));
    const changed = await verify('changed.json');
    expect([changed.code, changed.out]).toEqual([1, expect.stringContaining('place: digest')]);
  });

  it('refuses a quarter whose events were let go, and evaluates a later one as before', async () => {
    const written = read('evaluation-2026Q2.json');
    const unswept = await evaluate('--quarter', '2026Q1', '--out', 'first.json');
    expect(unswept.code, unswept.err).toBe(0);
    const termMs = 90 * 86_400_000;
    const now = Date.parse('2026-03-01T00:00:00Z') + termMs;
    expect(await letGo(join(dir, 'data'), new Map([['complaint', termMs]]), now)).toEqual(
      new Map([['complaint', 1]]),
    );
    const refused = await evaluate('--quarter', '2026Q1', '--out', 'second.json');
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(
        /EVALUATION_RELEASED: .*back-up.*2026Q1, credit\/score: complaint, counted from 2025-12-31 23:54 on and let go up to 2026-02-20 10:00\./,
      ),
    ]);
    expect(existsSync(join(dir, 'second.json'))).toBe(false);
    const again = await evaluate('--quarter', '2026Q2');
    expect(again.code, again.err).toBe(0);
    expect(read('evaluation-2026Q2.json')).toBe(written);
  });

  it('never replaces a published result: other rules are refused', async () => {
    writeFileSync(
      join(dir, 'rules/catalogue/evaluation.yaml'),
      '{ model: credit/score, bounds: { A: 1, B: 2, C: 3 } }',
    );
    expect((await run()).code).toBe(0);
    const { code, err } = await evaluate('--quarter', '2026Q2', '--out', 'other.json');
    expect([code, err]).toEqual([1, expect.stringContaining('EVALUATION_DIFFERS')]);
  });
});
