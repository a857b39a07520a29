// Models that may speak about a key of which nothing is known but that it exists.
import { SCOPES, type Scope } from '../events/event.js';
import { ExpressionError, type EvaluationScope, type Value } from '../model/expression/expression.js';
import type { Instant } from './indicators/window.js';
import type { ModelPlan, Plan } from './plan.js';
import { scoreOf } from './score.js';

/**
 * The models of each scope that an empty key can raise, or could at some later clock. A key that comes to be by an
 * event that they do not read is evaluated for these alone, so that its cost does not grow with the other models.
 */
export function unaskedModels(
  plan: Plan,
  scope: EvaluationScope,
  instant: Instant,
): { readonly [scope in keyof Plan]: readonly ModelPlan[] } {
  const pick = (models: readonly ModelPlan[]) =>
    models.filter((model) => speaksUnasked(model, scope, instant));
  return Object.fromEntries(SCOPES.map((name) => [name, pick(plan[name].models)])) as {
    [name in Scope]: ModelPlan[];
  };
}

function speaksUnasked(plan: ModelPlan, scope: EvaluationScope, instant: Instant): boolean {
  const { where, indicators, score, levels } = plan.model;
  scope.params = plan.params(scope.profile);
  if (where !== null && !where.reads.now && !mayHold(where.run(scope))) return false;
  scope.values.length = scope.anchors.length = 0;
  let timed = false;
  for (const indicator of indicators) {
    scope.anchors[indicator.index] = NaN;
    if (indicator.kind === 'value') {
      scope.values[indicator.index] = indicator.expression.run(scope);
      timed ||= indicator.expression.reads.now;
    } else scope.values[indicator.index] = plan.windows[indicator.index]?.empty.compute(instant) ?? null;
  }
  if (score !== null) {
    scope.values[score.index] = scoreOf(score, scope).value;
    scope.anchors[score.index] = NaN;
    timed ||= score.lines.some(({ expression }) => expression.reads.now);
  }
  return timed || levels.some(({ condition }) => condition.reads.now || mayHold(condition.run(scope)));
}

function mayHold(value: Value): boolean {
  return value === true || value instanceof ExpressionError;
}
