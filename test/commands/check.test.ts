import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

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
