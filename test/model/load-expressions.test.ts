import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { diagnosticsOf, expectFault, MODEL, placeOf, TODAY } from './faults.js';
import { COMPLAINTS, replaced, rulesWith } from './rules-fixture.js';

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
    ['an unknown field', 'event.amount', 'event.amout', 'EXPR_FIELD', 'amout', 'amount'],
    ['an unknown profile field', 'in subject.tags', 'in subject.tag', 'EXPR_FIELD', "tag'", 'tags'],
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
      'EXPR_LIST',
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
