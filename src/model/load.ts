// Loads rules: from the files under rules/ to one checked revision, or to what is wrong with them.
import { assembleCatalogue, crossCheck } from '../catalogue/assemble.js';
import type { Catalogue, LocalDate } from '../catalogue/catalogue.js';
import { checkShape, type Fault } from '../catalogue/fault.js';
import type { FileFault } from '../catalogue/file-fault.js';
import {
  CATALOGUE_FILES,
  CATALOGUE_LINT,
  REQUIRED_FILES,
  type CatalogueContent,
  type CatalogueFileName,
} from '../catalogue/schema.js';
import type { Code } from '../events/codes.js';
import { withoutAllowed } from './allowances.js';
import { compileModel } from './compile.js';
import type { Diagnostic } from './diagnostic.js';
import { costlySources, EVENT_COST_MAX } from './event-cost.js';
import { hashOf } from './identity.js';
import { checkEventTerms } from './lint-retention.js';
import type { Model } from './model.js';
import { countStrata, placeModels } from './strata.js';
import { nodeAt } from './yaml.js';
import { readFile, Report, type Detail, type ParsedFile } from './report.js';
import type { RuleSet } from './ruleset.js';
import { isSwitchedOff } from './status.js';

const FILES_MAX = 2_000;
/** Where a model may lie, relative to the rules folder. */
export const MODEL_PATH = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*){1,4}\.yaml$/;
const FOLDER = 'catalogue/';
const SUFFIX = '.yaml';

/** What became of a set of files. */
export interface LoadResult {
  /** Null where there is any error. */
  readonly rules: RuleSet | null;
  /** Errors and warnings in order of file, line and column. */
  readonly diagnostics: Diagnostic[];
  /** Warnings that models allow, and that are not among the others. */
  readonly allowed: readonly Diagnostic[];
  /** The files as they were read, by path, with a report each. */
  readonly parsed: ReadonlyMap<string, ParsedFile>;
}

/**
 * Reads and checks models and catalogue. Tests of models (`*.test.yaml`) and files other than YAML are passed over.
 * @param files text by path relative to rules/, with `/`, for example `food/repeat-complaints.yaml`
 * @param today the local day on which each item must have a legal basis in force, else it is a warning; not checked
 *   where undefined
 */
export function loadRules(files: ReadonlyMap<string, string>, today?: LocalDate): LoadResult {
  if (files.size > FILES_MAX) {
    const report = new Report('.', '');
    report.add('RULES_LIMIT', 0, `${files.size} files`, { expected: `at most ${FILES_MAX} files` });
    return { rules: null, diagnostics: report.diagnostics, allowed: [], parsed: new Map() };
  }
  const yaml = [...files].filter(([path]) => /\.ya?ml$/.test(path) && !path.endsWith('.test.yaml'));
  const parsed = new Map(yaml.map(([path, text]) => [path, readFile(path, text)]));
  const reports = [...parsed.values()].map((file) => file.report);
  const { catalogue, missing } = loadCatalogue(parsed, today);
  checkNames(parsed);
  // With half a catalogue every model that refers to the other half would look wrong.
  const models = catalogue === null ? [] : loadModels(parsed, catalogue);
  if (catalogue !== null) {
    checkRoutedModels(parsed, catalogue, models);
    checkEventTerms(parsed, catalogue, models);
  }
  const diagnostics = [...reports.flatMap((report) => report.diagnostics), ...missing].sort(byPlace);
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  const strata = countStrata(models);
  const { kept, allowed } = withoutAllowed(diagnostics, parsed);
  const rules =
    failed || catalogue === null ? null : { revision: revisionOf(parsed), catalogue, models, strata };
  return { rules, diagnostics: kept, allowed, parsed };
}

/** The hash over the parsed content of all files: comments, order of keys and layout do not count. */
function revisionOf(parsed: ReadonlyMap<string, ParsedFile>): string {
  return hashOf(Object.fromEntries([...parsed].map(([path, file]) => [path, file.content])));
}

function loadCatalogue(
  parsed: ReadonlyMap<string, ParsedFile>,
  today: LocalDate | undefined,
): { readonly catalogue: Catalogue | null; readonly missing: Diagnostic[] } {
  const content: Partial<Record<CatalogueFileName, unknown>> = {};
  const missing: Diagnostic[] = [];
  let complete = true;
  for (const name of Object.keys(CATALOGUE_FILES) as CatalogueFileName[]) {
    const file = parsed.get(FOLDER + name);
    if (file === undefined) {
      if (!REQUIRED_FILES.includes(name)) continue;
      const report = new Report(FOLDER + name, '');
      report.add('CATALOGUE_MISSING_FILE', 0, `${FOLDER}${name} is missing`);
      missing.push(...report.diagnostics);
      continue;
    }
    const value = checkFile(file, name);
    if (value === null) complete = false;
    else content[name] = value;
  }
  if (!complete || missing.length > 0) return { catalogue: null, missing };
  const catalogue = assembleCatalogue(content as CatalogueContent);
  for (const fault of crossCheck(catalogue, today)) addCatalogueFault(parsed, fault);
  return { catalogue, missing };
}

function checkFile(file: ParsedFile, name: CatalogueFileName): unknown {
  if (file.report.failed) return null;
  const { lint, rest } = withoutLint(file.content);
  const allowances = lint === undefined ? null : checkShape(CATALOGUE_LINT, { lint }).faults;
  file.report.addFaults(lintCode, file.root, allowances ?? []);
  const { value, faults } = checkShape(CATALOGUE_FILES[name], rest);
  file.report.addFaults((fault) => shapeCode(name, fault), file.root, faults ?? []);
  return file.report.failed ? null : value;
}

/** Entries of the catalogue are maps or texts, so a list under `lint` is what the file allows. */
function withoutLint(content: unknown): { readonly lint?: unknown; readonly rest: unknown } {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return { rest: content };
  const { lint, ...rest } = content as { readonly [key: string]: unknown };
  return Array.isArray(lint) ? { lint, rest } : { rest: content };
}

function lintCode({ kind, path }: Fault): Code {
  if (path.at(-1) === 'because' && kind !== 'UNKNOWN_KEY') return 'LINT_REASON';
  return kind === 'UNKNOWN_KEY' || kind === 'MISSING_KEY' ? `CATALOGUE_${kind}` : 'CATALOGUE_VALUE';
}

/** An item that nothing in the law stands behind is worth a code of its own. */
function shapeCode(name: CatalogueFileName, { kind, path }: Fault): Code {
  const isBasis = name === 'items.yaml' && path.length === 2 && path[1] === 'legal';
  if (isBasis && kind !== 'UNKNOWN_KEY') return 'CATALOGUE_NO_BASIS';
  return kind === 'UNKNOWN_KEY' || kind === 'MISSING_KEY' ? `CATALOGUE_${kind}` : 'CATALOGUE_VALUE';
}

function addCatalogueFault(parsed: ReadonlyMap<string, ParsedFile>, fault: FileFault): void {
  const file = parsed.get(FOLDER + fault.file);
  file?.report.addFault(fault.code, file.root, fault);
}

/** Models in their order; those with a fault are left out. */
function loadModels(parsed: ReadonlyMap<string, ParsedFile>, catalogue: Catalogue): Model[] {
  const models = [...parsed]
    .filter(([path, file]) => !path.startsWith(FOLDER) && !file.report.failed)
    .flatMap(([path, file]) => compileModel(file, path.slice(0, -SUFFIX.length), catalogue))
    .sort(byPlaceInRules);
  return inStrata(parsed, models);
}

/** By name, those that watch over a source first: it is silent before anything that rests on it is said. */
function byPlaceInRules(a: Model, b: Model): number {
  const place = ({ feed }: Model) => (feed?.kind === 'source' ? 0 : 1);
  return place(a) - place(b) || (a.name < b.name ? -1 : 1);
}

/** Models with their strata; what they say of each other that cannot be is reported where they say it. */
function inStrata(parsed: ReadonlyMap<string, ParsedFile>, models: readonly Model[]): Model[] {
  const { models: placed, cycles, unknown, unheard } = placeModels(models);
  const files = [...parsed.keys()].filter((path) => !path.startsWith(FOLDER));
  const among = files.map((path) => path.slice(0, -SUFFIX.length));
  for (const { model, indicator, name } of unknown) {
    if (models.some((one) => one.name === name && one.shadow === true)) {
      const message = `warnings of ${name} never come here: it runs in the shadow`;
      const expected = 'status: active there';
      reportAt(parsed, model, indicator, 'MODEL_WARNING_UNHEARD', message, { severity: 'warning', expected });
    }
    // One with a fault of its own is there, and says so itself.
    if (among.includes(name)) continue;
    const sought = { name, among };
    reportAt(parsed, model, indicator, 'MODEL_WARNING_UNKNOWN', `there is no model "${name}"`, { sought });
  }
  for (const { model, indicator, name } of unheard) {
    const message = `warnings of ${name} never come here: it reads warnings itself, and this filter does not name all whose warnings it asks for`;
    const expected = `event.model == "${name}" joined by && with the rest, or in an indicator of its own`;
    reportAt(parsed, model, indicator, 'MODEL_WARNING_UNHEARD', message, { severity: 'warning', expected });
  }
  for (const { path } of cycles) {
    const [first = '', second = ''] = path;
    const model = models.find((one) => one.name === first);
    const indicator = model?.indicators.find(
      (one) => one.kind === 'window' && one.warningsOf?.includes(second) === true,
    );
    const message = `the model waits for warnings that wait for its own: ${path.join(' -> ')}`;
    const expected = 'models whose warnings can be decided one after the other';
    reportAt(parsed, first, indicator?.name ?? '', 'MODEL_WARNING_CYCLE', message, { expected });
  }
  for (const { source, model, cost } of costlySources(placed)) {
    const file = parsed.get(model + SUFFIX);
    const message = `with this model one event of ${source} can take ${Math.round(cost)} steps`;
    file?.report.add('RULES_COST', nodeAt(file.root, ['model']), message, {
      expected: `at most ${EVENT_COST_MAX} steps, over all models that read it`,
    });
  }
  return placed;
}

function reportAt(
  parsed: ReadonlyMap<string, ParsedFile>,
  model: string,
  indicator: string,
  code: Code,
  message: string,
  detail: Detail,
): void {
  const file = parsed.get(model + SUFFIX);
  file?.report.add(code, nodeAt(file.root, ['indicators', indicator, 'where']), message, detail);
}

/** Reports models that a rule of the routes names and that are nowhere. Those of a file that is faulty, or switched off, may be there once it is not. */
function checkRoutedModels(
  parsed: ReadonlyMap<string, ParsedFile>,
  { routes }: Catalogue,
  models: readonly Model[],
): void {
  const among = models.map((model) => model.name);
  const file = parsed.get(`${FOLDER}routes.yaml`);
  for (const [index, { match }] of routes.rules.entries()) {
    for (const [at, name] of (match.model ?? []).entries()) {
      const there = parsed.get(name.replace(/:.*$/, '') + SUFFIX);
      const isIdle = there?.report.failed === true || isSwitchedOff(there?.content);
      if (file === undefined || isIdle || among.includes(name)) continue;
      const node = nodeAt(file.root, ['routes', index, 'match', 'model', at]);
      const sought = { name, among };
      file.report.add('ROUTE_MODEL_UNKNOWN', node, `there is no model "${name}"`, { sought });
    }
  }
}

/** Reports files at places where nothing looks for them. */
function checkNames(parsed: ReadonlyMap<string, ParsedFile>): void {
  const among = Object.keys(CATALOGUE_FILES);
  for (const [path, file] of parsed) {
    if (path.startsWith(FOLDER)) {
      const name = path.slice(FOLDER.length);
      if (among.includes(name)) continue;
      const expected = among.join(', ');
      file.report.add('RULES_FILE_NAME', 0, `the catalogue has no file "${name}"`, {
        expected,
        sought: { name, among },
      });
    } else if (!MODEL_PATH.test(path)) {
      const expected = '<domain>/<behaviour>.yaml in a-z, 0-9 and -';
      file.report.add('RULES_FILE_NAME', 0, `"${path}" is no place for a model`, { expected });
    }
  }
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
