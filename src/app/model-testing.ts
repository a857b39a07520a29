// Tests beside models, and those of routes, run from the files of rule sets.
import { runRouteTests } from '../alerts/route-cases.js';
import { CODES } from '../events/codes.js';
import { readFile } from '../model/report.js';
import { parseRouteTests, ROUTE_TESTS, ROUTES } from '../model/route-tests.js';
import type { RuleSet } from '../model/ruleset.js';
import { isSwitchedOff } from '../model/status.js';
import { parseModelTests } from '../model/tests.js';
import { Coverage, type ModelCoverage } from '../pipeline/model-coverage.js';
import { runModelTests, type CaseResult, type ModelTestResult } from '../pipeline/model-test.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

/** A file of tests, run. */
export interface TestedFile {
  readonly file: string;
  /** The model, or `catalogue/routes`. */
  readonly model: string;
  readonly cases: readonly Omit<CaseResult, 'levels'>[];
}

/** What the tests lack. */
export interface TestFinding {
  readonly code:
    | 'TEST_MISSING'
    | 'TEST_NO_WARNING'
    | 'TEST_NO_SILENCE'
    | 'TEST_LEVEL_UNREACHED'
    | 'TEST_BRANCH_UNREACHED'
    | 'TEST_ROUTE_UNREACHED'
    | 'TEST_COVERAGE';
  /** The language asks of each model a case that warns and one that stays silent; the rest is worth a look. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly message: string;
}

/** What the tests of one model reach of it; nothing where it has none. */
export interface CoveredModel extends ModelCoverage {
  readonly model: string;
  /** Of its tests, or, where it has none, of the model. */
  readonly file: string;
}

export interface TestedRules {
  readonly rules: string;
  readonly files: readonly TestedFile[];
  readonly findings: readonly TestFinding[];
  /** Of every model that was named, in the order of the files. */
  readonly coverage: readonly CoveredModel[];
}

export interface TestRequest {
  /** How much of each model its tests must reach, in percent of levels, branches and lines of the score together. */
  readonly coverageMinimum?: number | undefined;
}

const SUFFIX = '.test.yaml';

/**
 * Runs the tests at the paths; a model stands for the tests beside it.
 * @throws InvalidFiles where rules or tests have errors, CodedError where a path cannot be read
 */
export async function testRules(paths: readonly string[], request: TestRequest = {}): Promise<TestedRules[]> {
  return (await readNamedRules(paths)).map((named) => testSet(named, request));
}

function testSet(named: NamedRules, { coverageMinimum = 0 }: TestRequest): TestedRules {
  const rules = named.load();
  const files: TestedFile[] = [];
  const coverage: CoveredModel[] = [];
  const findings: TestFinding[] = [];
  for (const [path, text] of named.files) {
    if (!path.endsWith(SUFFIX) || path === ROUTE_TESTS || !isWanted(named, path.slice(0, -SUFFIX.length)))
      continue;
    const model = named.files.get(`${path.slice(0, -SUFFIX.length)}.yaml`);
    if (model !== undefined && isSwitchedOff(readFile(path, model).content)) continue;
    const { tests, diagnostics } = parseModelTests(path, text);
    if (tests === null) throw named.invalid(diagnostics);
    const result = runModelTests(tests, rules);
    const file = named.shown(path);
    files.push({ file, model: result.model, cases: result.cases });
    findings.push(...findingsOf(result, file));
    if (result.coverage !== null) coverage.push({ model: result.model, file, ...result.coverage });
  }
  for (const model of rules.models) {
    const { name, feed } = model;
    if (feed !== null || named.files.has(name + SUFFIX) || !isWanted(named, name)) continue;
    const file = named.shown(`${name}.yaml`);
    findings.push({ code: 'TEST_MISSING', severity: 'error', file, message: CODES.TEST_MISSING });
    coverage.push({ model: name, file, ...new Coverage(model, rules).counts(new Set()) });
  }
  findings.push(...coverage.flatMap((one) => uncovered(one, coverageMinimum)));
  testRoutes(named, rules, files, findings);
  return { rules: named.shown(''), files, findings, coverage };
}

function uncovered({ file, percent, unreached }: CoveredModel, minimum: number): TestFinding[] {
  if (percent >= minimum) return [];
  const said = `${CODES.TEST_COVERAGE} ${percent} % of it, ${minimum} % asked for.`;
  const message = `${said} Not reached: ${unreached.join(', ')}.`;
  return [{ code: 'TEST_COVERAGE', severity: 'error', file, message }];
}

const LACKS = { warning: 'TEST_NO_WARNING', silence: 'TEST_NO_SILENCE' } as const;

function findingsOf({ lacks, unreached, untaken }: ModelTestResult, file: string): TestFinding[] {
  const findings = lacks.map((lack): TestFinding => {
    const code = LACKS[lack];
    return { code, severity: 'error', file, message: CODES[code] };
  });
  for (const [code, names] of [
    ['TEST_LEVEL_UNREACHED', unreached],
    ['TEST_BRANCH_UNREACHED', untaken],
  ] as const) {
    if (names.length === 0) continue;
    const message = `${CODES[code]} Not reached: ${names.join(', ')}.`;
    findings.push({ code, severity: 'warning', file, message });
  }
  return findings;
}

/** Runs the tests of routes where they are wanted; rules without any are a warning. */
function testRoutes(
  named: NamedRules,
  { catalogue }: RuleSet,
  files: TestedFile[],
  findings: TestFinding[],
): void {
  if (!isWanted(named, ROUTES.slice(0, -'.yaml'.length))) return;
  const text = named.files.get(ROUTE_TESTS);
  if (text === undefined) {
    if (!named.files.has(ROUTES)) return;
    const file = named.shown(ROUTES);
    findings.push({ code: 'TEST_MISSING', severity: 'warning', file, message: CODES.TEST_MISSING });
    return;
  }
  const { cases, diagnostics } = parseRouteTests(text, catalogue);
  if (cases === null) throw named.invalid(diagnostics);
  const result = runRouteTests(cases, catalogue);
  const file = named.shown(ROUTE_TESTS);
  files.push({ file, model: ROUTES.slice(0, -'.yaml'.length), cases: result.cases });
  if (result.unreached.length === 0) return;
  const message = `${CODES.TEST_ROUTE_UNREACHED} Not reached: ${result.unreached.join(', ')}.`;
  findings.push({ code: 'TEST_ROUTE_UNREACHED', severity: 'warning', file, message });
}

function isWanted(named: NamedRules, model: string): boolean {
  return named.wants(model + SUFFIX) || named.wants(`${model}.yaml`);
}
