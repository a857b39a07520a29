// fenghuo new: a model that passes its check and its tests at once, for every operator that it offers.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkRules } from '../../src/app/checking.js';
import { testRules } from '../../src/app/model-testing.js';
import { NewModelPlace, type NewModelAnswers } from '../../src/app/new-model.js';
import { OFFERED_NAMES, type OfferedOperator } from '../../src/model/editor/draft.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-new-'));
  await writeRules(dir);
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const USUAL: NewModelAnswers = {
  name: 'food/fresh',
  title: '食品投诉集中',
  item: 'food-operation',
  scope: 'subject',
  stream: 'complaint',
  operator: 'count',
  of: '',
  where: '',
  over: '7d',
  levels: ['yellow=3', 'orange=5'],
  plan: 'food-joint-check',
  summary: '',
  advise: '',
};
const write = async (changes: Partial<NewModelAnswers>) =>
  (await NewModelPlace.at(dir)).write({ ...USUAL, ...changes });

const FAILS = 'event.result == "fail"';
const WARM = 'event.metric == "temperature"';
const READ = {
  scope: 'device',
  stream: 'sensor-reading',
  where: WARM,
  item: 'elevator',
  plan: 'elevator-check',
};
const LEVELS = ['orange'];

/** Answers for each operator, some of them with filters that only certain events pass. */
const ANSWERS: { readonly [operator in OfferedOperator]: readonly Partial<NewModelAnswers>[] } = {
  count: [
    { where: 'event.category.startsWith("食品")' },
    { scope: 'region' },
    { scope: 'industry' },
    { scope: 'place', stream: 'inspection', where: FAILS, over: '180d' },
    { levels: ['yellow=1'] },
  ],
  distinct: [
    { of: 'event.complainant' },
    { stream: 'inspection', of: 'event.result', levels: ['yellow=2'], over: '90d' },
  ],
  sum: [{ stream: 'penalty', of: 'event.amount', over: '365d', levels: ['yellow=10000', 'red=50000.5'] }],
  avg: [{ ...READ, of: 'event.value', over: '1h', levels: ['yellow=8', 'orange=12.5'] }],
  max: [{ ...READ, of: 'event.value', over: '1h', levels: ['orange=8'] }],
  min: [{ ...READ, of: 'event.value', over: '1h', levels: ['orange=2', 'yellow=4'] }],
  share: [{ stream: 'inspection', of: FAILS, over: '180d', levels: ['yellow=0.5', 'red=0.9'] }],
  streak: [{ ...READ, of: 'event.value >= 10', over: '1h', levels: ['orange=3'] }],
  changes: [{ stream: 'inspection', of: 'event.result', over: '180d', levels: ['yellow=2', 'orange=4'] }],
  increase: [{ ...READ, of: 'event.value', over: '1d', levels: ['orange=50'] }],
  since: [{ stream: 'inspection', over: '400d', levels: ['yellow=30d', 'red=90d'] }],
  absent: [{ ...READ, over: '2h', levels: LEVELS }],
};

describe.each(OFFERED_NAMES)('a new model with %s', (operator) => {
  test.each(ANSWERS[operator].map((answers) => [JSON.stringify(answers), answers] as const))(
    'has no errors and passes its tests: %s',
    async (_shown, answers) => {
      const { files } = await write({ operator, ...answers });
      expect(files.map((file) => file.slice(dir.length + 1))).toEqual([
        'food/fresh.yaml',
        'food/fresh.test.yaml',
        'schema.json',
        'test.schema.json',
      ]);
      const [checked] = await checkRules([join(dir, 'food/fresh.yaml'), join(dir, 'food/fresh.test.yaml')]);
      expect(checked?.lines.filter((line) => line.includes(': error '))).toEqual([]);
      expect(checked?.models).toBe(1);
      const [tested] = await testRules([join(dir, 'food/fresh.yaml')]);
      const cases = tested?.files.flatMap((file) => file.cases) ?? [];
      expect(cases.map(({ failures }) => failures)).toEqual([[], []]);
      expect(tested?.findings).toEqual([]);
    },
  );
});

describe('a wrong answer is refused, and nothing is written', () => {
  test.each([
    ['a name that leads out', { name: '../evil/x' }, /USAGE|no name/],
    ['a name at the top', { name: 'fresh' }, /no name/],
    ['a name with letters that none has', { name: 'food/Fresh' }, /no name/],
    ['a name in the catalogue', { name: 'catalogue/fresh' }, /no name/],
    ['a model that is there', { name: 'food/repeat-complaints' }, /already/],
    ['no title', { title: ' ' }, /--title is missing/],
    ['an item that is none', { item: 'food-operaton' }, /--item: there is no "food-operaton"/],
    ['a stream that is none', { stream: 'gossip' }, /--stream/],
    ['a window that is none', { over: '7' }, /--over: "7" does not fit/],
    ['no level', { levels: [] }, /--level is missing/],
    ['a level that is none', { levels: ['purple=3'] }, /--level: there is no "purple"/],
    ['part of an event', { levels: ['yellow=2.5'] }, /whole number/],
    ['levels in the wrong order', { levels: ['yellow=5', 'red=3'] }, /harder to reach/],
    ['a plan that is none', { plan: 'none' }, /--plan/],
    ['a sum of nothing', { operator: 'sum' }, /--of is missing/],
    [
      'an expression beside an absence',
      { operator: 'absent', levels: ['yellow'], of: 'event.id' },
      /no meaning/,
    ],
    ['too many events', { levels: ['yellow=100000'] }, /more events/],
    [
      'a condition that nothing fits',
      { where: 'event.category == "a" && event.category == "b"' },
      /never warns/,
    ],
    ['a condition that is none', { where: 'event.categry == "a"' }, /1 error/],
  ])('%s', async (_what, changes, message) => {
    const before = (await readdir(dir, { recursive: true })).sort();
    await expect(write(changes)).rejects.toThrow(message);
    expect((await readdir(dir, { recursive: true })).sort()).toEqual(before);
  });

  test('a domain that is a link', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'fenghuo-elsewhere-'));
    await symlink(elsewhere, join(dir, 'linked'));
    await expect(write({ name: 'linked/fresh' })).rejects.toThrow(/link/i);
    expect(await readdir(elsewhere)).toEqual([]);
    await rm(elsewhere, { recursive: true });
  });

  test('a file that came between, which stays', async () => {
    const place = await NewModelPlace.at(dir);
    await mkdir(join(dir, 'new'));
    await writeFile(join(dir, 'new/fresh.test.yaml'), 'mine');
    await expect(place.write({ ...USUAL, name: 'new/fresh' })).rejects.toThrow(/already/);
    expect(await readdir(join(dir, 'new'))).toEqual(['fresh.test.yaml']);
    expect(await readFile(join(dir, 'new/fresh.test.yaml'), 'utf8')).toBe('mine');
  });
});

test('the command writes what its flags say, tells of the files, and asks nothing without a terminal', async () => {
  const flags = [
    '--title',
    '食品: "集中"',
    '--item',
    'food-operation',
    '--stream',
    'complaint',
    '--over',
    '7d',
  ];
  const { code, out, err } = await fenghuo(
    ['new', 'food/fresh', ...flags, '--level', 'yellow=3', '--plan', 'food-joint-check', '--rules', dir],
    dir,
  );
  expect([code, err]).toEqual([0, '']);
  expect(out.split('\n')).toContain(join('food', 'fresh.yaml'));
  const text = await readFile(join(dir, 'food/fresh.yaml'), 'utf8');
  expect(text.split('\n').slice(0, 3)).toEqual([
    '# yaml-language-server: $schema=../schema.json',
    'model: food/fresh',
    `title: '食品: "集中"'`,
  ]);
  const again = await fenghuo(['new', 'food/fresh', ...flags, '--level', 'yellow=3', '--rules', dir], dir);
  expect([again.code, again.out]).toEqual([2, '']);
  expect(again.err).toMatch(/^fenghuo: USAGE: .*already/);
});
