// The page of checks is what the checks say of their own examples.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checksPage, explainedCheck } from '../../src/app/check-page.js';
import { projectFolder } from '../../src/app/version.js';
import { CHECKS } from '../../src/model/checks/checks.js';

const FILE = join(projectFolder(), 'rules/checks.md');

test('rules/checks.md is what the checks generate; UPDATE=1 writes it', () => {
  const page = checksPage();
  if (process.env['UPDATE'] === '1') writeFileSync(FILE, page);
  expect(readFileSync(FILE, 'utf8')).toBe(page);
});

test('every check has a heading of its own, and the caret of its example', () => {
  for (const { code } of CHECKS) {
    const text = explainedCheck(code) ?? '';
    expect(text.startsWith(`## ${code}\n`)).toBe(true);
    expect(text).toMatch(new RegExp(`: (error|warning) ${code}: `));
  }
  expect(explainedCheck('MODEL_NONE')).toBeUndefined();
});
