// Each check of rules gives exactly its code, at the place that its example marks, and leaves the right one alone.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFiles } from '../../src/app/checking.js';
import { readSeenFields } from '../../src/app/seen-fields.js';
import { CATALOGUE_CODES } from '../../src/events/catalogue-codes.js';
import { CODES } from '../../src/events/codes.js';
import { EXPRESSION_CODES } from '../../src/events/expression-codes.js';
import { MODEL_CODES } from '../../src/events/model-codes.js';
import { CHECKS } from '../../src/model/checks/checks.js';
import type { Check } from '../../src/model/checks/check.js';
import { EXAMPLE_DAY, exampleFiles } from '../../src/model/checks/example.js';
import { SourceText } from '../../src/model/source.js';

const DAY_MS = 86_400_000;
/** Codes that no file of rules alone gives: they come while rules or tests run, where cases are recorded, or of very many files. */
const ELSEWHERE =
  /^(EXPR_(RANGE|CALENDAR|INTERNAL)|RULES_(COST|LIMIT)|TEST_(NO_\w+|COVERAGE|LEVEL_UNREACHED|BRANCH_UNREACHED|ROUTE_UNREACHED)|CASE_\w+)$/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-checks-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function found({ example }: Check, side: 'wrong' | 'right') {
  const { files, file, at } = exampleFiles(example, side);
  const events = join(folder, 'events.ndjson');
  await writeFile(events, example.events ?? '');
  const { diagnostics } = checkFiles(files, {
    today: EXAMPLE_DAY,
    seen: example.events === undefined ? null : await readSeenFields([events]),
    keptMs: example.keptDays === undefined ? null : example.keptDays * DAY_MS,
  });
  const inFile = example.events === undefined || files.has(diagnostics[0]?.file ?? '');
  const place = inFile
    ? { file, ...new SourceText(files.get(file) ?? '').placeOf(at ?? 0) }
    : { file: events, line: 1, column: 1 };
  return { diagnostics, place };
}

describe('a check', () => {
  test.each(CHECKS.map((check) => [check.code, check] as const))('%s', async (code, check) => {
    const { diagnostics, place } = await found(check, 'wrong');
    const { severity } = check;
    expect(
      diagnostics.map((one) => ({
        code: one.code,
        severity: one.severity,
        file: one.file,
        line: one.line,
        column: one.column,
      })),
    ).toEqual([{ code, severity, ...place }]);
    expect((await found(check, 'right')).diagnostics).toEqual([]);
    expect(diagnostics[0]?.fix !== undefined).toBe(check.fix === 'mends');
  });

  test('has a code and a sentence of its own, and every code of rules has a check', () => {
    const codes = CHECKS.map(({ code }) => code as string);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(CHECKS.map(({ says }) => says)).size).toBe(codes.length);
    const all = Object.keys({ ...EXPRESSION_CODES, ...CATALOGUE_CODES, ...MODEL_CODES });
    expect(all.filter((code) => !ELSEWHERE.test(code) && !codes.includes(code))).toEqual([]);
    for (const code of codes) expect(CODES).toHaveProperty(code);
  });
});
