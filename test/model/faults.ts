// What a faulty file must be told: code, line, column and the nearest name.
import { expect } from 'vitest';
import { CODES } from '../../src/events/codes.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import { loadRules } from '../../src/model/load.js';
import { fixtureFile, replaced, rulesWith } from './rules-fixture.js';

export const TODAY = '2025-06-01';
export const MODEL = 'food/repeat-complaints.yaml';
export const DEVICE = 'elevator/overload.yaml';

/** Line and column (from 1) at which a passage first stands in a text. */
export function placeOf(text: string, passage: string) {
  const offset = text.indexOf(passage);
  if (offset === -1) throw new Error(`the file has no "${passage}"`);
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

export function diagnosticsOf(path: string, text: string): Diagnostic[] {
  const { rules, diagnostics } = loadRules(rulesWith({ [path]: text }), TODAY);
  expect(rules === null).toBe(diagnostics.some((found) => found.severity === 'error'));
  for (const found of diagnostics) expect(Object.keys(CODES)).toContain(found.code);
  return diagnostics;
}

/** The file with one passage replaced has exactly this fault, at the first place of `at` in the changed file. */
export function expectFault(
  path: string,
  from: string,
  to: string,
  code: string,
  at: string,
  nearest?: string,
) {
  const text = replaced(fixtureFile(path), from, to);
  const errors = diagnosticsOf(path, text).filter((found) => found.severity === 'error');
  expect(errors.map((found) => [found.code, found.file, found.line, found.column, found.nearest])).toEqual([
    [code, path, placeOf(text, at).line, placeOf(text, at).column, nearest],
  ]);
  return errors[0];
}
