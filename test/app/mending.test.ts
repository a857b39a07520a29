// What check mends: the text of the right example, with everything around it as it was.
import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../src/app/checking.js';
import { mended } from '../../src/app/mending.js';
import { CHECKS } from '../../src/model/checks/checks.js';
import { EXAMPLE_DAY, EXAMPLE_MODEL, exampleFiles } from '../../src/model/checks/example.js';

const FACTS = { today: EXAMPLE_DAY, seen: null, keptMs: null };
const MENDING = CHECKS.filter(({ fix }) => fix === 'mends');

/** The file of an example before and after, and what is still found. */
function mend(text: string, path = EXAMPLE_MODEL) {
  const files = new Map(exampleFiles({ wrong: '', right: '' }, 'right').files).set(path, text);
  const after = mended(files, FACTS);
  for (const [file, before] of files) if (file !== path) expect(after.get(file)).toBe(before);
  return { text: after.get(path) ?? '', left: checkFiles(after, FACTS).diagnostics.map(({ code }) => code) };
}

const MODEL = exampleFiles({ wrong: '', right: '' }, 'right').files.get(EXAMPLE_MODEL) ?? '';

describe('mending', () => {
  test.each(MENDING.map((check) => [check.code, check] as const))(
    'of %s leaves nothing to find, and only takes or replaces what is wrong',
    (_code, { example }) => {
      const { files, file } = exampleFiles(example, 'wrong');
      const after = mended(files, FACTS);
      expect(checkFiles(after, FACTS).diagnostics).toEqual([]);
      for (const [path, before] of files) if (path !== file) expect(after.get(path)).toBe(before);
      const lines = (after.get(file) ?? '').split('\n');
      const same = (files.get(file) ?? '').split('\n').filter((line) => lines.includes(line));
      expect(lines.length - same.length).toBeLessThanOrEqual(1);
    },
  );

  test('takes whole lines of a block, with the remark on them, and leaves every other byte', () => {
    const params = 'params:\r\n  few: 2   # 少\r\n  many: 5 # 多\r\n';
    const text = `${MODEL.replaceAll('\n', '\r\n')}${params}`.replace('>= 3', '>= params.many');
    expect(mend(text)).toEqual({ text: text.replace('  few: 2   # 少\r\n', ''), left: [] });
  });

  test('takes the last entry together with what it stood in', () => {
    const text = `${MODEL}params: { many: 5 }\ntags: [食品]\n`;
    expect(mend(text)).toEqual({ text: `${MODEL}tags: [食品]\n`, left: [] });
  });

  test('goes on while one mending uncovers the next', () => {
    const text = `${MODEL.replace("'complaints >= 3'", '"complaints >= 3"')}params: { a: 1, b: 2, c: 3 }\n`;
    expect(mend(text)).toEqual({ text: MODEL, left: [] });
  });

  test('quotes every expression, though those of levels are only looked at once those of indicators are right', () => {
    const wrong = MODEL.replace("count: '*'", "where: \"event.category == '食品'\", count: '*'");
    const twice = wrong.replace("'complaints >= 3'", 'complaints >= 3');
    expect(twice).not.toBe(wrong);
    const right = wrong.replace(`"event.category == '食品'"`, "'event.category == ''食品'''");
    expect(mend(twice)).toEqual({ text: right, left: [] });
    // What cannot be mended keeps nothing from being quoted.
    const unknown = twice.replace('complaints >= 3', 'complaint >= 3');
    expect(mend(unknown)).toEqual({
      text: right.replace('complaints >= 3', 'complaint >= 3'),
      left: ['EXPR_NAME'],
    });
  });

  test('touches nothing where an anchor may name what would go', () => {
    const text = `${MODEL}params: { many: &many 5 }\ntags: [*many]\n`;
    expect(mend(text)).toEqual({ text, left: ['MODEL_PARAM_UNUSED'] });
  });
});
