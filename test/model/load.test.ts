import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { DEVICE, diagnosticsOf, expectFault, MODEL, placeOf, TODAY } from './faults.js';
import { COMPLAINTS, READINGS, replaced, rulesWith } from './rules-fixture.js';

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

describe('a device model', () => {
  test.each([
    [
      'the owner as the chooser of a parameter',
      'indicators:',
      'params: { p: { default: 1, by: subject.credit } }\nindicators:',
      'MODEL_PARAM_BY',
      'subject.credit',
    ],
    ['a stream of subjects', 'sensor-reading', 'complaint', 'MODEL_STREAM_SCOPE', 'complaint'],
    ['warnings', 'sensor-reading', 'warning', 'MODEL_STREAM_SCOPE', 'warning'],
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
    "first_act: { from: penalty, first: 'event.act_time', over: 400d }",
    "spread: { from: penalty, stddev: 'event.amount', over: 400d }",
    "most_pay: { from: penalty, quantile: 'event.amount', q: 0.95, over: 400d }",
    "rising: { from: penalty, trend: 'event.amount', over: 400d }",
    "new_act: { from: penalty, new: 'event.act_time', over: 400d }",
    "acts: { from: penalty, changes: 'event.act_time', over: 400d }",
    "growth: { from: penalty, increase: 'event.amount', over: 400d }",
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
    ['first_act', 'timestamp', true],
    ['spread', 'number', true],
    ['most_pay', 'number', true],
    ['rising', 'number', true],
    ['new_act', 'bool', true],
    ['acts', 'number', false],
    ['growth', 'number', false],
    ['none', 'bool', true],
  ]);
  expect(
    found.map((one) => (one.kind === 'window' ? [one.end, one.argument === null] : null)).slice(6),
  ).toEqual([
    ['last', false],
    ['first', true],
    ...Array.from({ length: 7 }, () => ['last', false]),
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
      'MODEL_LEVEL_COVERED',
      "'complaints >= params.many && complainants >= 3'\nfor",
    ],
    ['a model without a plan', 'plan: food-joint-check\n', '', 'MODEL_NO_PLAN', 'model'],
    ['an unused parameter', 'params:\n', 'params:\n  few: 2\n', 'MODEL_PARAM_UNUSED', 'few'],
  ])('is given for %s, and the model loads', (_what, from, to, code, at) => {
    const text = replaced(COMPLAINTS, from, to);
    const { rules, diagnostics } = loadRules(rulesWith({ [MODEL]: text }), TODAY);
    expect(rules).not.toBeNull();
    expect(diagnostics).toMatchObject([{ code, severity: 'warning', file: MODEL, ...placeOf(text, at) }]);
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
