// What editors are told of the language of rules is what its parser takes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readRules } from '../../src/adapters/files/rules.js';
import { projectFolder } from '../../src/app/version.js';
import { CHECKS } from '../../src/model/checks/checks.js';
import { EXAMPLE_MODEL, exampleFiles } from '../../src/model/checks/example.js';
import { headerOf, isOfModel, MODEL_SCHEMA_FILE, TEST_SCHEMA_FILE } from '../../src/model/editor/header.js';
import { modelSchema, schemaTexts, testSchema } from '../../src/model/editor/json-schema.js';
import { loadRules } from '../../src/model/load.js';
import { parseModelTests } from '../../src/model/tests.js';
import { requoted } from '../../src/model/quoting.js';
import { readFile } from '../../src/model/report.js';

const RULES = join(projectFolder(), 'rules');
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const isModel = ajv.compile(modelSchema());
const isTests = ajv.compile(testSchema());

/** As an editor reads it: plain scalars of YAML 1.2's core schema. */
const read = (text: string): unknown => parse(text);
const shipped = [...(await readRules(RULES))].filter(([path]) => isOfModel(path));
const tests = shipped.filter(([path]) => path.endsWith('.test.yaml'));
const models = shipped.filter(([path]) => !path.endsWith('.test.yaml'));

test.each([MODEL_SCHEMA_FILE, TEST_SCHEMA_FILE] as const)(
  'rules/%s is what the parser generates; UPDATE=1 writes it',
  (file) => {
    const text = schemaTexts()[file];
    if (process.env['UPDATE'] === '1') writeFileSync(join(RULES, file), text);
    expect(readFileSync(join(RULES, file), 'utf8')).toBe(text);
  },
);

test('every model and every test of rules fits its schema', () => {
  expect(models.length).toBeGreaterThan(50);
  expect(tests.length).toBe(models.length);
  const faults = shipped.flatMap(([path, text]) => {
    const fits = path.endsWith('.test.yaml') ? isTests : isModel;
    return fits(read(text)) ? [] : [`${path}: ${ajv.errorsText(fits.errors)}`];
  });
  expect(faults).toEqual([]);
});

test('every model and every test of rules names its schema in its first line, and fmt leaves it there', () => {
  for (const [path, text] of shipped) {
    const [first] = text.split('\n');
    expect([path, first]).toEqual([path, headerOf(path)]);
    const { report, root } = readFile(path, text);
    expect(report.failed).toBe(false);
    expect(requoted(text, root).text.split('\n')[0]).toBe(first);
  }
  expect(headerOf('a/b/c.yaml')).toBe('# yaml-language-server: $schema=../../schema.json');
});

/** Faults of shape and of keys that go together, which a schema can see. */
const VISIBLE = [
  'MODEL_MISSING_KEY',
  'MODEL_UNKNOWN_KEY',
  'MODEL_VALUE',
  'MODEL_NOT_YET',
  'MODEL_SCOPE',
  'MODEL_STREAM_UNKNOWN',
  'MODEL_NO_OPERATOR',
  'MODEL_OPERATORS',
  'MODEL_OPERATOR',
  'MODEL_FORMS',
  'MODEL_NO_WINDOW',
  'MODEL_NO_STREAM',
  'MODEL_SCORE_LINE',
  'MODEL_SEQUENCE_STEP',
  'MODEL_EXPECT',
  'LINT_REASON',
];

describe('the examples of checks', () => {
  test('right ones fit the schema, and what only a schema can see of wrong ones it refuses', () => {
    const seen: string[] = [];
    for (const { code, example } of CHECKS) {
      if ((example.file ?? EXAMPLE_MODEL) !== EXAMPLE_MODEL || example.whole === true) continue;
      const fits = (side: 'wrong' | 'right') =>
        isModel(read(exampleFiles(example, side).files.get(EXAMPLE_MODEL) ?? ''));
      expect([code, fits('right')]).toEqual([code, true]);
      if (!fits('wrong')) seen.push(code);
    }
    expect(seen.sort()).toEqual([...VISIBLE].sort());
  });
});

const FOOD = exampleFiles({ wrong: '', right: '' }, 'right').files;
const MODEL_TEXT = FOOD.get(EXAMPLE_MODEL) ?? '';
const TEST_FILE = EXAMPLE_MODEL.replace('.yaml', '.test.yaml');
const TEST_TEXT = FOOD.get(TEST_FILE) ?? '';

function changed(text: string, from: string, to: string): string {
  expect(text.split(from)).toHaveLength(2);
  return text.replace(from, to);
}

function hasErrors(path: string, text: string): boolean {
  if (path === TEST_FILE) return parseModelTests(path, text).tests === null;
  return loadRules(new Map([...FOOD, [path, text]])).rules === null;
}

const COUNTED = "{ from: complaint, count: '*', over: 7d }";

describe('a model that is wrong in one way is refused by schema and parser', () => {
  test.each([
    ['a key that is missing', 'title: 食品投诉集中\n', ''],
    ['a key that is not known', 'plan:', 'plna:'],
    ['an empty title', 'title: 食品投诉集中', "title: ''"],
    ['a scope that is none', 'scope: subject', 'scope: shop'],
    ['two scopes that do not combine', 'scope: subject', 'scope: [region, region]'],
    ['a stream that is none', 'from: complaint', 'from: complaints'],
    ['no stream', COUNTED, "{ count: '*', over: 7d }"],
    ['no window', COUNTED, "{ from: complaint, count: '*' }"],
    ['no operator', COUNTED, '{ from: complaint, over: 7d }'],
    ['two operators', COUNTED, "{ from: complaint, count: '*', distinct: 'event.category', over: 7d }"],
    ['a window without a unit', 'over: 7d', 'over: 7'],
    ['a window of nothing', 'over: 7d', 'over: 0d'],
    ['units in the wrong order', 'over: 7d', 'over: 12h1d'],
    ['a quantile that says not which', COUNTED, "{ from: penalty, quantile: 'event.amount', over: 7d }"],
    ['a fraction above 1', COUNTED, "{ from: penalty, quantile: 'event.amount', q: 1.5, over: 7d }"],
    ['a fraction beside a count', COUNTED, "{ from: complaint, count: '*', q: 0.5, over: 7d }"],
    [
      'approx without panes',
      COUNTED,
      "{ from: complaint, distinct: 'event.category', approx: true, over: 7d }",
    ],
    ['panes beside last', COUNTED, "{ from: complaint, last: 'event.category', every: 1d, over: 7d }"],
    ['versus beside streak', COUNTED, "{ from: complaint, streak: 'true', versus: previous, over: 7d }"],
    ['two forms', COUNTED, "{ from: complaint, count: '*', versus: previous, densest: 1d, over: 7d }"],
    ['a value with a stream', COUNTED, "{ value: '1 + 1', from: complaint }"],
    ['an absence that is false', COUNTED, '{ from: complaint, absent: false, over: 7d }'],
    ['since neither last nor first', COUNTED, '{ from: complaint, since: latest, over: 7d }'],
    ['a sequence of one step', COUNTED, '{ sequence: [{ from: complaint }], over: 7d }'],
    [
      'a sequence with a stream',
      COUNTED,
      '{ from: complaint, sequence: [{ from: complaint }, { from: penalty }], over: 7d }',
    ],
    ['a step without an end', COUNTED, '{ sequence: [{ from: complaint }, { not: penalty }], over: 7d }'],
    [
      'a method that is none',
      COUNTED,
      "{ from: complaint, count: '*', baseline: { over: 90d, every: 1d, method: mean } }",
    ],
    ['an indicator named as a word of the language', 'complaints: {', 'event: {'],
    ['a level that is none', "yellow: 'complaints", "purple: 'complaints"],
    ['a span that is none', 'plan:', 'hold: 1 day\nplan:'],
    ['a status that is none', 'plan:', 'status: paused\nplan:'],
    ['an allowance without a reason', 'plan:', 'lint: [{ allow: MODEL_DELAY }]\nplan:'],
    ['a cadence of a region', 'plan:', 'expect: { from: complaint, every: 1d, of: region }\nplan:'],
    ['a task in calendar days', 'plan:', 'task: { merge: items, within: 10d }\nplan:'],
    [
      'a line of a score with a bound alone',
      'levels:',
      "score: [{ name: 投诉, weight: 100, of: 'complaints', low: 1 }]\nlevels:",
    ],
    [
      'a weight that is no number',
      'levels:',
      "score: [{ name: 投诉, weight: 很多, if: 'complaints > 1' }]\nlevels:",
    ],
  ])('%s', (_what, from, to) => {
    expect(isModel(read(MODEL_TEXT))).toBe(true);
    const text = changed(MODEL_TEXT, from, to);
    expect([isModel(read(text)), hasErrors(EXAMPLE_MODEL, text)]).toEqual([false, true]);
  });
});

describe('tests that are wrong in one way are refused by schema and parser', () => {
  const EVENT = '{ at: 0d, complaint: { category: 食品 }, times: 3, every: 1d }';
  test.each([
    ['no cases', /cases:[^]*/.exec(TEST_TEXT)?.[0] ?? '', 'cases: []\n'],
    ['a key that is not known', 'expect:', 'expects:'],
    ['a level that is none', 'level: none', 'level: white'],
    ['an instant without a unit', 'at: 2d', 'at: 2'],
    ['an event of two streams', EVENT, '{ at: 0d, complaint: { category: 食品 }, penalty: {} }'],
    ['an event of no stream', EVENT, '{ at: 0d }'],
    ['a stream that is none', EVENT, '{ at: 0d, complaints: { category: 食品 } }'],
    ['no repetition', 'times: 3', 'times: 0'],
    ['a profile with a field that none has', 'events:', 'subject: { colour: red }\n    events:'],
    ['two profiles', 'events:', 'subject: {}\n    place: {}\n    events:'],
    ['a key with a name that is none', 'events:', 'subjects: { A: {} }\n    events:'],
  ])('%s', (_what, from, to) => {
    expect(isTests(read(TEST_TEXT))).toBe(true);
    const text = changed(TEST_TEXT, from, to);
    expect([isTests(read(text)), hasErrors(TEST_FILE, text)]).toEqual([false, true]);
  });
});

test('what the parser takes for text the schema takes as editors read it', () => {
  const model = MODEL_TEXT.replace('title: 食品投诉集中', 'title: 2025')
    .replace('levels:', "params: { many: 3, on: true, code: '010100' }\nlevels:")
    .replace('complaints >= 3', 'complaints >= params.many && params.on && params.code != ""');
  expect(hasErrors(EXAMPLE_MODEL, model)).toBe(false);
  expect(isModel(read(model))).toBe(true);
  const tests = TEST_TEXT.replace('level: none }', 'level: none, key: 330106, complaints: 0 }').replace(
    'events:',
    'subject: { credit: B, tags: [1] }\n    events:',
  );
  expect(hasErrors(TEST_FILE, tests)).toBe(false);
  expect(isTests(read(tests))).toBe(true);
});
