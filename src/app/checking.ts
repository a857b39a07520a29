// Check: every fault in rule sets and in the tests beside models, without running anything.
import type { LocalDate } from '../catalogue/catalogue.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { loadRules } from '../model/load.js';
import { parseModelTests } from '../model/tests.js';
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
    ...tests.flatMap(([file, text]) => parseModelTests(file, text).diagnostics),
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

/** Models are not looked at while the catalogue has errors, so these are said whatever was named. */
function hidesModels({ file, severity }: Diagnostic): boolean {
  return severity === 'error' && inCatalogue(file);
}

function inCatalogue(file: string): boolean {
  return file.startsWith('catalogue/');
}
