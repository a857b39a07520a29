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
  /** The model, or `catalogue/routes`. */
  readonly model: string;
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
  return (await readNamedRules(paths)).map((named) => testSet(named, named.load(), request));
}

/** A result from before, and of which models it no longer holds. */
export interface Former {
  readonly tested: TestedRules;
  readonly isDue: (model: string) => boolean;
}

/**
 * Runs the tests of one set, as far as a former result does not hold.
 * @param rules of the set, loaded
 * @throws InvalidFiles where tests that are to run have errors
 */
export function testSet(
  named: NamedRules,
  rules: RuleSet,
  { coverageMinimum = 0 }: TestRequest,
  former?: Former,
): TestedRules {
  const files: TestedFile[] = [];
  const coverage: CoveredModel[] = [];
  const findings: TestFinding[] = [];
  for (const [path, text] of named.files) {
    if (!path.endsWith(SUFFIX) || path === ROUTE_TESTS || !isWanted(named, path.slice(0, -SUFFIX.length)))
      continue;
    const model = named.files.get(`${path.slice(0, -SUFFIX.length)}.yaml`);
    if (model !== undefined && isSwitchedOff(readFile(path, model).content)) continue;
    const file = named.shown(path);
    const held = heldOf(former, path.slice(0, -SUFFIX.length), file);
    if (held !== null) {
      files.push(...held.files);
      findings.push(...held.findings);
      coverage.push(...held.coverage);
      continue;
    }
    const { tests, diagnostics } = parseModelTests(path, text);
    if (tests === null) throw named.invalid(diagnostics);
    const result = runModelTests(tests, rules);
    files.push({ file, model: result.model, cases: result.cases });
    findings.push(...findingsOf(result, file));
    if (result.coverage !== null) coverage.push({ model: result.model, file, ...result.coverage });
  }
  for (const model of rules.models) {
    const { name, feed } = model;
    if (feed !== null || named.files.has(name + SUFFIX) || !isWanted(named, name)) continue;
    const file = named.shown(`${name}.yaml`);
    findings.push({
      code: 'TEST_MISSING',
      severity: 'error',
      model: name,
      file,
      message: CODES.TEST_MISSING,
    });
    coverage.push({ model: name, file, ...new Coverage(model, rules).counts(new Set()) });
  }
  findings.push(...coverage.flatMap((one) => uncovered(one, coverageMinimum)));
  testRoutes(named, rules, files, findings);
  return { rules: named.shown(''), files, findings, coverage };
}

/** What a former result says of a file of tests; null where it says nothing, or no longer holds. */
function heldOf(former: Former | undefined, model: string, file: string): TestedRules | null {
  if (former === undefined || former.isDue(model)) return null;
  const held = partOf(former.tested, (name) => name === model);
  if (held.files[0]?.file !== file) return null;
  // How much is asked for is looked at for all of them together.
  return { ...held, findings: held.findings.filter(({ code }) => code !== 'TEST_COVERAGE') };
}

/** What a result says of some of its models. */
export function partOf(tested: TestedRules, isMeant: (model: string) => boolean): TestedRules {
  const isOurs = ({ model }: { readonly model: string }) => isMeant(model);
  const { rules, files, findings, coverage } = tested;
  return {
    rules,
    files: files.filter(isOurs),
    findings: findings.filter(isOurs),
    coverage: coverage.filter(isOurs),
  };
}

function uncovered({ model, file, percent, unreached }: CoveredModel, minimum: number): TestFinding[] {
  if (percent >= minimum) return [];
  const said = `${CODES.TEST_COVERAGE} ${percent} % of it, ${minimum} % asked for.`;
  const message = `${said} Not reached: ${unreached.join(', ')}.`;
  return [{ code: 'TEST_COVERAGE', severity: 'error', model, file, message }];
}

const LACKS = { warning: 'TEST_NO_WARNING', silence: 'TEST_NO_SILENCE' } as const;

function findingsOf({ model, lacks, unreached, untaken }: ModelTestResult, file: string): TestFinding[] {
  const findings = lacks.map((lack): TestFinding => {
    const code = LACKS[lack];
    return { code, severity: 'error', model, file, message: CODES[code] };
  });
  for (const [code, names] of [
    ['TEST_LEVEL_UNREACHED', unreached],
    ['TEST_BRANCH_UNREACHED', untaken],
  ] as const) {
    if (names.length === 0) continue;
    const message = `${CODES[code]} Not reached: ${names.join(', ')}.`;
    findings.push({ code, severity: 'warning', model, file, message });
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
  const model = ROUTES.slice(0, -'.yaml'.length);
  if (!isWanted(named, model)) return;
  const text = named.files.get(ROUTE_TESTS);
  if (text === undefined) {
    if (!named.files.has(ROUTES)) return;
    const file = named.shown(ROUTES);
    findings.push({ code: 'TEST_MISSING', severity: 'warning', model, file, message: CODES.TEST_MISSING });
    return;
  }
  const { cases, diagnostics } = parseRouteTests(text, catalogue);
  if (cases === null) throw named.invalid(diagnostics);
  const result = runRouteTests(cases, catalogue);
  const file = named.shown(ROUTE_TESTS);
  files.push({ file, model, cases: result.cases });
  if (result.unreached.length === 0) return;
  const message = `${CODES.TEST_ROUTE_UNREACHED} Not reached: ${result.unreached.join(', ')}.`;
  findings.push({ code: 'TEST_ROUTE_UNREACHED', severity: 'warning', model, file, message });
}

function isWanted(named: NamedRules, model: string): boolean {
  return named.wants(model + SUFFIX) || named.wants(`${model}.yaml`);
}
