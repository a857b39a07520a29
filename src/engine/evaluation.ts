// One model on one key at one instant: figures, conditions, levels, and the transition if the level shown changes.
import { keyId } from '../events/event.js';
import { ExpressionError, type EvaluationScope, type Value } from '../model/expression/expression.js';
import type { Level } from '../model/model.js';
import type { EngineContext } from './context.js';
import type { KeyState, Mark, ModelState } from './key-state.js';
import { isIdle, levelDue, moveLevel, type Truth } from './levels.js';
import type { TransitionReason } from './output.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import { asJson, contributionsOf, figuresOf, warningId } from './transition.js';

/**
 * Evaluates a marked model on a key at the context's clock.
 * @returns the next clock at which its result can change without a record; Infinity if never
 */
export function evaluate(context: EngineContext, state: KeyState, plan: ModelPlan, mark: Mark): number {
  context.evaluations++;
  const modelState = state.model(plan);
  const scope = context.enter(state, plan);
  const { where } = plan.model;
  const applies: Truth = where === null ? 'true' : truthOf(where.run(scope));
  if (applies === 'false') {
    if (modelState.shown >= 0) {
      figures(context, state, plan, scope);
      transit(context, state, plan, modelState, -1, mark, 'not-applicable');
    }
    for (const level of modelState.levels) {
      Object.assign(level, { on: false, elapsed: 0, runningSince: NaN, unknownSince: NaN });
    }
    return where === null ? Infinity : where.nextChange(scope);
  }
  let next = figures(context, state, plan, scope);
  if (where !== null) next = Math.min(next, where.nextChange(scope));
  next = Math.min(next, moveLevels(context, state, plan, modelState, scope, mark, applies));
  // While no level is on or on its way, what leaves the quiet windows cannot change one.
  if (!modelState.levels.every(isIdle)) next = Math.min(next, context.quietNext);
  const shown = modelState.levels.findIndex((level) => level.on);
  if (shown !== modelState.shown) {
    transit(context, state, plan, modelState, shown, mark, reasonFor(modelState.shown, shown, mark));
  }
  return next;
}

/**
 * Computes every indicator into the scope; returns the next clock at which one can change by time. What leaves quiet
 * windows is not counted there, but left in the context's `quietNext`.
 */
function figures(context: EngineContext, state: KeyState, plan: ModelPlan, scope: EvaluationScope): number {
  const { instant, clock } = context;
  const { values, anchors } = scope;
  instant.clock = clock;
  instant.registered = state.history.registered;
  let next = Infinity;
  context.quietNext = Infinity;
  for (const indicator of plan.model.indicators) {
    const { index } = indicator;
    if (indicator.kind === 'value') {
      const value = indicator.expression.run(scope);
      if (value instanceof ExpressionError) context.failed(plan, indicator.name, state.key, value);
      values[index] = value;
      anchors[index] = NaN;
      next = Math.min(next, indicator.expression.nextChange(scope));
      continue;
    }
    const kept = plan.windows[index] as WindowPlan;
    const window = state.windows[kept.index] ?? kept.empty;
    window.expire(clock);
    values[index] = window.compute(instant);
    anchors[index] = window.anchor();
    const change = window.nextChange(instant);
    if (plan.quiet[index] === true) context.quietNext = Math.min(context.quietNext, change);
    else next = Math.min(next, change);
  }
  return next;
}

/** Moves all levels; returns the next clock at which one changes if its conditions stay. */
function moveLevels(
  context: EngineContext,
  state: KeyState,
  plan: ModelPlan,
  modelState: ModelState,
  scope: EvaluationScope,
  mark: Mark,
  applies: Truth,
): number {
  const { clock } = context;
  const { levels, forMs, holdMs } = plan.model;
  let next = Infinity;
  let graver: Truth = 'false';
  for (const [index, rule] of levels.entries()) {
    const own = rule.condition.run(scope);
    if (own instanceof ExpressionError) context.failed(plan, rule.level, state.key, own);
    graver = either(graver, truthOf(own));
    const clear = rule.clear === null ? 'true' : truthOf(rule.clear.run(scope));
    const level = modelState.levels[index] as ModelState['levels'][number];
    const condition = applies === 'unknown' ? 'unknown' : graver;
    const step = { clock, condition, clear, forMs, holdMs, withdrawn: mark.withdrawn };
    if (moveLevel(level, step)) {
      context.alert('LEVEL_UNKNOWN', plan, state.key, `${rule.level} has been unknown for an hour`);
    }
    next = Math.min(next, levelDue(level, forMs, holdMs, clock), rule.condition.nextChange(scope));
    if (rule.clear !== null) next = Math.min(next, rule.clear.nextChange(scope));
  }
  return next;
}

function transit(
  context: EngineContext,
  state: KeyState,
  plan: ModelPlan,
  modelState: ModelState,
  shown: number,
  mark: Mark,
  reason: TransitionReason,
): void {
  const { clock, namespace, rules, scope } = context;
  const { model } = plan;
  const previous = levelAt(plan, modelState.shown);
  const level = levelAt(plan, shown);
  const graver = modelState.shown < 0 || (shown >= 0 && shown < modelState.shown);
  modelState.episode ??= {
    warning: warningId(namespace, model.name, state.key, clock),
    raised: clock,
    ordinal: 0,
    quiet: !mark.live,
  };
  const { episode } = modelState;
  if (graver && mark.live) episode.quiet = false;
  context.emit({
    kind: 'transition',
    warning: episode.warning,
    ordinal: episode.ordinal++,
    model: model.name,
    scope: model.scope,
    key: keyId(state.key),
    level,
    previous,
    clock,
    raised: episode.raised,
    indicators: figuresOf(model, scope.values),
    params: Object.fromEntries(Object.entries(scope.params).map(([name, value]) => [name, asJson(value)])),
    profile: scope.profile,
    reason,
    revision: rules.revision,
    item: model.item,
    quiet: episode.quiet,
    contributions: contributionsOf(plan, state, context.partition),
  });
  modelState.shown = shown;
  if (shown < 0) modelState.episode = null;
}

function levelAt(plan: ModelPlan, index: number): Level {
  return plan.model.levels[index]?.level ?? 'none';
}

function reasonFor(before: number, after: number, mark: Mark): TransitionReason {
  if (before < 0) return 'raised';
  if (after >= 0 && after < before) return 'escalated';
  if (mark.withdrawn) return 'withdrawn';
  return after < 0 ? 'cleared' : 'de-escalated';
}

/** At the top of a condition null counts as false, and an error is unknown. */
function truthOf(value: Value): Truth {
  if (value === true) return 'true';
  return value instanceof ExpressionError ? 'unknown' : 'false';
}

function either(a: Truth, b: Truth): Truth {
  if (a === 'true' || b === 'true') return 'true';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'false';
}
