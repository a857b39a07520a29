// Tests of routes, catalogue/routes.test.yaml: warnings, and exactly who must hear of each by which channels.
import { z } from 'zod';
import type { Catalogue, RouteRole } from '../catalogue/catalogue.js';
import { checkShape } from '../catalogue/fault.js';
import { FALLBACK, USUAL } from '../catalogue/routes-schema.js';
import { channels, id, region, text, warningLevel } from '../catalogue/schema-parts.js';
import { SCOPES } from '../events/event.js';
import type { Diagnostic } from './diagnostic.js';
import type { WarningLevel } from './model.js';
import { readFile, type ParsedFile } from './report.js';
import { nodeAt } from './yaml.js';

/** Where they lie in a rule set; the rules that they are about lie beside them. */
export const ROUTE_TESTS = 'catalogue/routes.test.yaml';
export const ROUTES = 'catalogue/routes.yaml';

/** A warning as far as its route depends on it. */
export interface TestedWarning {
  readonly item: string;
  /** Items that its joint task merges. */
  readonly merges: readonly string[];
  readonly region: string | null;
  readonly level: WarningLevel;
  readonly model: string;
  readonly scope: string;
  readonly tags: readonly string[];
}

/** A department that must hear of it. */
export interface ExpectedRecipient {
  readonly department: string;
  readonly role: RouteRole;
  /** In any order. */
  readonly channels: readonly string[];
  readonly line: number;
}

export interface RouteCase {
  readonly name: string;
  readonly line: number;
  readonly warning: TestedWarning;
  /** What must decide: a rule by its name, `usual` or `fallback`; null where the case does not ask. */
  readonly by: string | null;
  /** All of them, in any order. */
  readonly expect: readonly ExpectedRecipient[];
}

const warning = z.strictObject({
  item: id,
  merges: z.array(id).max(50, 'at most 50 items').default([]),
  region: region.optional(),
  level: warningLevel,
  model: text(260).default(''),
  scope: z.enum(SCOPES, `one of ${SCOPES.join(', ')}`).default('subject'),
  tags: z.array(text(64)).max(50, 'at most 50 tags').default([]),
});

const recipient = z.strictObject({
  department: id,
  role: z.enum(['lead', 'cooperating'], 'lead or cooperating'),
  channels,
});

const testCase = z.strictObject({
  name: text(300),
  warning,
  by: id.optional(),
  expect: z.array(recipient).max(100, 'at most 100 departments'),
});

/** The shape of catalogue/routes.test.yaml. */
export const ROUTE_TESTS_SHAPE = z.strictObject({
  cases: z.array(testCase).min(1, 'at least one case').max(1_000, 'at most 1000 cases'),
});

type CaseContent = z.output<typeof testCase>;

/**
 * Reads tests of routes.
 * @param catalogue whose names they may use; null where it is faulty, so that names are not looked at
 * @returns null for cases where there is any error
 */
export function parseRouteTests(
  content: string,
  catalogue: Catalogue | null,
): { readonly cases: readonly RouteCase[] | null; readonly diagnostics: Diagnostic[] } {
  const file = readFile(ROUTE_TESTS, content);
  const { report } = file;
  const { value, faults } = report.failed
    ? { value: null, faults: [] }
    : checkShape(ROUTE_TESTS_SHAPE, file.content);
  report.addFaults(
    ({ kind }) => `TEST_${kind === 'UNKNOWN_KEY' || kind === 'MISSING_KEY' ? kind : 'VALUE'}`,
    file.root,
    faults ?? [],
  );
  if (value === null) return { cases: null, diagnostics: report.diagnostics };
  for (const [index, one] of value.cases.entries()) {
    if (catalogue !== null) checkNames(file, index, one, catalogue);
  }
  const cases = value.cases.map((one, index) => readCase(file, index, one));
  return { cases: report.failed ? null : cases, diagnostics: report.diagnostics };
}

function readCase(
  { root, report }: ParsedFile,
  index: number,
  { name, by, ...content }: CaseContent,
): RouteCase {
  const lineAt = (path: readonly (string | number)[]) =>
    report.source.placeOf(nodeAt(root, ['cases', index, ...path]).start).line;
  return {
    name,
    line: lineAt([]),
    warning: { ...content.warning, region: content.warning.region ?? null },
    by: by ?? null,
    expect: content.expect.map((one, at) => ({ ...one, line: lineAt(['expect', at]) })),
  };
}

/** A misspelt name would make a case that proves nothing. Only who asks for the fallback may name an unknown item. */
function checkNames(
  { root, report }: ParsedFile,
  index: number,
  { warning: tested, by, expect }: CaseContent,
  { items, departments, routes }: Catalogue,
): void {
  const check = (
    path: readonly (string | number)[],
    what: string,
    name: string,
    among: readonly string[],
  ) => {
    if (among.includes(name)) return;
    const sought = { name, among };
    report.add(
      'TEST_UNKNOWN_NAME',
      nodeAt(root, ['cases', index, ...path]),
      `there is no ${what} "${name}"`,
      {
        sought,
      },
    );
  };
  const known = [...items.keys()];
  if (by !== FALLBACK) check(['warning', 'item'], 'item', tested.item, known);
  for (const [at, item] of tested.merges.entries()) {
    if (by !== FALLBACK) check(['warning', 'merges', at], 'item', item, known);
  }
  if (by !== undefined) check(['by'], 'rule', by, [...routes.rules.map(({ name }) => name), USUAL, FALLBACK]);
  for (const [at, { department }] of expect.entries()) {
    check(['expect', at, 'department'], 'department', department, [...departments.keys()]);
  }
}
