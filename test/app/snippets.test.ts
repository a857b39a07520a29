// The snippets for editors, expanded with their defaults, are rules without a fault.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFiles } from '../../src/app/checking.js';
import { projectFolder } from '../../src/app/version.js';
import { EXAMPLE_DAY, EXAMPLE_MODEL, exampleFiles } from '../../src/model/checks/example.js';
import { expanded, snippets, SNIPPETS_FILE, snippetsText } from '../../src/model/editor/snippets.js';
import { loadRules } from '../../src/model/load.js';
import { OPERATOR_NAMES, OPERATORS } from '../../src/model/operators/operators.js';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';

const FILE = join(projectFolder(), 'rules', SNIPPETS_FILE);
const all = snippets();
const textOf = (name: string) => expanded(all[name]?.body ?? []).replaceAll('\\$', '$');
const NAME = EXAMPLE_MODEL.replace('.yaml', '');

/** Errors and warnings of the example set with some keys of its model, or the whole of it, replaced. */
function faults(right: string, whole?: true): string[] {
  const { files } = exampleFiles({ wrong: '', right, ...(whole && { whole }) }, 'right');
  const { diagnostics } = checkFiles(files, { today: EXAMPLE_DAY, seen: null, keptMs: null });
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

test('rules/fenghuo.code-snippets is what the declarations generate; UPDATE=1 writes it', () => {
  if (process.env['UPDATE'] === '1') writeFileSync(FILE, snippetsText());
  expect(readFileSync(FILE, 'utf8')).toBe(snippetsText());
});

test('each has a prefix of its own, words in both languages, and a tab stop where its author begins', () => {
  const list = Object.values(all);
  expect(new Set(list.map(({ prefix }) => prefix)).size).toBe(list.length);
  expect(list.length).toBe(OPERATOR_NAMES.length + 5);
  for (const { body, description } of list) {
    expect(body.join('\n')).toMatch(/\$\{\d+[:|]/);
    expect(description).toMatch(/[\u4e00-\u9fff].*[A-Za-z]{3}/s);
  }
});

test.each(OPERATOR_NAMES)('the one of %s is an indicator of a model without faults', (name) => {
  const { level, scope } = OPERATORS[name].example;
  const indicators = textOf(`operator ${name}`).replace(/^(?=.)/gm, '  ');
  expect(
    faults(`scope: ${scope}\nindicators:\n${indicators}levels:\n  yellow: '${level}'\n`).filter(
      (one) => !one.startsWith('MODEL_DELAY'),
    ),
  ).toEqual([]);
});

test('those of a model and its tests are a model without faults and tests that pass', () => {
  const model = textOf('model').replaceAll('food/repeat-complaints', NAME);
  const tests = textOf('test').replaceAll('food/repeat-complaints', NAME);
  expect(faults(model, true)).toEqual([]);
  const { files } = exampleFiles({ whole: true, wrong: '', right: model }, 'right');
  const { rules } = loadRules(files);
  const { tests: parsed, diagnostics } = parseModelTests(`${NAME}.test.yaml`, tests);
  expect(diagnostics).toEqual([]);
  if (rules === null || parsed === null) throw new Error('there are faults');
  const { cases, lacks } = runModelTests(parsed, rules);
  expect(cases.map(({ failures }) => failures)).toEqual([[], []]);
  expect(lacks).toEqual([]);
  const one = `model: ${NAME}\ncases:\n${textOf('case').replace(/^(?=.)/gm, '  ')}`;
  expect(parseModelTests(`${NAME}.test.yaml`, one).diagnostics).toEqual([]);
});

test('those of levels and of a score fit into a model', () => {
  expect(faults(`${textOf('levels')}`)).toEqual([]);
  expect(faults(`${textOf('score')}`)).toEqual([]);
});
