// Tests beside models, and those of routes, run from the files of rule sets.
import { runRouteTests } from '../alerts/route-cases.js';
import { CODES } from '../events/codes.js';
import { parseRouteTests, ROUTE_TESTS, ROUTES } from '../model/route-tests.js';
import type { RuleSet } from '../model/ruleset.js';
import { parseModelTests } from '../model/tests.js';
import { runModelTests, type CaseResult } from '../pipeline/model-test.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

/** A file of tests, run. */
export interface TestedFile {
  readonly file: string;
  /** The model, or `catalogue/routes`. */
  readonly model: string;
  readonly cases: readonly Omit<CaseResult, 'levels'>[];
}

/** What no test looks at. */
export interface TestWarning {
  readonly code: 'TEST_MISSING' | 'TEST_LEVEL_UNREACHED' | 'TEST_ROUTE_UNREACHED';
  readonly file: string;
  readonly message: string;
}

export interface TestedRules {
  readonly rules: string;
  readonly files: readonly TestedFile[];
  readonly warnings: readonly TestWarning[];
}

const SUFFIX = '.test.yaml';

/**
 * Runs the tests at the paths; a model stands for the tests beside it.
 * @throws InvalidFiles where rules or tests have errors, CodedError where a path cannot be read
 */
export async function testRules(paths: readonly string[]): Promise<TestedRules[]> {
  return (await readNamedRules(paths)).map(testSet);
}

function testSet(named: NamedRules): TestedRules {
  const rules = named.load();
  const files: TestedFile[] = [];
  const warnings: TestWarning[] = [];
  for (const [path, text] of named.files) {
    if (!path.endsWith(SUFFIX) || path === ROUTE_TESTS || !isWanted(named, path.slice(0, -SUFFIX.length)))
      continue;
    const { tests, diagnostics } = parseModelTests(path, text);
    if (tests === null) throw named.invalid(diagnostics);
    const result = runModelTests(tests, rules);
    const file = named.shown(path);
    files.push({ file, model: result.model, cases: result.cases });
    if (result.unreached.length === 0) continue;
    const message = `${CODES.TEST_LEVEL_UNREACHED} Not reached: ${result.unreached.join(', ')}.`;
    warnings.push({ code: 'TEST_LEVEL_UNREACHED', file, message });
  }
  for (const { name, feed } of rules.models) {
    if (feed !== null || named.files.has(name + SUFFIX) || !isWanted(named, name)) continue;
    const file = named.shown(`${name}.yaml`);
    warnings.push({ code: 'TEST_MISSING', file, message: CODES.TEST_MISSING });
  }
  testRoutes(named, rules, files, warnings);
  return { rules: named.shown(''), files, warnings };
}

/** Runs the tests of routes where they are wanted; rules without any are a warning. */
function testRoutes(
  named: NamedRules,
  { catalogue }: RuleSet,
  files: TestedFile[],
  warnings: TestWarning[],
): void {
  if (!isWanted(named, ROUTES.slice(0, -'.yaml'.length))) return;
  const text = named.files.get(ROUTE_TESTS);
  if (text === undefined) {
    if (!named.files.has(ROUTES)) return;
    warnings.push({ code: 'TEST_MISSING', file: named.shown(ROUTES), message: CODES.TEST_MISSING });
    return;
  }
  const { cases, diagnostics } = parseRouteTests(text, catalogue);
  if (cases === null) throw named.invalid(diagnostics);
  const result = runRouteTests(cases, catalogue);
  const file = named.shown(ROUTE_TESTS);
  files.push({ file, model: ROUTES.slice(0, -'.yaml'.length), cases: result.cases });
  if (result.unreached.length === 0) return;
  const message = `${CODES.TEST_ROUTE_UNREACHED} Not reached: ${result.unreached.join(', ')}.`;
  warnings.push({ code: 'TEST_ROUTE_UNREACHED', file, message });
}

function isWanted(named: NamedRules, model: string): boolean {
  return named.wants(model + SUFFIX) || named.wants(`${model}.yaml`);
}
