// Warnings that a model allows, each with a reason: what is not said of it then, and what is wrong with an allowance.
import { CHECKS } from './checks/checks.js';
import type { Diagnostic } from './diagnostic.js';
import { removalOf } from './removal.js';
import type { ParsedFile } from './report.js';
import { nodeAt } from './yaml.js';

type ParsedFiles = ReadonlyMap<string, ParsedFile>;

/** One entry of `lint:` in a model. */
interface Allowance {
  readonly file: string;
  readonly position: number;
  readonly code: string;
}

/** Splits diagnostics into those to be said, and those that the model in whose file they are allows. */
export function withoutAllowed(
  diagnostics: readonly Diagnostic[],
  files: ParsedFiles,
): { readonly kept: Diagnostic[]; readonly allowed: Diagnostic[] } {
  const allows = new Set(allowancesIn(files).map(({ file, code }) => `${file} ${code}`));
  const isAllowed = ({ severity, file, code }: Diagnostic) =>
    severity === 'warning' && mayBeAllowed(code) && allows.has(`${file} ${code}`);
  return {
    kept: diagnostics.filter((one) => !isAllowed(one)),
    allowed: diagnostics.filter(isAllowed),
  };
}

/**
 * Adds to the reports of models what is wrong with their allowances: codes that there are not, that are errors or
 * about allowances themselves, and warnings that nobody gives.
 * @param allowed what was allowed
 * @param looked whether the check of a code was made, so that its silence says something
 */
export function lintAllowances(
  files: ParsedFiles,
  allowed: readonly Diagnostic[],
  looked: (code: string) => boolean,
): void {
  const used = new Set(allowed.map(({ file, code }) => `${file} ${code}`));
  for (const { file, position, code } of allowancesIn(files)) {
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
    } else if (looked(code) && !used.has(`${file} ${code}`)) {
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
  return [...files].flatMap(([file, { content }]) => {
    const entries: unknown =
      typeof content === 'object' && content !== null ? (content as { lint?: unknown }).lint : undefined;
    if (!Array.isArray(entries) || file.startsWith('catalogue/')) return [];
    return entries.flatMap((entry: unknown, position): Allowance[] => {
      const { allow, because } = (entry ?? {}) as { allow?: unknown; because?: unknown };
      // Without a reason nothing is allowed.
      if (typeof allow !== 'string' || typeof because !== 'string' || because.trim() === '') return [];
      return [{ file, position, code: allow }];
    });
  });
}
