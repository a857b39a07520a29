// One model on one key at one instant: figures, conditions, levels, and the transition if the level shown changes.
import { keyId } from '../events/event.js';
import { ExpressionError, type EvaluationScope, type Value } from '../model/expression/expression.js';
import { LEVELS, rank, type Indicator, type Level, type LevelRule } from '../model/model.js';
import { compute } from './computed.js';
import type { EngineContext } from './context.js';
import type { KeyState, ModelState } from './key-state.js';
import { levelDue, moveLevel, type LevelState, type LevelStep, type Truth } from './levels.js';
import { canRise, isCalm, nextTurn } from './foresight.js';
import { forwardWarning } from './forward-warning.js';
import type { Transition, TransitionReason } from './output.js';
import { panesOf } from './pane-evidence.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import { streamIndex } from './reference.js';
import { restsOn } from './rests-on.js';
import { scoreOf } from './score.js';
import { taskOf } from './task.js';
import { asJson, figuresOf, lazyContributions, scoreEvidence, SHADOW, warningId } from './transition.js';

/**
 * Evaluates a marked model on a key at the context's clock.
 * @returns the next clock at which its result can change without a record; Infinity if never
 */
export function evaluate(context: EngineContext, modelState: ModelState): number {
  context.evaluations++;
  const { state, plan } = modelState;
  const scope = context.enter(state, plan);
  const { where } = plan.model;
  const applies: Truth = where === null ? 'true' : truthOf(where.run(scope));
  if (applies === 'false') {
    if (modelState.shown > 0) {
      figures(context, state, plan, scope);
      transit(context, modelState, 'none', 'not-applicable');
    }
    modelState.levels = null;
    modelState.foreseen = -1;
    return where === null ? Infinity : where.nextChange(scope);
  }
  let next = figures(context, state, plan, scope);
  context.watch?.(plan.model, scope);
  next = Math.min(next, moveLevels(context, modelState, scope, applies));
  if (where !== null) next = Math.min(next, where.nextChange(scope));
  const shown = levelShown(modelState);
  if (rank(shown) !== modelState.shown) {
    transit(context, modelState, shown, reasonFor(modelState, rank(shown)));
  }
  modelState.settleLevels();
  const idle = modelState.levels === null;
  if (idle) modelState.foreseen = -1;
  if (!idle || !plan.allQuiet) next = Math.min(next, nextOfWindows(context, modelState, scope, idle));
  modelState.calm = isCalm(modelState);
  return next;
}

/** Computes every figure into the scope; returns the next clock at which one that is computed can change by time. */
export function figures(
  context: EngineContext,
  state: KeyState,
  plan: ModelPlan,
  scope: EvaluationScope,
): number {
  const { instant, clock } = context;
  const { values, anchors } = scope;
  instant.clock = clock;
  instant.key = state.key;
  instant.registered = state.registered;
  const { indicators } = plan.model;
  let next = Infinity;
  for (let index = 0; index < indicators.length; index++) {
    const indicator = indicators[index] as Indicator;
    if (indicator.kind === 'value') {
      next = Math.min(next, compute(context, state, plan, indicator, scope));
      continue;
    }
    const kept = plan.windows[index] as WindowPlan;
    if (context.isUnprimed(state, kept)) {
      values[index] = UNPRIMED;
      anchors[index] = NaN;
      continue;
    }
    const window = state.peek(kept, clock) ?? kept.empty;
    window.expire(clock);
    const value = (values[index] = window.compute(instant));
    if (value instanceof ExpressionError && isLimit(value)) {
      context.failed(plan, indicator.name, state.key, value);
    }
    anchors[index] = window.anchor();
  }
  return Math.min(next, score(context, state, plan, scope));
}

/**
 * The next clock at which a window can change by time. While no level is on or on its way, what cannot bring one
 * about does not count. It may leave other values in the scope.
 */
function nextOfWindows(
  context: EngineContext,
  modelState: ModelState,
  scope: EvaluationScope,
  idle: boolean,
): number {
  const { state, plan } = modelState;
  // What a transition needed may have made objects of rows, those that have left among them.
  for (const windowPlan of plan.windows) {
    if (windowPlan !== null) state.peek(windowPlan, context.clock)?.expire(context.clock);
  }
  if (idle && plan.outlook !== null && !canRise(plan, plan.outlook, state, scope)) return Infinity;
  const turn = !idle && plan.foreseeable ? nextTurn(modelState, scope) : undefined;
  if (turn !== undefined) return turn;
  let next = Infinity;
  for (const [index, windowPlan] of plan.windows.entries()) {
    if (windowPlan === null || (idle && plan.quiet[index] === true)) continue;
    if (context.isUnprimed(state, windowPlan)) continue;
    const window = state.peek(windowPlan, context.clock) ?? windowPlan.empty;
    next = Math.min(next, window.nextChange(context.instant));
  }
  return next;
}

/** Computes the score into the scope, after all indicators; returns the next clock at which it can change by time. */
function score(context: EngineContext, state: KeyState, plan: ModelPlan, scope: EvaluationScope): number {
  const rule = plan.model.score;
  if (rule === null) return Infinity;
  const { value } = scoreOf(rule, scope);
  if (value instanceof ExpressionError) context.failed(plan, 'score', state.key, value);
  scope.values[rule.index] = value;
  scope.anchors[rule.index] = NaN;
  let next = Infinity;
  for (const { expression } of rule.lines) next = Math.min(next, expression.nextChange(scope));
  return next;
}

/** The errors of entries were told of when these came. */
function isLimit({ code }: ExpressionError): boolean {
  return code.startsWith('LIMIT_');
}

const UNPRIMED = new ExpressionError('INDICATOR_UNPRIMED', 'its history is being read');
const WARNING = streamIndex('warning');

/** Reused for every level. */
const step: { -readonly [field in keyof LevelStep]: LevelStep[field] } = {
  clock: 0,
  condition: 'false',
  clear: 'true',
  forMs: 0,
  holdMs: 0,
  withdrawn: false,
};

/** Moves all levels; returns the next clock at which one changes if its conditions stay. */
function moveLevels(
  context: EngineContext,
  modelState: ModelState,
  scope: EvaluationScope,
  applies: Truth,
): number {
  const { clock } = context;
  const { state, plan } = modelState;
  const { levels, forMs, holdMs } = plan.model;
  let next = Infinity;
  let graver: Truth = 'false';
  for (let index = 0; index < levels.length; index++) {
    const rule = levels[index] as LevelRule;
    const own = rule.condition.run(scope);
    if (own instanceof ExpressionError) context.failed(plan, rule.level, state.key, own);
    graver = either(graver, truthOf(own));
    next = Math.min(next, rule.condition.nextChange(scope));
    if (rule.clear !== null) next = Math.min(next, rule.clear.nextChange(scope));
    const condition = applies === 'unknown' ? 'unknown' : graver;
    // A level that is idle and whose condition is false stays as it is.
    if (condition === 'false' && modelState.levels === null) continue;
    step.clock = clock;
    step.condition = condition;
    step.clear = rule.clear === null ? 'true' : truthOf(rule.clear.run(scope));
    step.forMs = forMs;
    step.holdMs = holdMs;
    step.withdrawn = modelState.withdrawn;
    const level = modelState.openLevels()[index] as LevelState;
    if (moveLevel(level, step)) {
      context.alert('LEVEL_UNKNOWN', plan, state.key, `${rule.level} has been unknown for an hour`);
    }
    next = Math.min(next, levelDue(level, forMs, holdMs, clock));
  }
  return next;
}

function transit(
  context: EngineContext,
  modelState: ModelState,
  level: Level,
  reason: TransitionReason,
): void {
  const { clock, namespace, rules, scope } = context;
  const { state, plan, live } = modelState;
  const { model } = plan;
  const isShadow = model.shadow === true;
  const previous = LEVELS[modelState.shown] ?? 'none';
  const graver = rank(level) > modelState.shown;
  modelState.episode ??= {
    warning: warningId(isShadow ? SHADOW : namespace, model.name, state.key, clock),
    raised: clock,
    ordinal: 0,
    quiet: !live || isShadow,
  };
  const { episode } = modelState;
  if (graver && live && !isShadow) episode.quiet = false;
  const contributions = lazyContributions(plan, state, context.partition, clock);
  const transition: Transition = {
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
    ...(model.score === null ? {} : { score: scoreEvidence(scoreOf(model.score, scope)) }),
    ...panesOf(plan, state, clock),
    params: Object.fromEntries(Object.entries(scope.params).map(([name, value]) => [name, asJson(value)])),
    profile: state.profile,
    reason,
    revision: rules.revision,
    item: model.item,
    quiet: episode.quiet,
    get contributions() {
      return contributions();
    },
    ...taskOf(plan, state, clock),
    ...restsOn(context, modelState, level),
  };
  context.emit(transition);
  if (model.feed === null && !isShadow) forwardWarning(context, state, episode, transition, WARNING);
  modelState.shown = rank(level);
  if (level === 'none') modelState.episode = null;
}

/** The rules have the model no more: whatever it shows ends, and what it holds is forgotten. */
export function endModel(context: EngineContext, modelState: ModelState): void {
  const { state, plan } = modelState;
  if (modelState.shown > 0) {
    figures(context, state, plan, context.enter(state, plan));
    transit(context, modelState, 'none', 'model-removed');
  }
  modelState.levels = null;
  modelState.due = Infinity;
  modelState.marked = modelState.withdrawn = modelState.live = false;
  state.settle(modelState);
}

/** The gravest level that is on. */
function levelShown({ levels, plan }: ModelState): Level {
  const index = levels === null ? -1 : levels.findIndex((level) => level.on);
  return plan.model.levels[index]?.level ?? 'none';
}

function reasonFor({ shown: before, withdrawn }: ModelState, after: number): TransitionReason {
  if (before === 0) return 'raised';
  if (after > before) return 'escalated';
  if (withdrawn) return 'withdrawn';
  return after === 0 ? 'cleared' : 'de-escalated';
}

/** At the top of a condition null counts as false, and an error is unknown. */
export function truthOf(value: Value): Truth {
  if (value === true) return 'true';
  return value instanceof ExpressionError ? 'unknown' : 'false';
}

export function either(a: Truth, b: Truth): Truth {
  if (a === 'true' || b === 'true') return 'true';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'false';
}
