// Check: every fault in rule sets and in the tests beside models, without running anything.
import { lintRoutes } from '../alerts/route-lint.js';
import type { LocalDate } from '../catalogue/catalogue.js';
import { CodedError } from '../events/coded-error.js';
import { lintAllowances, withoutAllowed } from '../model/allowances.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { lintHistory, lintRetention, type UnreadField } from '../model/lint-history.js';
import { lintSet } from '../model/lint-set.js';
import { loadRules, type LoadResult } from '../model/load.js';
import { Report, type ParsedFile } from '../model/report.js';
import { parseRouteTests, ROUTE_TESTS } from '../model/route-tests.js';
import type { RuleSet } from '../model/ruleset.js';
import { parseModelTests } from '../model/tests.js';
import { nodeAt } from '../model/yaml.js';
import { localToday, zoneOf } from './local-time.js';
import { readNamedRules, type NamedRules } from './named-rules.js';
import type { Place } from './place.js';
import { readSeenFields, readStoredFields, type SeenEvents } from './seen-fields.js';

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
  /** Warnings that files allow, and that are not among the others. */
  readonly allowed: number;
  /** Files with errors that were not named: for their sake nothing was looked for that concerns the whole set. */
  readonly hiding: readonly string[];
  /** The diagnostics as a person reads them. */
  readonly lines: readonly string[];
}

export interface CheckRequest {
  /** The current day of the catalogue's zone where left out. */
  readonly today?: LocalDate | undefined;
  /** Files of CloudEvents, as NDJSON, that say what events have. */
  readonly events?: readonly string[] | undefined;
  /** The deployment whose stored events say it, in place of files. */
  readonly place?: Place | undefined;
  /** For how long events are kept. */
  readonly keptMs?: number | undefined;
}

/** What is checked of a set beside its files. */
export interface CheckFacts {
  readonly today: LocalDate;
  readonly seen: SeenEvents | null;
  readonly keptMs: number | null;
}

const TESTS = '.test.yaml';
const MODEL = '.yaml';

/**
 * Checks what lies at the paths.
 * @throws CodedError where a path cannot be read
 */
export async function checkRules(
  paths: readonly string[],
  request: CheckRequest = {},
): Promise<CheckedRules[]> {
  const sets = await readNamedRules(paths);
  const seen = await seenBy(request);
  return sets.map((rules) => checkSet(rules, factsOf(rules.files, request, seen)));
}

/** @throws CodedError USAGE, FILE_READ, and as the stores do */
async function seenBy({ events = [], place }: CheckRequest): Promise<SeenEvents | null> {
  if (place === undefined) return events.length === 0 ? null : readSeenFields(events);
  if (events.length > 0)
    throw new CodedError('USAGE', 'Name files with --events, or a deployment with --data or --config.');
  return readStoredFields(place);
}

/** What a request says of one set. */
export function factsOf(
  files: ReadonlyMap<string, string>,
  { today, keptMs }: CheckRequest,
  seen: SeenEvents | null,
): CheckFacts {
  return { today: today ?? localToday(zoneOf(files)), seen, keptMs: keptMs ?? null };
}

function checkSet(rules: NamedRules, facts: CheckFacts): CheckedRules {
  const { revision, diagnostics: all, allowed } = checkFiles(rules.files, facts);
  const wanted = [...rules.files].filter(([file]) => rules.wants(file));
  const tests = wanted.filter(([file]) => file.endsWith(TESTS));
  const models = wanted.filter(([file]) => !file.endsWith(TESTS) && !inCatalogue(file));
  const isOurs = ({ file }: Diagnostic) =>
    rules.files.has(file) || file.startsWith('catalogue/') || file === '.';
  const isSaid = (one: Diagnostic) => rules.wants(one.file) || (revision === null && hidesModels(one));
  const diagnostics = all.filter((one) => !isOurs(one) || isSaid(one));
  const hiding = new Set(
    all.filter((one) => one.severity === 'error' && !diagnostics.includes(one)).map(({ file }) => file),
  );
  return {
    rules: rules.shown(''),
    revision,
    today: facts.today,
    models: models.length,
    tests: tests.length,
    diagnostics: diagnostics.map((one) => (isOurs(one) ? rules.asShown(one) : one)),
    hiding: [...hiding].map((file) => rules.shown(file)),
    allowed: allowed.filter(({ file }) => rules.wants(file)).length,
    lines: diagnostics.map((one) => (isOurs(one) ? rules.format(one) : rules.formatElsewhere(one))),
  };
}

/** What is found in the files of one set, by their path in it. */
export function checkFiles(
  files: ReadonlyMap<string, string>,
  facts: CheckFacts,
): {
  readonly revision: string | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly allowed: readonly Diagnostic[];
} {
  const loaded = loadRules(files, facts.today);
  const { rules, parsed } = loaded;
  const inTests = [...files].flatMap(([file, text]) => testFaults(file, text, loaded));
  if (rules === null) {
    return {
      revision: null,
      diagnostics: [...loaded.diagnostics, ...inTests],
      allowed: loaded.allowed,
    };
  }
  lintSet(rules, parsed);
  reportRoutes(rules, parsed);
  warnUntested(rules, parsed, files);
  const unread = facts.seen === null ? [] : lintHistory(parsed, facts.seen.fields);
  if (facts.keptMs !== null) lintRetention(parsed, rules.models, facts.keptMs);
  const all = () => [...parsed.values()].flatMap(({ report }) => report.diagnostics).sort(byPlace);
  lintAllowances(parsed, withoutAllowed(all(), parsed).allowed, (code) => wasLooked(code, facts));
  const { kept, allowed } = withoutAllowed(all(), parsed);
  return {
    revision: rules.revision,
    diagnostics: [...kept, ...inTests, ...unreadFaults(unread, facts.seen)],
    allowed,
  };
}

function testFaults(file: string, text: string, { rules, parsed }: LoadResult): Diagnostic[] {
  if (!file.endsWith(TESTS)) return [];
  if (file === ROUTE_TESTS) return [...parseRouteTests(text, rules?.catalogue ?? null).diagnostics];
  const { diagnostics } = parseModelTests(file, text);
  const model = file.slice(0, -TESTS.length) + MODEL;
  if (parsed.has(model)) return [...diagnostics];
  const report = new Report(file, text);
  report.add('TEST_ORPHAN', 0, `there is no model ${model.slice(0, -MODEL.length)}`, {
    severity: 'warning',
    expected: `${model} beside the tests`,
  });
  return [...diagnostics, ...report.diagnostics];
}

/** Models that nothing shows to work. */
function warnUntested(
  { models }: RuleSet,
  parsed: ReadonlyMap<string, ParsedFile>,
  files: ReadonlyMap<string, string>,
): void {
  for (const { name, feed } of models) {
    const file = parsed.get(name + MODEL);
    if (file === undefined || feed !== null || files.has(name + TESTS)) continue;
    file.report.add('TEST_MISSING', nodeAt(file.root, ['model']), 'the model has no tests', {
      severity: 'warning',
      expected: `${name}${TESTS} with a case that warns and one that stays silent`,
    });
  }
}

/** What the routes of a set leave open, each at its place in the catalogue. */
function reportRoutes({ catalogue, models }: RuleSet, parsed: ReadonlyMap<string, ParsedFile>): void {
  const names = models.map(({ name }) => name);
  for (const { code, severity, file, path, on, message, expected } of lintRoutes(catalogue, names)) {
    const at = parsed.get(`catalogue/${file}`);
    at?.report.add(code, nodeAt(at.root, path, on), message, {
      severity,
      ...(expected === undefined ? {} : { expected }),
    });
  }
}

/** Fields of events that no model reads, where they first came. Nothing of the events is shown. */
function unreadFaults(unread: readonly UnreadField[], seen: SeenEvents | null): Diagnostic[] {
  return unread.map(({ stream, field }) => {
    const { file, line } = seen?.first.get(`${stream} ${field}`) ?? { file: '', line: 1 };
    return {
      code: 'EVENTS_FIELD_UNREAD',
      severity: 'warning',
      file,
      line,
      column: 1,
      message: `no model reads ${field} of ${stream}`,
      expected: `event.${field} in a model, or events without it`,
    };
  });
}

/** Whether the check of a code was made at all. */
function wasLooked(code: string, { seen, keptMs }: CheckFacts): boolean {
  if (code === 'MODEL_RETENTION') return keptMs !== null;
  return seen !== null || (code !== 'MODEL_FIELD_UNSEEN' && code !== 'MODEL_STREAM_UNSEEN');
}

/** Models are not looked at while the catalogue has errors, so these are said whatever was named. */
function hidesModels({ file, severity }: Diagnostic): boolean {
  return severity === 'error' && inCatalogue(file);
}

function inCatalogue(file: string): boolean {
  return file.startsWith('catalogue/');
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
