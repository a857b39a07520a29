import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODES } from '../../src/events/codes.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import { loadRules } from '../../src/model/load.js';
import { COMPLAINTS, fixtureFile, READINGS, replaced, rulesWith } from './rules-fixture.js';

const TODAY = '2025-06-01';
const MODEL = 'food/repeat-complaints.yaml';
const DEVICE = 'elevator/overload.yaml';

/** Line and column (from 1) at which a passage first stands in a text. */
function placeOf(text: string, passage: string) {
  const offset = text.indexOf(passage);
  if (offset === -1) throw new Error(`the file has no "${passage}"`);
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function diagnosticsOf(path: string, text: string): Diagnostic[] {
  const { rules, diagnostics } = loadRules(rulesWith({ [path]: text }), TODAY);
  expect(rules === null).toBe(diagnostics.some((found) => found.severity === 'error'));
  for (const found of diagnostics) expect(Object.keys(CODES)).toContain(found.code);
  return diagnostics;
}

/** The file with one passage replaced has exactly this fault, at the first place of `at` in the changed file. */
function expectFault(path: string, from: string, to: string, code: string, at: string, nearest?: string) {
  const text = replaced(fixtureFile(path), from, to);
  const errors = diagnosticsOf(path, text).filter((found) => found.severity === 'error');
  expect(errors.map((found) => [found.code, found.file, found.line, found.column, found.nearest])).toEqual([
    [code, path, placeOf(text, at).line, placeOf(text, at).column, nearest],
  ]);
  return errors[0];
}

describe('a valid set', () => {
  const { rules, diagnostics } = loadRules(rulesWith(), TODAY);
  const model = rules?.models.find(({ name }) => name === 'food/repeat-complaints');

  test('loads without a word', () => {
    expect(diagnostics).toEqual([]);
    expect(rules?.models.map(({ name, scope }) => [name, scope])).toEqual([
      ['elevator/overload', 'device'],
      ['food/repeat-complaints', 'subject'],
    ]);
    expect(rules?.revision).toMatch(/^[0-9a-f]{16}$/);
  });

  test('takes the domain from the item', () => {
    expect(model?.domain).toBe('食品');
  });

  test('puts values after all windows, each at its index', () => {
    expect(model?.indicators.map(({ name, index, kind }) => [name, index, kind])).toEqual([
      ['complaints', 0, 'window'],
      ['complainants', 1, 'window'],
      ['failures', 2, 'window'],
      ['inspections', 3, 'window'],
      ['fined', 4, 'window'],
      ['failure_rate', 5, 'value'],
    ]);
  });

  test('puts the gravest level first, and durations in milliseconds', () => {
    expect(model?.levels.map(({ level }) => level)).toEqual(['red', 'orange', 'yellow']);
    expect([model?.forMs, model?.holdMs]).toEqual([0, 86_400_000]);
  });

  test('types parameters', () => {
    expect(model?.params).toEqual([
      {
        name: 'many',
        type: { type: 'number' },
        fallback: 5,
        by: 'credit',
        choices: new Map([
          ['A', 8],
          ['D', 2.5],
        ]),
      },
    ]);
  });

  test('reads the catalogue', () => {
    const { catalogue } = rules ?? {};
    expect(catalogue?.items.get('food-operation')).toMatchObject({
      lead: 'market-regulation',
      cooperating: ['health'],
    });
    expect(catalogue?.plans.get('food-joint-check')?.levels['red']).toEqual({
      action: '当日联合检查',
      signWithin: '2h',
      feedbackWithin: '1 workdays',
      closeWithin: '10 workdays',
    });
    expect(catalogue?.regions.get('330100')).toBe('杭州市');
    expect(catalogue?.lists.get('banned-additives')).toEqual(new Set(['苏丹红', '三聚氰胺']));
    expect(catalogue?.calendar).toMatchObject({ zone: 'Asia/Shanghai', firstYear: 2020, lastYear: 2026 });
  });

  test('passes over tests and other files', () => {
    const others = {
      'food/repeat-complaints.test.yaml': 'not: [a test',
      'README.md': '#',
      'schema.json': '{}',
    };
    expect(loadRules(rulesWith(others), TODAY).diagnostics).toEqual([]);
  });
});

describe('a fault in a model', () => {
  test.each([
    ['an unknown key', 'summary:', 'sumary:', 'MODEL_UNKNOWN_KEY', 'sumary', 'summary'],
    [
      'an unknown key of an indicator',
      'basis: arrival',
      'bases: arrival',
      'MODEL_UNKNOWN_KEY',
      'bases',
      'basis',
    ],
    ['an unknown level', "yellow: '", "yelow: '", 'MODEL_UNKNOWN_KEY', "yelow: '", 'yellow'],
    ['a key of a later version', 'advise:', 'score: []\nadvise:', 'MODEL_NOT_YET', 'score', undefined],
    ['an operator of a later version', "count: '*'", "trend: '*'", 'MODEL_NOT_YET', 'trend', undefined],
    ['panes', 'over: 365d', 'every: 1d, over: 365d', 'MODEL_NOT_YET', 'every', undefined],
    [
      'a list of scopes',
      'scope: subject',
      'scope: [region, industry]',
      'MODEL_NOT_YET',
      '[region',
      undefined,
    ],
    ['a wider scope', 'scope: subject', 'scope: place', 'MODEL_NOT_YET', 'place', undefined],
    ['a scope that is none', 'scope: subject', 'scope: subjct', 'MODEL_VALUE', 'subjct', 'subject'],
    [
      'a status of a later version',
      'hold: 1d',
      'status: shadow\nhold: 1d',
      'MODEL_NOT_YET',
      'shadow',
      undefined,
    ],
    ['warnings as a source', 'from: penalty', 'from: warning', 'MODEL_NOT_YET', 'warning,', undefined],
    [
      'readings of a subject',
      'from: penalty',
      'from: sensor-reading',
      'MODEL_NOT_YET',
      'sensor-reading',
      undefined,
    ],
    ['an unknown stream', 'from: penalty', 'from: penalties', 'MODEL_UNKNOWN_NAME', 'penalties', 'penalty'],
    [
      'an unknown stream in a list',
      'from: penalty',
      'from: [judgment, penaltys]',
      'MODEL_UNKNOWN_NAME',
      'penaltys',
      'penalty',
    ],
    [
      'an unknown item',
      'item: food-operation',
      'item: food-operatoin',
      'MODEL_UNKNOWN_NAME',
      'food-operatoin',
      'food-operation',
    ],
    [
      'an unknown plan',
      'plan: food-joint-check',
      'plan: food-check',
      'MODEL_UNKNOWN_NAME',
      'food-check',
      undefined,
    ],
    [
      'another name than its path',
      'model: food/repeat-complaints',
      'model: food/repeat',
      'MODEL_PATH',
      'food/repeat',
      undefined,
    ],
    ['a missing key', 'title: 同一食品经营者短期内被反复投诉\n', '', 'MODEL_MISSING_KEY', 'model', undefined],
    ['an empty text', '核查是否为同一批次食品；调取近半年检查记录。', '', 'MODEL_VALUE', '\n', undefined],
    ['a bad duration', 'hold: 1d', 'hold: 1 day', 'MODEL_VALUE', '1 day', undefined],
    ['a window of nothing', 'over: 365d', 'over: 0s', 'MODEL_VALUE', '0s, basis', undefined],
    ['a window over the limit', 'over: 365d', 'over: 3661d', 'MODEL_VALUE', '3661d', undefined],
    ['no window', ', over: 365d', '', 'MODEL_MISSING_KEY', 'fined', undefined],
    ['no stream', 'from: penalty, ', '', 'MODEL_MISSING_KEY', 'fined', undefined],
    ['no operator', "sum: 'event.amount', ", '', 'MODEL_OPERATOR', 'fined', undefined],
    [
      'two operators',
      "sum: 'event.amount'",
      "sum: 'event.amount', avg: 'event.amount'",
      'MODEL_OPERATOR',
      'avg',
      undefined,
    ],
    [
      'a window on a value',
      "{ value: '",
      "{ over: 7d, value: '",
      'MODEL_OPERATOR',
      'over: 7d, value',
      undefined,
    ],
    ['a reserved name', 'fined:', 'now:', 'MODEL_VALUE', 'now:', undefined],
    ['a name in capitals', 'fined:', 'Fined:', 'MODEL_VALUE', 'Fined:', undefined],
    [
      'a clear without its level',
      'hold: 1d',
      "clear: { blue: 'complaints < 2' }\nhold: 1d",
      'MODEL_UNKNOWN_NAME',
      'blue',
      undefined,
    ],
    ['a parameter of two types', 'D: 2.5', 'D: 2d', 'MODEL_PARAM', '2d', undefined],
    [
      'a parameter by an unknown field',
      'by: subject.credit',
      'by: subject.credits',
      'MODEL_PARAM',
      'subject.credits',
      'subject.credit',
    ],
    ['a parameter without by', 'by: subject.credit, ', '', 'MODEL_PARAM', 'A: 8', undefined],
    ['a parameter without default', 'default: 5, ', '', 'MODEL_MISSING_KEY', '{ by', undefined],
    [
      'a parameter beyond 2^53',
      'default: 5',
      'default: 9007199254740993',
      'MODEL_VALUE',
      '9007199254740993',
      undefined,
    ],
    [
      'a map where text belongs',
      'advise: 核',
      'advise: { a: b }\ntags: [核]\n#',
      'MODEL_VALUE',
      '{ a: b }',
      undefined,
    ],
    ['a duplicate key', 'hold: 1d', 'hold: 1d\nfor: 1d', 'YAML_DUPLICATE_KEY', 'for: 1d', undefined],
    ['a broken file', 'hold: 1d', 'hold: "1d', 'YAML_SYNTAX', '', undefined],
  ])('%s', (what, from, to, code, at, nearest) => {
    const text = replaced(COMPLAINTS, from, to);
    if (what === 'a broken file') {
      expect(diagnosticsOf(MODEL, text)[0]).toMatchObject({ code, file: MODEL });
    } else if (what === 'an empty text') {
      const line = text.split('\n').findIndex((one) => one.startsWith('advise:')) + 1;
      expect(diagnosticsOf(MODEL, text)[0]).toMatchObject({ code, line, column: 9 });
    } else expectFault(MODEL, from, to, code, at, nearest);
  });

  test('a key whose absence has no misspelt counterpart is said beside another misspelt one', () => {
    const text = replaced(replaced(COMPLAINTS, 'title:', 'titel:'), 'hold:', 'sumary: x\nhold:');
    const codes = diagnosticsOf(MODEL, replaced(text, 'advise:', 'tips:')).map(({ code, nearest }) => [
      code,
      nearest,
    ]);
    expect(codes).toContainEqual(['MODEL_UNKNOWN_KEY', 'title']);
    expect(codes).toContainEqual(['MODEL_UNKNOWN_KEY', 'summary']);
    expect(codes.filter(([code]) => code === 'MODEL_MISSING_KEY')).toHaveLength(1);
  });
});

describe('an expression', () => {
  test.each([
    ['a plain scalar', "yellow: 'complaints >= 3'", 'yellow: complaints >= 3', "yellow: 'complaints >= 3'"],
    ['double quotes', "yellow: 'complaints >= 3'", 'yellow: "complaints >= 3"', "yellow: 'complaints >= 3'"],
    [
      'double quotes around single ones',
      `where: 'event.result == "fail"'`,
      `where: "event.result == 'fail'"`,
      `failures:     { from: inspection, where: 'event.result == ''fail''', count: '*', over: 180d }`,
    ],
  ])('in %s is refused, and the corrected line shown', (_what, from, to, corrected) => {
    const at = to.slice(to.indexOf(': ') + 2);
    expect(expectFault(MODEL, from, to, 'MODEL_QUOTE', at)?.expected).toBe(corrected);
    expect(
      diagnosticsOf(
        MODEL,
        replaced(replaced(COMPLAINTS, from, to), to, corrected.includes('failures') ? from : corrected),
      ),
    ).toEqual([]);
  });

  test('in a block scalar is read like one in quotes', () => {
    expect(
      diagnosticsOf(MODEL, replaced(COMPLAINTS, "'complaints >= 3'", '|\n    complaints\n      >= 3')),
    ).toEqual([]);
  });

  test.each([
    [
      'an unknown indicator',
      "'complaints >= 3'",
      "'complaint >= 3'",
      'EXPR_NAME',
      'complaint >= 3',
      'complaints',
    ],
    ['an unknown field', 'event.amount', 'event.amout', 'EXPR_NAME', 'amout', 'amount'],
    ['an unknown profile field', 'in subject.tags', 'in subject.tag', 'EXPR_NAME', "tag'", 'tags'],
    [
      'a level that is no condition',
      "'complaints >= 3'",
      "'complaints + 3'",
      'EXPR_TYPE',
      'complaints + 3',
      undefined,
    ],
    ['text added up', 'event.amount', 'event.document', 'EXPR_TYPE', 'event.document', undefined],
    [
      'an event in a level',
      "'complaints >= 3'",
      `'event.category == "a"'`,
      'EXPR_NAME',
      `event.category == "a"`,
      undefined,
    ],
    [
      'an indicator in a filter',
      'event.result == "fail"',
      'inspections > 0',
      'EXPR_NAME',
      'inspections > 0',
      undefined,
    ],
    ['a syntax fault', "'complaints >= 3'", "'complaints >= '", 'EXPR_SYNTAX', " '\nfor", undefined],
    [
      'an unknown list',
      "'complaints >= 3'",
      `'"a" in list("baned-additives")'`,
      'EXPR_NAME',
      '"baned-additives"',
      'banned-additives',
    ],
    [
      'doubled quotes before the fault',
      "'complaints >= 3'",
      "'subject.name == ''a'' && nobody > 3'",
      'EXPR_NAME',
      'nobody',
      undefined,
    ],
    [
      'the second line of a block',
      "'complaints >= 3'",
      '|\n    complaints >= 3 &&\n      failure > 0',
      'EXPR_NAME',
      'failure > 0',
      'failures',
    ],
    [
      'the second line of a folded block',
      "'complaints >= 3'",
      '>-\n    complaints >= 3 &&\n    failure > 0',
      'EXPR_NAME',
      'failure > 0',
      'failures',
    ],
  ])('with %s is shown where the fault is', (_what, from, to, code, at, nearest) => {
    expectFault(MODEL, from, to, code, at, nearest);
  });

  test.each([
    ['itself', "failure_rate: { value: 'failure_rate + 1' }", 'failure_rate -> failure_rate'],
    [
      'itself through another',
      "failure_rate: { value: 'twice / 2' }\n  twice: { value: 'failure_rate * 2' }",
      'failure_rate -> twice -> failure_rate',
    ],
  ])('of a value that reads %s is a circle', (_what, to, circle) => {
    const text = replaced(COMPLAINTS, "failure_rate: { value: 'failures / inspections' }", to);
    const [found, ...more] = diagnosticsOf(MODEL, text);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code: 'MODEL_CYCLE', ...placeOf(text, to.slice(to.indexOf("'"))) });
    expect(found?.message).toContain(circle);
  });

  test('of a value may read one that stands below it', () => {
    const text = replaced(
      COMPLAINTS,
      "failure_rate: { value: 'failures / inspections' }",
      "worse: { value: 'failure_rate > 0.5' }\n  failure_rate: { value: 'failures / inspections' }",
    );
    const { rules } = loadRules(rulesWith({ [MODEL]: text }), TODAY);
    const values = rules?.models[1]?.indicators.filter(({ kind }) => kind === 'value');
    expect(values?.map(({ name, index, type }) => [name, index, type.type])).toEqual([
      ['failure_rate', 5, 'number'],
      ['worse', 6, 'bool'],
    ]);
  });
});

describe('a device model', () => {
  test.each([
    ['the owner in a filter', 'device.capacity', 'subject.capacity', 'MODEL_NOT_YET', 'subject.capacity'],
    [
      'the owner as the chooser of a parameter',
      'indicators:',
      'params: { p: { default: 1, by: subject.credit } }\nindicators:',
      'MODEL_NOT_YET',
      'subject.credit',
    ],
    ['a stream of subjects', 'sensor-reading', 'complaint', 'MODEL_STREAM_SCOPE', 'complaint'],
  ])('cannot read %s', (_what, from, to, code, at) => {
    expectFault(DEVICE, from, to, code, at);
  });

  test('can read registrations', () => {
    const to = "kinds: { from: [sensor-reading, registration], count: '*', over: 4d }\nlevels:";
    expect(diagnosticsOf(DEVICE, replaced(READINGS, 'levels:', `  ${to}`))).toEqual([]);
  });
});

test('types and null of indicators follow from their operators', () => {
  const lines = [
    "n: { from: penalty, count: 'event.amount', over: 400d }",
    "sum_of: { from: penalty, sum: 'event.amount', over: 400d }",
    "mean: { from: penalty, avg: 'event.amount', over: 400d }",
    "least: { from: penalty, min: 'event.amount', over: 400d }",
    "share_of: { from: penalty, share: 'event.amount > 10', over: 400d }",
    "row: { from: penalty, streak: 'event.amount > 10', over: 400d }",
    "last_act: { from: penalty, last: 'event.act_time', over: 400d }",
    'quiet: { from: penalty, since: first, over: 400d }',
    'none: { from: penalty, absent: true, over: 400d }',
  ];
  const text = replaced(
    COMPLAINTS,
    'indicators:\n',
    `indicators:\n${lines.map((line) => `  ${line}\n`).join('')}`,
  );
  const { rules } = loadRules(rulesWith({ [MODEL]: text }), TODAY);
  const found = rules?.models[1]?.indicators.slice(0, lines.length) ?? [];
  expect(found.map(({ name, type, nullable }) => [name, type.type, nullable])).toEqual([
    ['n', 'number', false],
    ['sum_of', 'number', false],
    ['mean', 'number', true],
    ['least', 'number', true],
    ['share_of', 'number', true],
    ['row', 'number', false],
    ['last_act', 'timestamp', true],
    ['quiet', 'duration', true],
    ['none', 'bool', true],
  ]);
  expect(
    found.map((one) => (one.kind === 'window' ? [one.end, one.argument === null] : null)).slice(6),
  ).toEqual([
    ['last', false],
    ['first', true],
    ['last', true],
  ]);
});

describe('a warning', () => {
  test.each([
    [
      'a window short for its stream',
      "fined:        { from: penalty, sum: 'event.amount', over: 365d, basis: arrival }",
      "fined: { from: penalty, sum: 'event.amount', over: 39d }",
      'MODEL_DELAY',
      '39d',
    ],
    [
      'a level without a plan',
      'levels:\n',
      "levels:\n  blue: 'complaints >= 2'\n",
      'MODEL_PLAN_LEVEL',
      'food-joint-check',
    ],
    [
      'a level that is never shown',
      "'complaints >= 3'",
      "'complaints >= params.many && complainants >= 3'",
      'MODEL_LEVEL_UNREACHABLE',
      "'complaints >= params.many && complainants >= 3'\nfor",
    ],
    ['an unused parameter', 'params:\n', 'params:\n  few: 2\n', 'MODEL_UNUSED', 'few'],
  ])('is given for %s, and the model loads', (_what, from, to, code, at) => {
    const text = replaced(COMPLAINTS, from, to);
    const { rules, diagnostics } = loadRules(rulesWith({ [MODEL]: text }), TODAY);
    expect(rules).not.toBeNull();
    expect(diagnostics).toMatchObject([{ code, severity: 'warning', file: MODEL, ...placeOf(text, at) }]);
  });
});

describe('the catalogue', () => {
  const path = (name: string) => `catalogue/${name}.yaml`;
  test.each([
    [
      'an unknown key',
      'items',
      'method: 现场检查\n  level: county\n  legal:\n    - { law: 中华人民共和国食品',
      'methd: 现场检查\n  level: county\n  legal:\n    - { law: 中华人民共和国食品',
      'CATALOGUE_UNKNOWN_KEY',
      'methd',
      'method',
    ],
    [
      'an unknown department',
      'items',
      'cooperating: [health]',
      'cooperating: [helth]',
      'CATALOGUE_UNKNOWN_NAME',
      'helth',
      'health',
    ],
    [
      'no legal basis',
      'items',
      '\n    - { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 }',
      ' []',
      'CATALOGUE_VALUE',
      '[]',
      undefined,
    ],
    [
      'a basis without its start',
      'items',
      ', from: 2015-10-01',
      '',
      'CATALOGUE_MISSING_KEY',
      '{ law',
      undefined,
    ],
    [
      'a date that does not exist',
      'items',
      '2015-10-01',
      '2015-02-30',
      'CATALOGUE_VALUE',
      '2015-02-30',
      undefined,
    ],
    [
      'a basis that ends before it starts',
      'items',
      '2030-12-31',
      '2013-12-31',
      'CATALOGUE_VALUE',
      '2013-12-31',
      undefined,
    ],
    [
      'an unknown administrative level',
      'items',
      'level: county',
      'level: town',
      'CATALOGUE_VALUE',
      'town',
      undefined,
    ],
    [
      'an unknown superior',
      'departments',
      'superior: government',
      'superior: goverment',
      'CATALOGUE_UNKNOWN_NAME',
      'goverment',
      'government',
    ],
    [
      'its own superior',
      'departments',
      'superior: government',
      'superior: market-regulation',
      'CATALOGUE_CYCLE',
      'market-regulation }',
      undefined,
    ],
    ['an id in capitals', 'departments', 'health:', 'Health:', 'CATALOGUE_VALUE', 'Health', undefined],
    [
      'a term that is none',
      'plans',
      'feedback_within: 1 workdays',
      'feedback_within: 1 day',
      'CATALOGUE_VALUE',
      '1 day',
      undefined,
    ],
    ['an unknown level of a plan', 'plans', 'red:', 'rde:', 'CATALOGUE_UNKNOWN_KEY', 'rde', 'red'],
    ['a year whose notice is unknown', 'calendar', '2026]', '2099]', 'CATALOGUE_VALUE', '2099', undefined],
    [
      'years in the wrong order',
      'calendar',
      '[2020, 2026]',
      '[2026, 2020]',
      'CATALOGUE_VALUE',
      '[2026',
      undefined,
    ],
    [
      'an unknown zone',
      'calendar',
      'Asia/Shanghai',
      'Asia/Shanghi',
      'CATALOGUE_VALUE',
      'Asia/Shanghi',
      undefined,
    ],
    [
      'a day that is both',
      'calendar',
      'workdays: []',
      'workdays: [2025-09-15]',
      'CATALOGUE_VALUE',
      '2025-09-15]\n\n',
      undefined,
    ],
    ['a region code of five digits', 'regions', '330100', '33010', 'CATALOGUE_VALUE', '"33010"', undefined],
    [
      'a list without values',
      'lists',
      ', values: [苏丹红, 三聚氰胺]',
      '',
      'CATALOGUE_MISSING_KEY',
      '{ title',
      undefined,
    ],
  ])('with %s', (what, name, from, to, code, at, nearest) => {
    if (what !== 'a day that is both') {
      expectFault(path(name), from, to, code, at, nearest);
      return;
    }
    const text = replaced(fixtureFile(path(name)), from, to);
    const { line } = placeOf(text, to);
    expect(diagnosticsOf(path(name), text)).toMatchObject([{ code, line, column: 'workdays: ['.length + 1 }]);
  });

  test('a circle of superiors is found from each of its members', () => {
    const text =
      'market-regulation: { name: a, superior: health }\nhealth: { name: b, superior: market-regulation }\n';
    const found = diagnosticsOf('catalogue/departments.yaml', text);
    expect(found.map(({ code, line }) => [code, line])).toEqual([
      ['CATALOGUE_CYCLE', 1],
      ['CATALOGUE_CYCLE', 2],
    ]);
  });

  test('a missing file is one error, and not one for each model', () => {
    const { rules, diagnostics } = loadRules(rulesWith({ 'catalogue/items.yaml': null }), TODAY);
    expect(rules).toBeNull();
    expect(diagnostics.map(({ code, file }) => [code, file])).toEqual([
      ['CATALOGUE_MISSING_FILE', 'catalogue/items.yaml'],
    ]);
  });

  test('a legal basis out of force is a warning, and without any in force a model that uses the item fails', () => {
    const one = loadRules(rulesWith(), '2031-01-01');
    expect(one.rules).toBeNull();
    expect(one.diagnostics.map(({ code, severity, file }) => [code, severity, file])).toEqual([
      ['CATALOGUE_BASIS_EXPIRED', 'warning', 'catalogue/items.yaml'],
      ['CATALOGUE_BASIS_EXPIRED', 'error', 'elevator/overload.yaml'],
    ]);
    expect(loadRules(rulesWith({ 'elevator/overload.yaml': null }), '2031-01-01').rules).not.toBeNull();
    expect(loadRules(rulesWith(), '2030-12-31').diagnostics).toEqual([]);
    expect(loadRules(rulesWith()).diagnostics).toEqual([]);
  });

  test.each([
    ['catalogue/item.yaml', 'items.yaml'],
    ['loose.yaml', undefined],
    ['food/Upper.yaml', undefined],
    ['food/short.yml', undefined],
    ['../outside/model.yaml', undefined],
  ])('%s is no place for a file', (file, nearest) => {
    const { rules, diagnostics } = loadRules(rulesWith({ [file]: 'a: b\n' }), TODAY);
    expect(rules).toBeNull();
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: 'RULES_FILE_NAME', file, line: 1, column: 1 }),
    );
    expect(diagnostics.find(({ code }) => code === 'RULES_FILE_NAME')?.nearest).toBe(nearest);
  });
});

test('whatever is typed into a file, loading ends with diagnostics inside of it', () => {
  const pieces = fc.constantFrom(
    "'",
    '"',
    '{',
    '}',
    '[',
    ']',
    ':',
    ' ',
    '\n',
    '*',
    '&a',
    '*a',
    '|',
    '#',
    '-',
    '0',
    '食',
    '\t',
    '!',
    '%',
    ',',
  );
  const edit = fc.tuple(fc.nat(COMPLAINTS.length), fc.nat(5), pieces);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = COMPLAINTS;
      for (const [at, cut, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + cut);
      const lines = text.split('\n');
      for (const { file, line, column } of loadRules(rulesWith({ [MODEL]: text }), TODAY).diagnostics) {
        expect(file).toBe(MODEL);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
      }
    }),
    { numRuns: 150 },
  );
});
