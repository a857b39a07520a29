// The findings of a check as SARIF, against the schema of the standard, and as annotations.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { asAnnotations, asSarif } from '../../src/app/check-formats.js';
import type { CheckedRules } from '../../src/app/checking.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';

const SCHEMA = createRequire(import.meta.url).resolve(
  '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
);

function validator() {
  const ajv = new Ajv04.default({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);
}

const FOUND: readonly Diagnostic[] = [
  {
    code: 'MODEL_PATH',
    severity: 'error',
    file: 'rules/food/多 投诉.yaml',
    line: 1,
    column: 8,
    message: 'the model is called "100%"',
    expected: 'model: food/a, or b',
    fix: { start: 7, end: 11, text: 'food/a' },
  },
  {
    code: 'MODEL_DELAY',
    severity: 'warning',
    file: '/elsewhere/a.yaml',
    line: 3,
    column: 2,
    message: 'two\nlines',
    nearest: 'arrival',
  },
];

const setOf = (diagnostics: readonly Diagnostic[]): CheckedRules => ({
  rules: 'rules',
  revision: null,
  today: '2026-03-01',
  models: 2,
  tests: 0,
  diagnostics,
  allowed: 0,
  hiding: [],
  lines: [],
});

describe('SARIF', () => {
  test('fits the schema of 2.1.0, with findings and without', () => {
    const validate = validator();
    for (const sets of [[], [setOf([])], [setOf(FOUND), setOf(FOUND)]]) {
      validate(asSarif(sets));
      expect(validate.errors ?? []).toEqual([]);
    }
    expect(validate({ version: '2.1.0', runs: [{}] })).toBe(false);
  });

  test('names rule, place, words and mending of each finding', () => {
    const { runs } = asSarif([setOf(FOUND)]) as {
      runs: { tool: { driver: { rules: { id: string }[] } }; results: { [name: string]: unknown }[] }[];
    };
    const [run] = runs;
    const [path, delay] = run?.results ?? [];
    expect(run?.tool.driver.rules[Number(path?.['ruleIndex'])]?.id).toBe('MODEL_PATH');
    expect(path).toMatchObject({
      ruleId: 'MODEL_PATH',
      level: 'error',
      message: { text: 'the model is called "100%" (expected model: food/a, or b)' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'rules/food/%E5%A4%9A%20%E6%8A%95%E8%AF%89.yaml' },
            region: { startLine: 1, startColumn: 8 },
          },
        },
      ],
      fixes: [
        {
          artifactChanges: [
            {
              replacements: [
                { deletedRegion: { charOffset: 7, charLength: 4 }, insertedContent: { text: 'food/a' } },
              ],
            },
          ],
        },
      ],
    });
    expect(delay).toMatchObject({
      level: 'warning',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///elsewhere/a.yaml' } } }],
    });
    expect(delay).not.toHaveProperty('fixes');
  });
});

test('annotations are one line each, and nothing in them ends a property', () => {
  expect(asAnnotations([setOf(FOUND)])).toEqual([
    '::error file=rules/food/多 投诉.yaml,line=1,col=8,title=MODEL_PATH::the model is called "100%25" (expected model: food/a, or b)',
    '::warning file=/elsewhere/a.yaml,line=3,col=2,title=MODEL_DELAY::two lines (did you mean "arrival"?)',
  ]);
  const odd = [{ ...FOUND[1], file: 'a,b:c.yaml' } as Diagnostic];
  expect(asAnnotations([setOf(odd)])[0]).toContain('file=a%2Cb%3Ac.yaml,line=3');
});
