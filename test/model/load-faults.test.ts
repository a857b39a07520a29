import { describe, expect, test } from 'vitest';
import { diagnosticsOf, expectFault, MODEL } from './faults.js';
import { COMPLAINTS, replaced } from './rules-fixture.js';

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
    [
      'a cadence of what is no stream',
      'advise:',
      'expect: { from: penaltys, every: 1d, of: subject }\nadvise:',
      'MODEL_STREAM_UNKNOWN',
      'penaltys',
      'penalty',
    ],
    [
      'a cadence of warnings',
      'advise:',
      'expect: { from: warning, every: 1d, of: subject }\nadvise:',
      'MODEL_EXPECT',
      'warning, every',
      undefined,
    ],
    [
      'a cadence of keys that do not speak',
      'advise:',
      'expect: { from: penalty, every: 1d, of: region }\nadvise:',
      'MODEL_EXPECT',
      'region }',
      undefined,
    ],
    [
      'a cadence of keys that the stream has not',
      'advise:',
      'expect: { from: penalty, every: 1d, of: device }\nadvise:',
      'MODEL_STREAM_SCOPE',
      'penalty, every',
      undefined,
    ],
    [
      'a cadence that is too fast',
      'advise:',
      'expect: { from: penalty, every: 59s, of: subject }\nadvise:',
      'MODEL_VALUE',
      '59s',
      undefined,
    ],
    [
      'an unknown key of a cadence',
      'advise:',
      'expect: { from: penalty, every: 1d, off: subject, of: subject }\nadvise:',
      'MODEL_UNKNOWN_KEY',
      'off',
      'of',
    ],
    ['steps that are no list', "count: '*'", "sequence: '*'", 'MODEL_VALUE', "'*'", undefined],
    [
      'scopes that do not combine',
      'scope: subject',
      'scope: [region, place]',
      'MODEL_SCOPE',
      '[region',
      undefined,
    ],
    ['a list of one scope', 'scope: subject', 'scope: [region]', 'MODEL_SCOPE', '[region', undefined],
    ['a scope that is none', 'scope: subject', 'scope: subjct', 'MODEL_SCOPE', 'subjct', 'subject'],
    [
      'a status of a later version',
      'hold: 1d',
      'status: draft\nhold: 1d',
      'MODEL_NOT_YET',
      'draft',
      undefined,
    ],
    ['an unknown stream', 'from: penalty', 'from: penalties', 'MODEL_STREAM_UNKNOWN', 'penalties', 'penalty'],
    [
      'an unknown stream in a list',
      'from: penalty',
      'from: [judgment, penaltys]',
      'MODEL_STREAM_UNKNOWN',
      'penaltys',
      'penalty',
    ],
    [
      'an unknown item',
      'item: food-operation',
      'item: food-operatoin',
      'MODEL_ITEM_UNKNOWN',
      'food-operatoin',
      'food-operation',
    ],
    [
      'an unknown plan',
      'plan: food-joint-check',
      'plan: food-check',
      'MODEL_PLAN_UNKNOWN',
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
    ['no window', ', over: 365d', '', 'MODEL_NO_WINDOW', 'fined', undefined],
    ['no stream', 'from: penalty, ', '', 'MODEL_NO_STREAM', 'fined', undefined],
    ['no operator', "sum: 'event.amount', ", '', 'MODEL_NO_OPERATOR', 'fined', undefined],
    [
      'two operators',
      "sum: 'event.amount'",
      "sum: 'event.amount', avg: 'event.amount'",
      'MODEL_OPERATORS',
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
    [
      'a fraction beside another operator',
      "sum: 'event.amount'",
      "sum: 'event.amount', q: 0.5",
      'MODEL_OPERATOR',
      'q: 0.5',
      undefined,
    ],
    ['a fraction on a value', "{ value: '", "{ q: 0.5, value: '", 'MODEL_OPERATOR', 'q: 0.5', undefined],
    ['a quantile of no fraction', 'sum:', 'quantile:', 'MODEL_MISSING_KEY', 'fined:', undefined],
    ['a trend of text', "sum: 'event.amount'", "trend: 'event.law'", 'EXPR_TYPE', 'event.law', undefined],
    ['a reserved name', 'fined:', 'now:', 'MODEL_VALUE', 'now:', undefined],
    ['a name in capitals', 'fined:', 'Fined:', 'MODEL_VALUE', 'Fined:', undefined],
    [
      'a clear without its level',
      'hold: 1d',
      "clear: { blue: 'complaints < 2' }\nhold: 1d",
      'MODEL_CLEAR_LEVEL',
      'blue',
      undefined,
    ],
    ['a parameter of two types', 'D: 2.5', 'D: 2d', 'MODEL_PARAM_TYPE', '2d', undefined],
    [
      'a parameter by an unknown field',
      'by: subject.credit',
      'by: subject.credits',
      'MODEL_PARAM_BY',
      'subject.credits',
      'subject.credit',
    ],
    ['a parameter without by', 'by: subject.credit, ', '', 'MODEL_PARAM_CHOICE', 'A: 8', undefined],
    ['a parameter without default', 'default: 5, ', '', 'MODEL_PARAM_DEFAULT', '{ by', undefined],
    ['a choice that the field never has', 'A: 8', 'AA: 8', 'MODEL_PARAM_CHOICE', 'AA: 8', 'A'],
    ['a choice in small letters', 'D: 2.5', 'd: 2.5', 'MODEL_PARAM_CHOICE', 'd: 2.5', 'D'],
    ['a basis that is none', 'basis: arrival', 'basis: arival', 'MODEL_VALUE', 'arival', 'arrival'],
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

  test.each(['1.5', '-0.1', '95%', '0.1234567', '1e-1', '.5'])('the quantile %s', (q) => {
    const to = `quantile: 'event.amount', q: ${q}`;
    expectFault(MODEL, "sum: 'event.amount'", to, 'MODEL_VALUE', `${q}, over`);
  });

  test('a choice that the field never has is told which it may have', () => {
    const found = expectFault(MODEL, 'A: 8', 'E: 8', 'MODEL_PARAM_CHOICE', 'E: 8');
    expect(found).toMatchObject({
      message: 'subject.credit is never "E", so this choice of "many" is never taken',
      expected: 'one of A, B, C, D',
    });
  });

  test('any choice goes where the field is open text', () => {
    const text = replaced(COMPLAINTS, 'by: subject.credit, A: 8', 'by: subject.industry, I61: 8');
    expect(diagnosticsOf(MODEL, text)).toEqual([]);
  });

  test.each(['0s', '0d', '4000d', 'soon'])('the window %s is repeated as it was written', (span) => {
    const found = expectFault(MODEL, 'over: 365d', `over: ${span}`, 'MODEL_VALUE', `${span}, basis`);
    expect(found?.message).toBe(`"${span}" does not fit here`);
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

describe('an expression that is empty or too long', () => {
  const long = `'${'x'.repeat(4001)}'`;
  test.each([
    ['the condition of the model', 'where: \'"食品经营" in subject.tags\'', "where: ''", "''"],
    ['a condition without a value', 'where: \'"食品经营" in subject.tags\'', 'where:', '\nparams'],
    ['the only filter of an indicator', 'where: \'event.result == "fail"\'', "where: ''", "''"],
    ['a figure', "'failures / inspections'", "''", "''"],
    ['a level', "'complaints >= 3'", "''", "''"],
    ['a level that is too long', "'complaints >= 3'", long, long],
  ])('is one fault: %s', (_what, from, to, at) => {
    expectFault(MODEL, from, to, 'MODEL_VALUE', at);
  });
});

describe('a file with a fault of shape', () => {
  /** Codes and what stands at their places, in the order of the file. */
  function faultsOf(...changes: readonly (readonly [from: string, to: string])[]): [string, string][] {
    const text = changes.reduce((before, [from, to]) => replaced(before, from, to), COMPLAINTS);
    return diagnosticsOf(MODEL, text)
      .filter(({ severity }) => severity === 'error')
      .map(({ code, line, column }) => [
        code,
        (text.split('\n')[line - 1] ?? '').slice(column - 1, column + 8),
      ]);
  }

  test('hides none of names elsewhere', () => {
    expect(
      faultsOf(
        ['summary:', 'sumary:'],
        ['item: food-operation', 'item: food-operatoin'],
        ['subject.tags', 'subject.tag'],
        ["'complaints >= 3'", "'complaint >= 3'"],
      ).map(([code]) => code),
    ).toEqual(['MODEL_UNKNOWN_KEY', 'MODEL_ITEM_UNKNOWN', 'EXPR_FIELD', 'EXPR_NAME']);
  });

  test('in one indicator hides none in another, and is not blamed on what reads it', () => {
    expect(
      faultsOf(['basis: arrival', 'bases: arrival'], ['event.complainant', 'event.complainants']),
    ).toEqual([
      ['EXPR_FIELD', 'complaina'],
      ['MODEL_UNKNOWN_KEY', 'bases: ar'],
    ]);
  });

  test('in a level hides none in another level', () => {
    expect(
      faultsOf(["yellow: 'complaints", "yelow: 'complaints"], ['complainants >= 3', 'complainers >= 3']).map(
        ([code]) => code,
      ),
    ).toEqual(['EXPR_NAME', 'MODEL_UNKNOWN_KEY']);
  });

  test('of its parameters says nothing of what may read them', () => {
    expect(
      faultsOf(['default: 5', 'default: [5]'], ['event.complainant', 'event.complainants']).map(
        ([code]) => code,
      ),
    ).toEqual(['MODEL_VALUE']);
  });
});
