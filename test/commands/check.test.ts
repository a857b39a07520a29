import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanUp } from '../acceptance/program.js';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';
import { storedSite } from './stored-site.js';

const MODEL = 'food/repeat-complaints.yaml';
const TESTS = 'food/repeat-complaints.test.yaml';
const MISTYPED = replaced(COMPLAINTS, 'item: food-operation', 'item: food-operaton');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-check-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const check = (...args: string[]) => fenghuo(['check', ...args], folder);

describe('fenghuo check', () => {
  it('finds nothing wrong with the rules of the package where there are none here', async () => {
    const run = await check();
    expect(run.code).toBe(0);
    expect(run.out).toMatch(
      /rules: \d+ models, \d+ files of tests: 0 errors, \d+ warnings?, revision [0-9a-f]{16}/,
    );
  });

  it('shows a fault with its place, its line, a caret, and the nearest name, and fails', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: MISTYPED });
    const run = await check();
    const line = MISTYPED.split('\n').findIndex((text) => text.startsWith('item:')) + 1;
    expect(run).toMatchObject({ code: 1, err: '' });
    expect(run.out).toContain(`rules/${MODEL}:${line}:7: error MODEL_ITEM_UNKNOWN: `);
    expect(run.out).toContain('did you mean "food-operation"?');
    expect(run.out).toContain(`\n  item: food-operaton\n        ^\n`);
    expect(run.out).toContain('1 error, ');
  });

  it('looks at the files and folders named, within the set that they belong to', async () => {
    await writeRules(join(folder, 'somewhere'), { [MODEL]: MISTYPED });
    expect(await check('somewhere/elevator/overload.yaml')).toMatchObject({ code: 0 });
    expect(await check('somewhere/elevator')).toMatchObject({ code: 0 });
    expect(await check(`somewhere/${MODEL}`)).toMatchObject({ code: 1 });
    const both = await check('somewhere/elevator', 'somewhere/food');
    expect(both.code).toBe(1);
    expect(both.out.match(/^somewhere: /gm)).toHaveLength(1);
  });

  it('tells of a faulty catalogue whatever was named, since no model is looked at until then', async () => {
    await writeRules(join(folder, 'rules'), {
      'catalogue/departments.yaml': 'market-regulation: { nme: 局 }\n',
    });
    const run = await check('rules/elevator/overload.yaml');
    expect(run.code).toBe(1);
    expect(run.out).toContain('rules/catalogue/departments.yaml:1:22: error CATALOGUE_UNKNOWN_KEY');
  });

  it('checks tests beside models as well', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: 'model: food/repeat-complaints\ncase: []\n' });
    const run = await check(`rules/${TESTS}`);
    expect(run.code).toBe(1);
    expect(run.out).toContain(`rules/${TESTS}:2:1: error TEST_UNKNOWN_KEY`);
  });

  it('judges legal bases by the day given', async () => {
    await writeRules(join(folder, 'rules'));
    expect((await check('--today', '2030-12-31')).out).not.toContain('CATALOGUE_BASIS_EXPIRED');
    expect((await check('--today', '2031-01-01')).out).toContain('CATALOGUE_BASIS_EXPIRED');
  });

  it('prints one JSON document when asked to', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: MISTYPED });
    const run = await check('--format', 'json', '--today', '2026-03-01');
    expect(run.code).toBe(1);
    expect(JSON.parse(run.out)).toMatchObject({
      ok: false,
      sets: [
        {
          rules: 'rules',
          revision: null,
          today: '2026-03-01',
          models: 2,
          errors: 1,
          diagnostics: expect.arrayContaining([
            expect.objectContaining({ file: `rules/${MODEL}`, nearest: 'food-operation' }),
          ]) as unknown,
        },
      ],
    });
  });

  it('mends what it safely can, names the file, and says what is left', async () => {
    const unused = `${replaced(COMPLAINTS, "yellow: 'complaints >= 3'", 'yellow: "complaints >= 3"')}# 末行`;
    const text = replaced(unused, 'params:\n', 'params:\n  few: 2 # 少\n');
    await writeRules(join(folder, 'rules'), { [MODEL]: text });
    const run = await check('--fix');
    expect(run).toMatchObject({ code: 0, err: `mended rules/${MODEL}\n` });
    expect(await readFile(join(folder, 'rules', MODEL), 'utf8')).toBe(`${COMPLAINTS}# 末行`);
    expect((await check('--fix')).err).toBe('');
  });

  it('says that errors in files that were not named keep it from looking at the whole', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: MISTYPED });
    const run = await check('rules/elevator');
    expect(run.code).toBe(0);
    expect(run.out).toContain(`rules/${MODEL} has errors; what concerns all of rules was not looked for.`);
    expect((await check()).out).not.toContain('was not looked for');
  });

  it('leaves files alone that were not named', async () => {
    const text = replaced(COMPLAINTS, 'params:\n', 'params:\n  few: 2\n');
    await writeRules(join(folder, 'rules'), { [MODEL]: text });
    expect((await check('--fix', 'rules/elevator')).err).toBe('');
    expect(await readFile(join(folder, 'rules', MODEL), 'utf8')).toBe(text);
  });

  it('prints SARIF, or annotations for GitHub, and nothing else', async () => {
    await writeRules(join(folder, 'rules'), { [MODEL]: MISTYPED });
    const sarif = await check('--format', 'sarif');
    expect(sarif).toMatchObject({ code: 1, err: '' });
    const { version, runs } = JSON.parse(sarif.out) as { version: string; runs: { results: unknown[] }[] };
    expect(version).toBe('2.1.0');
    expect(runs[0]?.results).toContainEqual(
      expect.objectContaining({ ruleId: 'MODEL_ITEM_UNKNOWN', level: 'error' }),
    );
    const github = await check('--format', 'github', `rules/${MODEL}`);
    expect(github.out).toMatch(
      new RegExp(`^::error file=rules/${MODEL},line=\\d+,col=7,title=MODEL_ITEM_UNKNOWN::`),
    );
  });

  it('compares rules with events, and shows nothing of these', async () => {
    await writeRules(join(folder, 'rules'));
    const event = (data: object) => JSON.stringify({ type: 'fenghuo.complaint', data });
    const lines = [event({ category: '食品' }), event({ category: '食品', demand: '张三要求退款' })];
    await writeFile(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`);
    const run = await check('--events', 'events.ndjson', 'rules/food');
    expect(run.code).toBe(0);
    expect(run.out).toContain('warning MODEL_STREAM_UNSEEN: there is no event of the stream inspection');
    expect(run.out).toContain('warning MODEL_FIELD_UNSEEN: no event of complaint ever had complainant');
    expect(run.out).toContain(
      'events.ndjson:2:1: warning EVENTS_FIELD_UNREAD: no model reads demand of complaint',
    );
    expect(run.out).not.toContain('张三');
    expect((await check('--events', 'none.ndjson')).err).toContain('FILE_READ: ');
  });

  it('compares rules with all that a data folder stored, as with a file', async () => {
    const time = '2026-03-02T08:00:00+08:00';
    const names = {
      specversion: '1.0',
      source: 'urn:test',
      type: 'fenghuo.complaint',
      subject: 'shop:1',
      time,
    };
    const data = { category: '食品', demand: '张三要求退款' };
    const site = await storedSite('check', [{ ...names, id: 'c1', recordedtime: time, data }]);
    const run = await fenghuo(['check', '--data', 'data', 'rules/food'], site);
    expect(run.code, run.err).toBe(0);
    expect(run.out).toContain('warning MODEL_STREAM_UNSEEN: there is no event of the stream inspection');
    expect(run.out).toContain('warning MODEL_FIELD_UNSEEN: no event of complaint ever had complainant');
    expect(run.out).toContain('data:1:1: warning EVENTS_FIELD_UNREAD: no model reads demand of complaint');
    expect(run.out).not.toContain('张三');
    const both = await fenghuo(['check', '--data', 'data', '--events', 'events.ndjson'], site);
    expect(both.err).toMatch(/USAGE: .*--events.*--data/);
    expect((await fenghuo(['check', '--data', 'none'], site)).err).toContain('FILE_READ: ');
    await cleanUp([site]);
  }, 120_000);

  it('compares windows with how long events are kept', async () => {
    await writeRules(join(folder, 'rules'));
    expect((await check('--retention', '400d', 'rules/food')).out).not.toContain('MODEL_RETENTION');
    const run = await check('--retention', '100d', 'rules/food');
    expect(run.out.match(/MODEL_RETENTION/g)).toHaveLength(3);
    expect(run.out).toContain('this looks 180 days back, and events are kept for 100 days');
  });

  it('explains one check', async () => {
    const run = await check('--explain', 'MODEL_DELAY');
    expect(run.code).toBe(0);
    expect(run.out).toContain('## MODEL_DELAY');
    expect(run.out).toContain('basis: arrival');
    expect(await check('--explain', 'MODEL_NONE')).toMatchObject({ code: 2 });
  });

  it('refuses what it cannot check, with a code', async () => {
    await writeFile(join(folder, 'lonely.yaml'), 'model: lonely\n');
    await writeRules(join(folder, 'rules'));
    await writeFile(join(folder, 'rules', 'notes.txt'), '');
    for (const [args, code, text] of [
      [['missing'], 1, 'FILE_READ: '],
      [['lonely.yaml'], 1, 'RULES_FOLDER: '],
      [['rules/notes.txt'], 1, 'FILE_READ: '],
      [['--today', '2026-02-30'], 2, 'USAGE: '],
      [['--format', 'xml'], 2, 'USAGE: '],
      [['--retention', 'a year'], 2, 'USAGE: '],
    ] as const) {
      const run = await check(...args);
      expect(run.code, args.join(' ')).toBe(code);
      expect(run.err, args.join(' ')).toContain(text);
    }
  });

  it('says of a folder without a catalogue what is missing', async () => {
    const run = await check(folder);
    expect(run.code).toBe(1);
    expect(run.out).toContain('CATALOGUE_MISSING_FILE');
  });
});
