import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import { formatDiagnostic } from '../../src/model/format-diagnostic.js';

const diagnostic: Diagnostic = {
  code: 'MODEL_UNKNOWN_KEY',
  severity: 'error',
  file: 'food/a.yaml',
  line: 2,
  column: 8,
  message: 'unknown key "b"',
};

test('place, severity, code, hints, the line and a caret', () => {
  const text = formatDiagnostic({ ...diagnostic, column: 3, expected: 'a, c', nearest: 'c' }, 'x\n  b: 1\n');
  expect(text).toBe(
    'food/a.yaml:2:3: error MODEL_UNKNOWN_KEY: unknown key "b" (expected a, c, did you mean "c"?)\n    b: 1\n    ^',
  );
});

test('the caret stands under its character although Chinese is twice as wide', () => {
  const lines = formatDiagnostic(diagnostic, 'x\na: 食品，经营\n').split('\n');
  // Columns 1 to 7 are "a: " and four wide characters.
  expect(lines[2]).toBe(`  ${' '.repeat(3 + 4 * 2)}^`);
});

test('a tab stays a tab, a pair of surrogates is one wide character', () => {
  const lines = formatDiagnostic({ ...diagnostic, line: 1, column: 4 }, '\t🔥x').split('\n');
  expect(lines[2]).toBe('  \t  ^');
});

test('control and direction characters never reach the terminal', () => {
  const text = formatDiagnostic(
    { ...diagnostic, line: 1, column: 1, message: '\u001b[31mred\u202e' },
    '\u001b]0;x\u0007',
  );
  expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
});

test('of a long line only the part around the fault is shown', () => {
  const lines = formatDiagnostic(
    { ...diagnostic, line: 1, column: 5001 },
    `${'x'.repeat(5000)}y${'z'.repeat(5000)}`,
  ).split('\n');
  expect(lines[1]?.length).toBeLessThan(200);
  expect(lines[1]?.[lines[2]?.indexOf('^') ?? 0]).toBe('y');
});

test('a line that is not there is left out', () => {
  expect(formatDiagnostic({ ...diagnostic, line: 9 }, 'x')).toBe(
    'food/a.yaml:9:8: error MODEL_UNKNOWN_KEY: unknown key "b"',
  );
});
