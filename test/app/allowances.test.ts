// Warnings that a model allows with a reason, and what is wrong with an allowance.
import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../src/app/checking.js';
import { mended } from '../../src/app/mending.js';
import { loadRules } from '../../src/model/load.js';
import { EXAMPLE_DAY, EXAMPLE_MODEL, exampleFiles } from '../../src/model/checks/example.js';

const FACTS = { today: EXAMPLE_DAY, seen: null, keptMs: null };
const UNUSED = 'params: { many: 5 }\n';

function filesWith(more: string): Map<string, string> {
  const files = new Map(exampleFiles({ wrong: '', right: '' }, 'right').files);
  return files.set(EXAMPLE_MODEL, `${files.get(EXAMPLE_MODEL) ?? ''}${more}`);
}

function codesWith(more: string): string[] {
  return checkFiles(filesWith(more), FACTS).diagnostics.map(({ code }) => code);
}

describe('an allowance', () => {
  test('keeps a warning of its file unsaid, and is counted', () => {
    const files = filesWith(`${UNUSED}lint: [{ allow: MODEL_PARAM_UNUSED, because: 留给下一版 }]\n`);
    expect(codesWith(UNUSED)).toEqual(['MODEL_PARAM_UNUSED']);
    const { diagnostics, allowed } = checkFiles(files, FACTS);
    expect([diagnostics, allowed.map(({ code }) => code)]).toEqual([[], ['MODEL_PARAM_UNUSED']]);
    // It is as quiet where rules run.
    expect(loadRules(files, EXAMPLE_DAY)).toMatchObject({
      diagnostics: [],
      allowed: [{ code: 'MODEL_PARAM_UNUSED' }],
    });
  });

  test.each([
    ['without a reason', '{ allow: MODEL_PARAM_UNUSED }'],
    ['with an empty reason', "{ allow: MODEL_PARAM_UNUSED, because: ' ' }"],
  ])('%s allows nothing, and is an error', (_what, entry) => {
    const codes = codesWith(`${UNUSED}lint: [${entry}]\n`);
    expect(codes).toContain('LINT_REASON');
    expect(checkFiles(filesWith(`${UNUSED}lint: [${entry}]\n`), FACTS).revision).toBeNull();
  });

  test('of another warning leaves this one, and is itself found', () => {
    const codes = codesWith(`${UNUSED}lint: [{ allow: MODEL_DELAY, because: 当日就到 }]\n`);
    expect(codes.sort()).toEqual(['LINT_UNUSED', 'MODEL_PARAM_UNUSED']);
  });

  test('never keeps an error unsaid, nor what is said of allowances', () => {
    const error = 'lint: [{ allow: MODEL_UNKNOWN_KEY, because: 就这么写 }]\nhlod: 1d\n';
    expect(codesWith(error)).toContain('MODEL_UNKNOWN_KEY');
    const entries = ['MODEL_UNKNOWN_KEY', 'LINT_UNUSED', 'MODEL_DELAY']
      .map((code) => `{ allow: ${code}, because: 就这么写 }`)
      .join(', ');
    expect(codesWith(`lint: [${entries}]\n`)).toEqual(['LINT_FORBIDDEN', 'LINT_FORBIDDEN', 'LINT_UNUSED']);
  });

  test('of what was not looked at is not called useless', () => {
    const allow = 'lint: [{ allow: MODEL_RETENTION, because: 只看近期 }]\n';
    expect(codesWith(allow)).toEqual([]);
    const kept = (days: number) =>
      checkFiles(filesWith(allow), { ...FACTS, keptMs: days * 86_400_000 }).diagnostics.map(
        ({ code }) => code,
      );
    expect(kept(1)).toEqual([]);
    expect(kept(30)).toEqual(['LINT_UNUSED']);
  });
});

describe('a model that is switched off', () => {
  const OFF = 'status: off\n';

  test('is checked like any other, and does not run', () => {
    const { rules, diagnostics } = loadRules(filesWith(OFF), EXAMPLE_DAY);
    expect([rules?.models, diagnostics]).toEqual([[], []]);
    expect(codesWith(`${OFF}hlod: 1d\n`)).toEqual(['MODEL_UNKNOWN_KEY']);
  });

  test('is missed where it was the only one of its item, and may be named by routes', () => {
    expect(codesWith(OFF)).toEqual(['MODEL_SOLE_COVERAGE']);
    const files = filesWith(OFF).set(
      'catalogue/routes.yaml',
      'routes: [{ name: own, match: { model: food/complaints }, to: [lead] }]\n',
    );
    expect(checkFiles(files, FACTS).diagnostics.map(({ code }) => code)).not.toContain('ROUTE_MODEL_UNKNOWN');
  });
});

describe('an allowance in a file of the catalogue', () => {
  const LISTS = 'catalogue/lists.yaml';
  const unused = (id: string) => `${id}: { title: 词, values: [甲] }\n`;
  const lists = (text: string) => new Map(filesWith('')).set(LISTS, text);
  const codesOf = (text: string) =>
    checkFiles(lists(text), FACTS).diagnostics.map(({ code, line }) => `${code} ${line}`);
  const because = 'because: 下一版用';

  test('keeps a warning of one entry unsaid, or of the whole file', () => {
    const both = unused('first') + unused('second');
    const all = codesOf(both);
    expect(all.filter((one) => one.startsWith('CATALOGUE_LIST_UNUSED'))).toHaveLength(2);
    const whole = `lint: [{ allow: CATALOGUE_LIST_UNUSED, ${because} }]\n${both}`;
    expect(codesOf(whole)).toEqual(all.filter((one) => !one.startsWith('CATALOGUE_LIST_UNUSED')));
    const one = `lint: [{ allow: CATALOGUE_LIST_UNUSED, of: first, ${because} }]\n${both}`;
    expect(codesOf(one).filter((code) => code.startsWith('CATALOGUE_LIST_UNUSED'))).toEqual([
      'CATALOGUE_LIST_UNUSED 3',
    ]);
    expect(checkFiles(lists(one), FACTS).allowed.map(({ code }) => code)).toEqual(['CATALOGUE_LIST_UNUSED']);
    expect(checkFiles(lists(whole), FACTS).revision).not.toBeNull();
  });

  test('without a reason is an error; one that keeps nothing unsaid is itself found, and taken out', () => {
    const reasonless = `lint: [{ allow: CATALOGUE_LIST_UNUSED }]\n${unused('first')}`;
    expect(codesOf(reasonless)).toContain('LINT_REASON 1');
    const useless = `lint: [{ allow: CATALOGUE_LIST_EMPTY, ${because} }]\n${unused('first')}`;
    expect(codesOf(useless)).toContain('LINT_UNUSED 1');
    expect(mended(lists(useless), FACTS).get(LISTS)).toBe(unused('first'));
    const nowhere = `lint: [{ allow: CATALOGUE_LIST_UNUSED, of: third, ${because} }]\n${unused('first')}`;
    expect(codesOf(nowhere)).toEqual(expect.arrayContaining(['LINT_UNUSED 1', 'CATALOGUE_LIST_UNUSED 2']));
    expect(codesOf(`lint: [{ alow: X, ${because} }]\n`)).toContain('CATALOGUE_UNKNOWN_KEY 1');
  });
});
