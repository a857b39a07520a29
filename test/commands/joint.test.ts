// A random draw from a data folder and its check, through the built program with the real rules.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draw } from '../../src/evidence/draw.js';
import { fenghuo } from '../support/command-line.js';

const RULES = resolve('rules');
const FOOD = '食品经营';
const GAS = '燃气用户';

interface Shop {
  readonly tags: readonly string[];
  readonly credit?: string;
  readonly status?: string;
}

const SHOPS: readonly Shop[] = [
  ...Array.from({ length: 30 }, () => ({ tags: [FOOD, GAS], credit: 'B' })),
  ...Array.from({ length: 10 }, () => ({ tags: [FOOD, GAS], credit: 'D' })),
  { tags: [FOOD, GAS] },
  // None of these is a candidate: one department alone, out of business, other tags.
  { tags: [FOOD], credit: 'D' },
  { tags: [GAS], credit: 'D' },
  { tags: [FOOD, GAS], credit: 'D', status: 'closed' },
  { tags: ['养老机构', '特种设备'], credit: 'D' },
];
const keyOf = (index: number) => `shop:${String(index).padStart(2, '0')}`;

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fenghuo-joint-'));
  const time = '2026-03-02T02:00:00Z';
  const event = { specversion: '1.0', source: 'urn:example:registry', time };
  const lines = SHOPS.map(({ tags, credit, status = 'active' }, index) => ({
    ...event,
    id: `r${index}`,
    type: 'fenghuo.registration',
    subject: keyOf(index),
    data: {
      kind: 'enterprise',
      name: `店${index}`,
      region: '330199002',
      status,
      tags,
      ...(credit && { credit }),
    },
  }));
  // A class that is changed later counts as it stands.
  const repaired = {
    ...event,
    id: 'c0',
    type: 'fenghuo.credit-change',
    subject: keyOf(0),
    data: { credit: 'D' },
  };
  const later = { ...repaired, time: '2026-03-03T02:00:00Z' };
  writeFileSync(join(dir, 'events.ndjson'), [...lines, later].map((one) => JSON.stringify(one)).join('\n'));
  const run = [
    'run',
    '--once',
    '--no-warehouse',
    '--rules',
    RULES,
    '--data',
    'data',
    '--replay',
    'events.ndjson',
  ];
  const { code, err } = await fenghuo(run, dir);
  expect([code, err]).toEqual([0, expect.any(String)]);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const joint = (...args: string[]) => fenghuo(['joint', '--data', 'data', ...args], dir);
const BOTH = `${FOOD} && ${GAS}`;
const read = (file: string) => JSON.parse(readFileSync(join(dir, file), 'utf8')) as Draw;

describe('fenghuo joint', () => {
  it('draws by credit class whom two departments supervise, with tasks, and can be repeated and verified', async () => {
    const { code, out } = await joint('--tags', BOTH, '--seed', 'lottery-1', '--out', 'draw.json');
    expect(code).toBe(0);
    expect(out).toContain('随机种子 / seed: lottery-1');
    expect(out).toContain('信用等级 B：候选 29 家 × 5% = 1.45，有小数的进一，抽 2 家');
    const draw = read('draw.json');
    // 29 of B at 5 %, 11 of D at 50 %, one unknown at 5 %.
    expect(draw.strata.map(({ candidates, drawn }) => [candidates, drawn])).toEqual([
      [0, 0],
      [29, 2],
      [0, 0],
      [11, 6],
      [1, 1],
    ]);
    expect(draw.candidates.map(({ subject }) => subject)).toEqual(
      Array.from({ length: 41 }, (_, n) => keyOf(n)),
    );
    expect(draw.tasks[0]).toMatchObject({
      departments: [
        { id: 'housing', name: '住房和城乡建设局' },
        { id: 'market-regulation', name: '市场监督管理局' },
      ],
      items: [{ id: 'food-operation' }, { id: 'gas-use' }],
      // Twenty working days after 3 March 2026, with no holiday between.
      due: '2026-03-31 18:00',
    });
    const verified = await fenghuo(['joint', 'verify', 'draw.json'], dir);
    expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('核验通过')]);
    const twice = await joint('--tags', BOTH, '--seed', 'lottery-1', '--out', 'again.json');
    expect([twice.code, readFileSync(join(dir, 'again.json'), 'utf8')]).toEqual([
      0,
      readFileSync(join(dir, 'draw.json'), 'utf8'),
    ]);
  });

  it('opens its tasks once, however often the same draw is made, and tells each department of them', async () => {
    const draw = (out: string, seed = 'lottery-1') =>
      joint('--tags', BOTH, '--seed', seed, '--sample', 'by credit class', '--tell', '--out', out);
    expect(await draw('told.json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('下达 9 件') as string,
    });
    expect(await draw('told-again.json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('这次抽取已经下达') as string,
    });
    const run = ['run', '--once', '--no-warehouse', '--rules', RULES, '--data', 'data'];
    expect((await fenghuo(run, dir)).code).toBe(0);
    for (const department of ['housing', 'market-regulation']) {
      const lines = readFileSync(join(dir, 'data', 'inbox', `${department}.ndjson`), 'utf8')
        .trim()
        .split('\n');
      expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
        expect.objectContaining({
          kind: 'batch',
          total: 9,
          message: expect.stringMatching(
            /^【双随机抽查】抽中联合检查 9 家。.*于 2026-03-31 18:00 前反馈：店\d+（会同/,
          ) as string,
        }),
      ]);
    }
    // Of two draws after that the former is still known, and the chain goes on.
    expect((await draw('other.json', 'lottery-9')).out).toContain('下达');
    expect((await draw('told-thrice.json')).out).toContain('这次抽取已经下达');
  }, 120_000);

  it('makes and prints a seed where none is given, and takes shares of its own', async () => {
    const { code, out } = await joint('--tags', BOTH, '--sample', 'B 100%, D 0%', '--due', '5 workdays');
    expect(code).toBe(0);
    const [, seed = ''] = /seed: ([0-9a-f]{32})\n/.exec(out) ?? [];
    const file = out.trim().split('\n').pop() ?? '';
    expect(file).toMatch(/^draw-[0-9a-f]{12}\.json$/);
    const draw = read(file);
    expect([draw.seed, draw.drawn.length]).toEqual([seed, 29]);
  });

  it('says so where nobody was drawn that a task could be opened for', async () => {
    const none = ['--sample', 'B 0%', '--seed', 'nobody', '--tell', '--out', 'none.json'];
    const { code, out } = await joint('--tags', BOTH, ...none);
    expect(code).toBe(0);
    expect(out).toContain('没有抽中对象');
    expect(out).not.toContain('已经下达');
  });

  it('says where a draw was changed', async () => {
    await joint('--tags', BOTH, '--seed', 'lottery-2', '--out', 'changed.json');
    const draw = read('changed.json');
    writeFileSync(join(dir, 'changed.json'), JSON.stringify({ ...draw, seed: 'lottery-3' }));
    const { code, out } = await fenghuo(['joint', 'verify', 'changed.json'], dir);
    expect([code, out]).toEqual([1, expect.stringMatching(/核验不通过[^]*place: digest/)]);
    writeFileSync(join(dir, 'changed.json'), '{"format":"other"}');
    const other = await fenghuo(['joint', 'verify', 'changed.json'], dir);
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('DRAW_FORMAT')]);
  });

  it.each([
    [['--tags', `${FOOD} && (`], 2, /USAGE: .*at character 10 it ends where a tag is expected/],
    [[], 2, /USAGE: .*Name --tags/],
    [['--tags', FOOD, '--sample', 'B 5%, B 6%'], 2, /USAGE: .*"B 6%".*each class once/],
    [['--tags', FOOD, '--sample', 'B 101%'], 2, /USAGE/],
    [['--tags', FOOD, '--seed', 'a|b'], 2, /USAGE: .*--seed/],
    [['--tags', FOOD, '--due', 'soon'], 2, /USAGE: .*--due/],
    [['--tags', FOOD, '--due', '30d'], 2, /USAGE: .*--due is working days, 1 to 250/],
    [['--tags', '没有'], 1, /DRAW_EMPTY: .*Of 45 subjects 0 have the tags/],
  ])('refuses %j', async (args, code, message) => {
    const refused = await joint(...args);
    expect([refused.code, refused.err]).toEqual([code, expect.stringMatching(message)]);
  });
});
