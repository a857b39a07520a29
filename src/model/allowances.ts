// Warnings that a model or a file of the catalogue allows, each with a reason: what is not said of it then, and what is wrong with an allowance.
import { CHECKS } from './checks/checks.js';
import type { Diagnostic } from './diagnostic.js';
import { removalOf } from './removal.js';
import type { ParsedFile } from './report.js';
import { nodeAt } from './yaml.js';

type ParsedFiles = ReadonlyMap<string, ParsedFile>;

/** One entry of `lint:` in a model, or in a file of the catalogue. */
interface Allowance {
  readonly file: string;
  readonly position: number;
  readonly code: string;
  /** Lines of the entry of the catalogue that it speaks of; null for the whole file. */
  readonly lines: { readonly first: number; readonly last: number } | null;
}

/** Splits diagnostics into those to be said, and those that the file in which they are allows. */
export function withoutAllowed(
  diagnostics: readonly Diagnostic[],
  files: ParsedFiles,
): { readonly kept: Diagnostic[]; readonly allowed: Diagnostic[] } {
  const allowances = allowancesIn(files);
  const isAllowed = (one: Diagnostic) =>
    one.severity === 'warning' &&
    mayBeAllowed(one.code) &&
    allowances.some((allowance) => covers(allowance, one));
  return {
    kept: diagnostics.filter((one) => !isAllowed(one)),
    allowed: diagnostics.filter(isAllowed),
  };
}

function covers({ file, code, lines }: Allowance, one: Diagnostic): boolean {
  if (file !== one.file || code !== one.code) return false;
  return lines === null || (one.line >= lines.first && one.line <= lines.last);
}

/**
 * Adds to the reports of files what is wrong with their allowances: codes that there are not, that are errors or
 * about allowances themselves, and warnings that nobody gives.
 * @param allowed what was allowed
 * @param looked whether the check of a code was made, so that its silence says something
 */
export function lintAllowances(
  files: ParsedFiles,
  allowed: readonly Diagnostic[],
  looked: (code: string) => boolean,
): void {
  for (const allowance of allowancesIn(files)) {
    const { file, position, code } = allowance;
    const parsed = files.get(file);
    if (parsed === undefined) continue;
    const { report, root } = parsed;
    const place = nodeAt(root, ['lint', position, 'allow']);
    const check = CHECKS.find((one) => one.code === code);
    if (check === undefined) {
      const among = CHECKS.filter(({ severity }) => severity === 'warning').map((one) => one.code);
      report.add('LINT_UNKNOWN', place, `there is no check "${code}"`, {
        severity: 'warning',
        expected: 'the code of a warning of fenghuo check',
        sought: { name: code, among },
      });
    } else if (check.severity === 'error' || !mayBeAllowed(code)) {
      const message = `${code} cannot be allowed`;
      report.add('LINT_FORBIDDEN', place, message, {
        severity: 'warning',
        expected: 'what it finds mended',
      });
    } else if (looked(code) && !allowed.some((one) => covers(allowance, one))) {
      report.add('LINT_UNUSED', place, `nothing in this file gives the warning ${code}`, {
        severity: 'warning',
        expected: 'no such entry',
        fix: removalOf(report.source.text, root, ['lint', position]),
      });
    }
  }
}

/** What is said of allowances is said. */
function mayBeAllowed(code: string): boolean {
  return !code.startsWith('LINT_');
}

function allowancesIn(files: ParsedFiles): Allowance[] {
  return [...files].flatMap(([file, parsed]) => {
    const { content } = parsed;
    const entries: unknown =
      typeof content === 'object' && content !== null ? (content as { lint?: unknown }).lint : undefined;
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((entry: unknown, position): Allowance[] => {
      const { allow, of, because } = (entry ?? {}) as { allow?: unknown; of?: unknown; because?: unknown };
      // Without a reason nothing is allowed.
      if (typeof allow !== 'string' || typeof because !== 'string' || because.trim() === '') return [];
      return [{ file, position, code: allow, lines: typeof of === 'string' ? linesOf(parsed, of) : null }];
    });
  });
}

/** The lines of an entry by its key; none where there is no such entry. */
function linesOf({ root, report }: ParsedFile, key: string): NonNullable<Allowance['lines']> {
  const entry = root.kind === 'map' ? root.entries.get(key) : undefined;
  if (entry === undefined) return { first: 0, last: 0 };
  const { source } = report;
  // A block value may end at the start of the next line.
  const text = source.text.slice(entry.key.start, entry.value.end).trimEnd();
  return {
    first: source.placeOf(entry.key.start).line,
    last: source.placeOf(entry.key.start + text.length).line,
  };
}
