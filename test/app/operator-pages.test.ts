// The pages of operators are what the declarations say and what the engine gives for their examples.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesPerEvent, runExample } from '../../src/app/operator-example.js';
import { operatorIndex, operatorPages } from '../../src/app/operator-pages.js';
import { projectFolder } from '../../src/app/version.js';
import { ExpressionError } from '../../src/model/expression/expression.js';
import { OPERATOR_NAMES, OPERATORS, type OperatorName } from '../../src/model/operators/operators.js';

const RULES = join(projectFolder(), 'rules');
const FOLDER = join(RULES, 'operators');

test('rules/operators is what the declarations generate; UPDATE=1 writes it', () => {
  const pages = operatorPages();
  if (process.env['UPDATE'] === '1') {
    mkdirSync(FOLDER, { recursive: true });
    for (const [file, page] of pages) writeFileSync(join(FOLDER, file), page);
  }
  expect(readdirSync(FOLDER).sort()).toEqual([...pages.keys()].sort());
  for (const [file, page] of pages) expect(readFileSync(join(FOLDER, file), 'utf8')).toBe(page);
});

test('rules/README.md leads to every page', () => {
  expect(readFileSync(join(RULES, 'README.md'), 'utf8')).toContain(operatorIndex());
});

/** What each example must show, reckoned by hand from the meaning of the operator. */
const VALUES: { readonly [name in OperatorName]: readonly unknown[] } = {
  count: [1, 2, 3, 2, 0],
  sum: [0, 80_000, 105_000.5, 25_000.5],
  avg: [4, 7, 8, 10, null],
  min: [6, 6, 6, 9, null],
  max: [9, 9, 9, 5, null],
  distinct: [1, 1, 2, 1, 0],
  stddev: [null, Math.SQRT2, Math.sqrt(13), null],
  quantile: [3, 16.5, 5, null],
  share: [0, 0.5, 2 / 3, 1, null],
  trend: [null, 6, 6, 6, null],
  changes: [0, 1, 1, 2, 1],
  increase: [0, 30, 50, 20, 0],
  last: ['pass', 'fail', 'fail', null],
  first: ['pass', 'pass', 'fail', null],
  since: [0, 864_000, 0, 2_592_000],
  streak: [1, 2, 0, 1, 0],
  new: [true, false, true, null],
  absent: [false, false, true, false, true],
  sequence: [0, 0, 0, 0, 1, 0],
  value: [null, 0, 0.5, 1, null],
};

describe('the example of', () => {
  test.each(OPERATOR_NAMES.map((name) => [name, OPERATORS[name].example] as const))('%s', (name, example) => {
    const moments = runExample(example);
    for (const [index, { value }] of moments.entries()) {
      expect(value).not.toBeInstanceOf(ExpressionError);
      const wanted = VALUES[name][index];
      if (typeof wanted === 'number') expect(value).toBeCloseTo(wanted, 9);
      else expect(value).toBe(wanted);
    }
    expect(moments).toHaveLength(VALUES[name].length);
    // It shows both sides of its level.
    expect(new Set(moments.map(({ warns }) => warns))).toEqual(new Set([true, false]));
  });
});

test('what keeps values keeps more of each event than what keeps none', () => {
  const bytes = (name: OperatorName) => bytesPerEvent(OPERATORS[name].example);
  expect(bytes('count')).toBeGreaterThan(0);
  expect(bytes('distinct')).toBeGreaterThan(bytes('count'));
});
