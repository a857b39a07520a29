// What a model that loads may still be warned of.
import type { Catalogue } from '../catalogue/catalogue.js';
import { declarationOf } from '../events/sources.js';
import type { Expression } from './expression/expression.js';
import { warnUnreachable } from './lint-levels.js';
import { warnNulls } from './lint-nulls.js';
import { warnParams } from './lint-params.js';
import { unitsOf, warnUnits } from './lint-units.js';
import { warnValues } from './lint-values.js';
import type { LevelRule, Model, WindowIndicator } from './model.js';
import { removalOf } from './removal.js';
import type { Report } from './report.js';
import { writtenIn } from './written.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** A window counts by arrival unless it is at least this many times the usual delay of its stream. */
const DELAYS_IN_WINDOW_MIN = 4;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** What an exact window holds, and what the panes of one do where the operator keeps every value. */
const READINGS_IN_WINDOW_MAX = 10_000;
const READINGS_IN_PANES_MAX = 100_000;

/** Adds warnings to the report of a compiled model's file. */
export function lintModel(report: Report, root: YamlNode, model: Model, catalogue: Catalogue): void {
  for (const indicator of model.indicators) {
    if (indicator.kind !== 'window') continue;
    warnDelay(report, root, indicator);
    warnHighRate(report, root, indicator);
    warnMixed(report, root, indicator);
  }
  warnPlan(report, root, model, catalogue);
  warnUnreachable(report, root, model);
  warnUnused(report, root, model);
  warnTwins(report, root, model);
  const written = writtenIn(root);
  const units = unitsOf(model);
  for (const one of written) {
    warnValues(report, one);
    warnNulls(report, one);
    warnUnits(report, one, units);
  }
  warnParams(report, root, model, written);
}

function warnDelay(report: Report, root: YamlNode, indicator: WindowIndicator): void {
  if (indicator.basis === 'arrival') return;
  // A baseline looks at a pane as soon as it is closed.
  const spanMs = indicator.baseline === null ? indicator.overMs : (indicator.panes?.everyMs ?? 0);
  const late = indicator.from.find(
    (stream) => spanMs < DELAYS_IN_WINDOW_MIN * declarationOf(stream).usualDelayMs,
  );
  if (late === undefined) return;
  const delayHours = declarationOf(late).usualDelayMs / HOUR_MS;
  const message = `events of ${late} usually arrive ${delayHours} hours late, which this window hardly allows for`;
  const key = indicator.baseline === null ? 'over' : 'every';
  const enough = `${key}: ${Math.ceil(DELAYS_IN_WINDOW_MIN * delayHours)}h or more`;
  const span =
    indicator.densestMs === null && indicator.baseline === null
      ? ', in it densest: with the span that you mean'
      : '';
  const path = indicator.baseline === null ? ['over'] : ['baseline', 'every'];
  report.add('MODEL_DELAY', nodeAt(root, ['indicators', indicator.name, ...path]), message, {
    severity: 'warning',
    // Steps follow each other in the time in which they happened.
    expected: indicator.sequence === null ? `basis: arrival, or ${enough}${span}` : enough,
  });
}

/** A window that takes every reading and keeps it overflows where they come more often than this allows. */
function warnHighRate(report: Report, root: YamlNode, indicator: WindowIndicator): void {
  const { from, where, panes, operator, overMs, versus } = indicator;
  if (where !== null || (panes !== null && operator !== 'quantile')) return;
  const most = panes === null ? READINGS_IN_WINDOW_MAX : READINGS_IN_PANES_MAX;
  if (overMs * (panes !== null && versus ? 2 : 1) <= most * MINUTE_MS) return;
  const stream = from.find((one) => declarationOf(one).highRate);
  if (stream === undefined) return;
  const message = `with one event of ${stream} a minute, more than ${most} lie in the window, which is an error`;
  report.add('MODEL_HIGH_RATE', nodeAt(root, ['indicators', indicator.name, 'over']), message, {
    severity: 'warning',
    expected:
      panes === null
        ? 'every: <size of the panes>, for example every: 1h, a narrower window, or where:'
        : 'a narrower window, or where:, for a quantile keeps every value',
  });
}

function warnPlan(report: Report, root: YamlNode, model: Model, catalogue: Catalogue): void {
  if (model.plan === null) {
    report.add('MODEL_NO_PLAN', root, 'the model has no plan', {
      severity: 'warning',
      expected: 'plan: <one of catalogue/plans.yaml>',
    });
    return;
  }
  const plan = catalogue.plans.get(model.plan);
  if (plan === undefined) return;
  const missing = model.levels
    .map(({ level }) => level)
    .filter((level) => !Object.hasOwn(plan.levels, level));
  if (missing.length === 0) return;
  const message = `the plan "${plan.id}" says nothing for ${missing.join(', ')}`;
  report.add('MODEL_PLAN_LEVEL', nodeAt(root, ['plan']), message, {
    severity: 'warning',
    expected: 'a plan for every level of the model',
  });
}

function warnUnused(report: Report, root: YamlNode, model: Model): void {
  const read = new Set(expressionsOf(model).flatMap((expression) => expression.reads.params));
  if (model.score !== null && !model.levels.some((rule) => readsScore(rule))) {
    const message = 'no level reads the score';
    report.add('MODEL_SCORE_UNUSED', nodeAt(root, ['score'], 'key'), message, {
      severity: 'warning',
      expected: "a level that reads it, for example red: 'score >= 80'",
    });
  }
  for (const { name } of model.params) {
    if (read.has(name)) continue;
    const where = nodeAt(root, ['params', name], 'key');
    report.add('MODEL_PARAM_UNUSED', where, `the parameter "${name}" is read nowhere`, {
      severity: 'warning',
      expected: `params.${name} in an expression, or no such parameter`,
      fix: removalOf(report.source.text, root, ['params', name]),
    });
  }
}

/** Values of one metric beside those of another make no figure. */
function warnMixed(report: Report, root: YamlNode, indicator: WindowIndicator): void {
  const { from, where, argument, name, operator } = indicator;
  if (!from.includes('sensor-reading') || operator === 'sequence') return;
  const read = [where, argument].flatMap((expression) => expression?.reads.event ?? []);
  if (!read.includes('value') || MEASURED.some((field) => read.includes(field))) return;
  const message = 'this takes the values of all metrics together';
  report.add('MODEL_METRIC', nodeAt(root, ['indicators', name], 'key'), message, {
    severity: 'warning',
    expected: `where: 'event.metric == "..."', joined by && with the rest`,
  });
}

/** Each by itself says what a value is one of. */
const MEASURED = ['metric', 'finding', 'unit'];

/** Two indicators that are the same figure. */
function warnTwins(report: Report, root: YamlNode, { indicators }: Model): void {
  for (const [position, { name, identity }] of indicators.entries()) {
    const twin = indicators.slice(0, position).find((other) => other.identity === identity);
    if (twin === undefined) continue;
    const message = `"${name}" is the same figure as "${twin.name}"`;
    report.add('MODEL_INDICATOR_TWICE', nodeAt(root, ['indicators', name], 'key'), message, {
      severity: 'warning',
      expected: 'one of them, or the difference that was meant',
    });
  }
}

function readsScore({ condition, clear }: LevelRule): boolean {
  return [condition, clear].some((expression) => expression?.reads.indicators.includes('score') === true);
}

/** Every expression of a model but those of its parts that have none of their own. */
export function expressionsOf(model: Pick<Model, 'where' | 'indicators' | 'score' | 'levels'>): Expression[] {
  const all = [
    model.where,
    ...model.indicators.flatMap((indicator) =>
      indicator.kind === 'value' ? [indicator.expression] : [indicator.where, indicator.argument],
    ),
    ...(model.score?.lines ?? []).map((line) => line.expression),
    ...model.levels.flatMap(({ condition, clear }) => [condition, clear]),
  ];
  return all.filter((expression) => expression !== null);
}
