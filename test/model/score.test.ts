import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { diagnosticsOf, MODEL, placeOf, TODAY } from './faults.js';
import { COMPLAINTS, replaced, rulesWith } from './rules-fixture.js';

const LINES = [
  "{ name: 投诉, weight: 30, of: 'complaints', low: 0, high: 10 }",
  "{ name: 检查, weight: 40, if: 'failures >= 2' }",
  "{ name: 处罚, weight: 30, of: 'fined', bands: [[10000, 0.5], [100000, 1]] }",
] as const;

/** The model with a score of these lines, which yellow reads. */
function scored(lines: readonly string[] = LINES, yellow = 'score >= 40'): string {
  const score = `score:\n${lines.map((line) => `  - ${line}\n`).join('')}levels:\n`;
  return replaced(replaced(COMPLAINTS, 'levels:\n', score), 'complaints >= 3', yellow);
}

describe('the score of a model', () => {
  test('has its lines in the order of the file, and a place after all indicators', () => {
    const { rules } = loadRules(rulesWith({ [MODEL]: scored() }), TODAY);
    const model = rules?.models.find(({ name }) => name === 'food/repeat-complaints');
    expect(model?.score?.index).toBe(model?.indicators.length);
    expect(model?.score?.lines.map(({ name, weight, measure }) => ({ name, weight, measure }))).toEqual([
      { name: '投诉', weight: 30, measure: { kind: 'linear', low: 0, high: 10 } },
      { name: '检查', weight: 40, measure: { kind: 'if' } },
      {
        name: '处罚',
        weight: 30,
        measure: {
          kind: 'bands',
          bands: [
            [10000, 0.5],
            [100000, 1],
          ],
        },
      },
    ]);
  });

  test('may name an indicator without quotes, and nothing else', () => {
    const [first, second, third] = LINES;
    const bare = [first.replace("'complaints'", 'complaints'), second, third.replace("'fined'", 'fined')];
    expect(diagnosticsOf(MODEL, scored(bare)).filter(({ severity }) => severity === 'error')).toEqual([]);
    const more = [first.replace("'complaints'", 'complaints + 1'), second, third];
    expect(diagnosticsOf(MODEL, scored(more)).map(({ code }) => code)).toContain('MODEL_QUOTE');
  });

  test('is a number in levels and clears, and nowhere else', () => {
    expect(diagnosticsOf(MODEL, scored(LINES, 'score >= 40 && complaints > 1'))).toEqual([]);
    expect(
      diagnosticsOf(MODEL, replaced(scored(), 'hold: 1d', "clear: { yellow: 'score < 30' }\nhold: 1d")),
    ).toEqual([]);
    const compared = diagnosticsOf(MODEL, scored(LINES, 'score == "high"'));
    expect(compared.map(({ code }) => code)).toEqual(['EXPR_TYPE']);
    const value = diagnosticsOf(MODEL, replaced(scored(), 'failures / inspections', 'score / 2'));
    expect(value.map(({ code }) => code)).toEqual(['EXPR_NAME']);
    const without = diagnosticsOf(MODEL, replaced(COMPLAINTS, 'complaints >= 3', 'score >= 40'));
    expect(without.map(({ code }) => code)).toEqual(['EXPR_NAME']);
  });

  test.each([
    ['neither of nor if', '{ name: 甲, weight: 30 }', '{ name: 甲'],
    ['both', "{ name: 甲, weight: 30, of: 'fined', if: 'fined > 1', low: 0, high: 1 }", "if: 'fined"],
    ['an if with bands', "{ name: 甲, weight: 30, if: 'fined > 1', bands: [[1, 1]] }", 'bands: [[1'],
    ['an of with nothing to measure by', "{ name: 甲, weight: 30, of: 'fined' }", "of: 'fined' }"],
    ['low without high', "{ name: 甲, weight: 30, of: 'fined', low: 1 }", 'low: 1'],
    [
      'low and high with bands',
      "{ name: 甲, weight: 30, of: 'fined', low: 1, high: 2, bands: [[1, 1]] }",
      'low: 1',
    ],
    ['low that is not below high', "{ name: 甲, weight: 30, of: 'fined', low: 2, high: 2 }", '2, high'],
    ['bands that fall', "{ name: 甲, weight: 30, of: 'fined', bands: [[5, 0.5], [4, 1]] }", '[4, 1]'],
    [
      'bands whose parts fall',
      "{ name: 甲, weight: 30, of: 'fined', bands: [[4, 0.5], [5, 0.4]] }",
      '[5, 0.4]',
    ],
    ['a name that is taken', "{ name: 检查, weight: 30, if: 'fined > 1' }", "检查, weight: 30, if: 'fined"],
  ])('a line with %s', (what, line, at) => {
    const code = /name/.test(what) ? 'TWICE' : /fall|below/.test(what) ? 'BOUNDS' : 'LINE';
    const text = scored([LINES[1], line]);
    const errors = diagnosticsOf(MODEL, text).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code, line: row, column }) => ({ code, line: row, column }))).toEqual([
      { code: `MODEL_SCORE_${code}`, ...placeOf(text, at) },
    ]);
  });

  test.each([
    ['weight: 30', 'weight: 0', 'MODEL_VALUE'],
    ['weight: 30', 'weight: -5', 'MODEL_VALUE'],
    ['weight: 30', 'weight: many', 'MODEL_VALUE'],
    ['weight: 30', 'wieght: 30', 'MODEL_UNKNOWN_KEY'],
    ['high: 10', 'high: 10d', 'MODEL_VALUE'],
    ["'complaints'", "'subject.name'", 'EXPR_TYPE'],
    ["'complaints'", "'complaintss'", 'EXPR_NAME'],
    ["'failures >= 2'", "'failures'", 'EXPR_TYPE'],
    ['[10000, 0.5]', '[10000, 1.5]', 'MODEL_VALUE'],
    ['[10000, 0.5]', '[10000]', 'MODEL_VALUE'],
  ])('with %s as %s', (from, to, code) => {
    const errors = diagnosticsOf(MODEL, replaced(scored(), from, to)).filter(
      ({ severity }) => severity === 'error',
    );
    expect(errors.map((error) => error.code)).toEqual([code]);
  });

  test('whose weights do not sum to 100 is warned of', () => {
    expect(diagnosticsOf(MODEL, scored(LINES.slice(0, 2)))).toMatchObject([
      { code: 'MODEL_SCORE_WEIGHTS', severity: 'warning', message: 'the weights sum to 70' },
    ]);
    const thirds = ['33.3', '33.3', '33.4'].map((weight, index) =>
      (LINES[index] ?? '').replace(/weight: \d+/, `weight: ${weight}`),
    );
    expect(diagnosticsOf(MODEL, scored(thirds))).toEqual([]);
  });

  test('which no level reads is warned of, and a parameter that a line reads is not', () => {
    expect(diagnosticsOf(MODEL, scored(LINES, 'complaints >= 3'))).toMatchObject([
      { code: 'MODEL_SCORE_UNUSED', severity: 'warning', message: 'no level reads the score' },
    ]);
    const lines = [LINES[0], "{ name: 检查, weight: 40, if: 'failures >= params.few' }", LINES[2]];
    const few = replaced(scored(lines), 'params:\n', 'params:\n  few: { default: 2 }\n');
    expect(diagnosticsOf(MODEL, few)).toEqual([]);
  });
});
