// Check: every fault in rule sets and in the tests beside models, without running anything.
import { lintRoutes } from '../alerts/route-lint.js';
import type { LocalDate } from '../catalogue/catalogue.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { loadRules } from '../model/load.js';
import { readFile } from '../model/report.js';
import { parseRouteTests, ROUTE_TESTS } from '../model/route-tests.js';
import type { RuleSet } from '../model/ruleset.js';
import { parseModelTests } from '../model/tests.js';
import { nodeAt } from '../model/yaml.js';
import { localToday, zoneOf } from './local-time.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

export interface CheckedRules {
  /** The folder of the set. */
  readonly rules: string;
  /** Null where there is any error in the set, whether in the files named or not. */
  readonly revision: string | null;
  /** The local day on which legal bases had to be in force. */
  readonly today: LocalDate;
  /** Models among the files named. */
  readonly models: number;
  /** Files of tests among the files named. */
  readonly tests: number;
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics as a person reads them. */
  readonly lines: readonly string[];
}

/**
 * Checks what lies at the paths.
 * @param today the current day of the catalogue's zone where left out
 * @throws CodedError where a path cannot be read
 */
export async function checkRules(paths: readonly string[], today?: LocalDate): Promise<CheckedRules[]> {
  const sets = await readNamedRules(paths);
  return sets.map((rules) => checkSet(rules, today ?? localToday(zoneOf(rules.files))));
}

function checkSet(rules: NamedRules, today: LocalDate): CheckedRules {
  const loaded = loadRules(rules.files, today);
  const wanted = [...rules.files].filter(([file]) => rules.wants(file));
  const tests = wanted.filter(([file]) => file.endsWith('.test.yaml'));
  const models = wanted.filter(([file]) => !file.endsWith('.test.yaml') && !inCatalogue(file));
  const diagnostics = [
    ...loaded.diagnostics.filter((diagnostic) => rules.wants(diagnostic.file) || hidesModels(diagnostic)),
    ...tests.flatMap(([file, text]) =>
      file === ROUTE_TESTS
        ? parseRouteTests(text, loaded.rules?.catalogue ?? null).diagnostics
        : parseModelTests(file, text).diagnostics,
    ),
    ...(loaded.rules === null ? [] : lintOf(loaded.rules, rules.files)).filter(({ file }) =>
      rules.wants(file),
    ),
  ];
  return {
    rules: rules.shown(''),
    revision: loaded.rules?.revision ?? null,
    today,
    models: models.length,
    tests: tests.length,
    diagnostics: diagnostics.map((diagnostic) => rules.asShown(diagnostic)),
    lines: diagnostics.map((diagnostic) => rules.format(diagnostic)),
  };
}

/** What the routes of a set leave open, each at its place in the catalogue. */
function lintOf({ catalogue, models }: RuleSet, files: ReadonlyMap<string, string>): Diagnostic[] {
  const names = models.map(({ name }) => name);
  return lintRoutes(catalogue, names).flatMap(({ code, severity, file, path, on, message, expected }) => {
    const { report, root } = readFile(`catalogue/${file}`, files.get(`catalogue/${file}`) ?? '');
    report.add(code, nodeAt(root, path, on), message, {
      severity,
      ...(expected === undefined ? {} : { expected }),
    });
    return report.diagnostics;
  });
}

/** Models are not looked at while the catalogue has errors, so these are said whatever was named. */
function hidesModels({ file, severity }: Diagnostic): boolean {
  return severity === 'error' && inCatalogue(file);
}

function inCatalogue(file: string): boolean {
  return file.startsWith('catalogue/');
}
