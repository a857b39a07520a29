// From one checked file to one model.
import type { Catalogue } from '../catalogue/catalogue.js';
import { checkShape, type Fault } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import { figureEnvironment, profileEnvironment, type ModelNames } from './environment.js';
import type { Environment, Expression } from './expression/expression.js';
import { compileFormula } from './formula.js';
import { compileWindow, indicatorEntries, operatorOf, type IndicatorEntry } from './indicators.js';
import { lintModel } from './lint.js';
import {
  LEVELS,
  rank,
  type AuthorOperator,
  type Indicator,
  type LevelRule,
  type Model,
  type ModelScope,
  type ScoreRule,
  type WarningLevel,
  type WindowIndicator,
} from './model.js';
import { readParams } from './params.js';
import type { ParsedFile, Report } from './report.js';
import { MODEL_SHAPE, SINGLE_SCOPES, type ModelContent } from './shape.js';
import { STATUSES } from './status.js';
import { remainderOf } from './remainder.js';
import { compileSequence } from './sequence.js';
import { compileScore, scoreSymbol } from './score.js';
import { compileValues, symbolOf } from './values.js';
import { readsWarnings, standingOf, type UnplacedModel } from './strata.js';
import { watchersOf } from './watchers.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** Level names, gravest first. */
const GRAVEST_FIRST = LEVELS.filter((level): level is WarningLevel => level !== 'none').sort(
  (a, b) => rank(b) - rank(a),
);

/**
 * Compiles one model against the catalogue, and those that watch over the cadence that it declares. Faults go into the
 * file's report; where there is any, or the model is switched off, there is no model.
 * @param name the path under rules/ without extension
 */
export function compileModel(file: ParsedFile, name: string, catalogue: Catalogue): Model[] {
  const { report, root } = file;
  const { value: content, faults } = checkShape(MODEL_SHAPE, file.content);
  if (faults !== null) {
    report.addFaults(codeOf, root, faults);
    checkRemainder(file, faults, name, catalogue);
    return [];
  }
  const domain = checkHead(report, root, content, name, catalogue);
  const scope = scopeOf(report, root, content);
  if (scope === null) return [];
  const names: ModelNames = { scope, params: readParams(report, root, scope), catalogue };
  const where = formulaAt(report, root, ['where'], profileEnvironment(names), scope);
  const indicators = compileIndicators(report, names, indicatorEntries(root, content.indicators));
  if (indicators === null) return [];
  const score = scoreIn(report, root, content, names, indicators);
  const levels = compileLevels(report, root, content, names, indicators, score);
  if (report.failed) return [];
  const unplaced: UnplacedModel = {
    name,
    domain,
    title: content.title,
    summary: content.summary,
    item: content.item,
    scope,
    where,
    params: names.params,
    indicators,
    score,
    levels,
    forMs: content.for,
    holdMs: content.hold,
    plan: content.plan ?? null,
    advise: content.advise,
    task: content.task === undefined ? null : { withinWorkdays: content.task.within },
    feed: null,
    ...(content.status === 'shadow' ? { shadow: true as const } : {}),
  };
  checkTask(report, root, unplaced);
  const watchers =
    content.expect === undefined ? [] : watchersOf({ report, root, names, model: unplaced }, content.expect);
  if (report.failed) return [];
  const model: Model = { ...unplaced, ...standingOf(unplaced) };
  lintModel(report, root, model, catalogue);
  return content.status === 'off' ? [] : [model, ...watchers];
}

/** Says what is wrong with the names of a file beside its shape; nothing that a fault of shape may have brought about. */
function checkRemainder(
  { report, root, content: given }: ParsedFile,
  faults: readonly Fault[],
  name: string,
  catalogue: Catalogue,
): void {
  const remainder = remainderOf(given, faults, name);
  if (remainder === null) return;
  const { content, intact } = remainder;
  const item = intact('item') ? content.item : ([...catalogue.items.keys()][0] ?? content.item);
  checkHead(report, root, { ...content, item }, name, catalogue);
  const scope = scopeOf(report, root, content);
  if (scope === null || !intact('params')) return;
  const names: ModelNames = { scope, params: readParams(report, root, scope), catalogue };
  formulaAt(report, root, ['where'], profileEnvironment(names), scope);
  const entries = indicatorEntries(root, content.indicators);
  if (!intact('indicators')) {
    for (const entry of entries) compileAlone(report, names, entry);
    return;
  }
  const indicators = compileIndicators(report, names, entries);
  if (indicators === null || !intact('score')) return;
  const score = scoreIn(report, root, content, names, indicators);
  compileLevels(report, root, content, names, indicators, score);
}

/** Checks an indicator that reads no other. */
function compileAlone(report: Report, names: ModelNames, entry: IndicatorEntry): void {
  const operator = operatorOf(report, entry);
  if (operator !== null && operator !== 'value') compileOne(report, names, entry, operator, 0);
}

function codeOf(fault: Fault): Code {
  const [part, , key] = fault.path;
  if (part === 'lint' && key === 'because' && fault.kind !== 'UNKNOWN_KEY') return 'LINT_REASON';
  if (fault.kind === 'UNKNOWN_KEY') return 'MODEL_UNKNOWN_KEY';
  return fault.kind === 'MISSING_KEY' ? 'MODEL_MISSING_KEY' : 'MODEL_VALUE';
}

/** Name, status, item and plan. Returns the domain of the item. */
function checkHead(
  report: Report,
  root: YamlNode,
  content: ModelContent,
  name: string,
  catalogue: Catalogue,
): string {
  if (content.model !== name) {
    const message = `the model is called "${content.model}", its file ${report.file}`;
    const { start, end } = nodeAt(root, ['model']);
    report.add('MODEL_PATH', start, message, {
      expected: `model: ${name}`,
      fix: { start, end, text: name },
    });
  }
  if (!(STATUSES as readonly string[]).includes(content.status)) {
    const message = `the status "${content.status}" is not available in this version`;
    report.add('MODEL_NOT_YET', nodeAt(root, ['status']), message, { expected: STATUSES.join(' or ') });
  }
  if (content.status === 'shadow' && content.expect !== undefined) {
    const message =
      'a model in the shadow cannot watch over its sources, since their silence withholds warnings';
    report.add('MODEL_NOT_YET', nodeAt(root, ['expect']), message, {
      expected: 'no expect, or status: active',
    });
  }
  if (content.plan !== undefined && !catalogue.plans.has(content.plan)) {
    report.add(
      'MODEL_PLAN_UNKNOWN',
      nodeAt(root, ['plan']),
      `no plan "${content.plan}" in catalogue/plans.yaml`,
      {
        sought: { name: content.plan, among: [...catalogue.plans.keys()] },
      },
    );
  }
  const item = catalogue.items.get(content.item);
  if (item === undefined) {
    report.add(
      'MODEL_ITEM_UNKNOWN',
      nodeAt(root, ['item']),
      `no item "${content.item}" in catalogue/items.yaml`,
      {
        sought: { name: content.item, among: [...catalogue.items.keys()] },
      },
    );
    return '';
  }
  return item.domain;
}

function scopeOf(report: Report, root: YamlNode, { scope }: ModelContent): ModelScope | null {
  const node = nodeAt(root, ['scope']);
  const expected = `one of ${SINGLE_SCOPES.join(', ')}, or [region, industry]`;
  if (typeof scope !== 'string') {
    if (scope.length === 2 && scope.includes('region') && scope.includes('industry'))
      return 'region+industry';
    report.add('MODEL_SCOPE', node, `the scopes ${scope.join(', ')} do not combine`, { expected });
    return null;
  }
  const known = SINGLE_SCOPES.find((single) => single === scope);
  if (known !== undefined) return known;
  const sought = { name: scope, among: SINGLE_SCOPES };
  report.add('MODEL_SCOPE', node, `there is no scope "${scope}"`, { expected, sought });
  return null;
}

/** A joint task is made of warnings. */
function checkTask(report: Report, root: YamlNode, model: UnplacedModel): void {
  if (model.task === null || readsWarnings(model)) return;
  const message = 'the model reads no warnings, so there are no items to merge';
  report.add('MODEL_TASK', nodeAt(root, ['task'], 'key'), message, {
    expected: 'an indicator with from: warning',
  });
}

/** Windows in the order of the file, then values; null where one has a fault. */
function compileIndicators(
  report: Report,
  names: ModelNames,
  entries: readonly IndicatorEntry[],
): Indicator[] | null {
  const windows: Indicator[] = [];
  const values: IndicatorEntry[] = [];
  let compiled = true;
  for (const entry of entries) {
    const operator = operatorOf(report, entry);
    if (operator === 'value') {
      values.push(entry);
      continue;
    }
    const window = operator === null ? null : compileOne(report, names, entry, operator, windows.length);
    if (window === null) compiled = false;
    else windows.push(window);
  }
  // Without every window, what reads it would be reported as unknown, which it is not.
  const computed = compiled ? compileValues(report, names, values, windows) : null;
  return computed === null ? null : [...windows, ...computed];
}

function compileOne(
  report: Report,
  names: ModelNames,
  entry: IndicatorEntry,
  operator: AuthorOperator,
  index: number,
): WindowIndicator | null {
  return operator === 'sequence'
    ? compileSequence(report, names, entry, index)
    : compileWindow(report, names, entry, operator, index);
}

function scoreIn(
  report: Report,
  root: YamlNode,
  { score }: ModelContent,
  names: ModelNames,
  indicators: readonly Indicator[],
): ScoreRule | null {
  if (score === undefined) return null;
  const environment = figureEnvironment(names, indicators.map(symbolOf));
  const node = nodeAt(root, ['score']);
  return compileScore({ report, node, environment, scope: names.scope, index: indicators.length }, score);
}

function compileLevels(
  report: Report,
  root: YamlNode,
  content: ModelContent,
  names: ModelNames,
  indicators: readonly Indicator[],
  score: ScoreRule | null,
): LevelRule[] {
  // A score with a fault has none of its own to name; the levels that read it would be said to have one.
  if (score === null && content.score !== undefined) return [];
  const symbols = [...indicators.map(symbolOf), ...(score === null ? [] : [scoreSymbol(score)])];
  const environment = figureEnvironment(names, symbols);
  for (const level of GRAVEST_FIRST) {
    if (content.clear[level] === undefined || content.levels[level] !== undefined) continue;
    const message = `there is no level "${level}" to clear`;
    const expected = Object.keys(content.levels).join(', ');
    report.add('MODEL_CLEAR_LEVEL', nodeAt(root, ['clear', level], 'key'), message, { expected });
  }
  return GRAVEST_FIRST.flatMap((level): LevelRule[] => {
    const condition = formulaAt(report, root, ['levels', level], environment, names.scope);
    const clear = formulaAt(report, root, ['clear', level], environment, names.scope);
    return condition === null ? [] : [{ level, condition, clear }];
  });
}

/** The condition at a path; null where there is none, or it has a fault, which is then in the report. */
function formulaAt(
  report: Report,
  root: YamlNode,
  path: readonly string[],
  environment: Environment,
  scope: ModelScope,
): Expression | null {
  const node = nodeAt(root, path);
  return node.kind === 'text' ? compileFormula(report, node, environment, scope, 'bool') : null;
}
