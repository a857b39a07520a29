// What the passing of time alone will do to the conditions of a model on a key, as far as its windows know.
import { ExpressionError, type EvaluationScope } from '../model/expression/expression.js';
import type { LevelRule } from '../model/model.js';
import { isShut } from './gate-check.js';
import type { KeyState, ModelState } from './key-state.js';
import { isResting, type LevelState } from './levels.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import type { Outlook } from './wake-ups.js';

/**
 * Whether entries that leave can make a condition of an idle model true, by the best that they can bring; true where
 * that is not known. It leaves this best in the values of the scope.
 */
export function canRise(plan: ModelPlan, outlook: Outlook, state: KeyState, scope: EvaluationScope): boolean {
  const { indicators, levels } = plan.model;
  const { values } = scope;
  for (const indicator of indicators) {
    const { index } = indicator;
    if (values[index] instanceof ExpressionError) return true;
    if (indicator.kind === 'value') {
      values[index] = indicator.expression.run(scope);
      continue;
    }
    const up = outlook[index] ?? null;
    if (up === null) continue;
    const windowPlan = plan.windows[index] as WindowPlan;
    const reach = (state.peek(windowPlan, scope.now) ?? windowPlan.empty).reach(up);
    if (reach === undefined) return true;
    values[index] = reach;
  }
  for (const { condition } of levels) {
    const value = condition.run(scope);
    if (value === true || value instanceof ExpressionError) return true;
  }
  return false;
}

/**
 * The next clock at which a condition of a model can turn if no record comes, for models whose every window is quiet:
 * there conditions only turn false, one after the other, so the first turn is sought by halving. Undefined where the
 * windows do not know their figures to come. It leaves other values in the scope.
 */
export function nextTurn(modelState: ModelState, scope: EvaluationScope): number | undefined {
  const { plan, state } = modelState;
  const now = hasError(plan, scope) ? undefined : truthsOf(plan, scope);
  // What comes only puts a turn off, so the one foreseen before stands as long as nothing is taken back.
  const stands = now === modelState.foreseen && !modelState.withdrawn && !plan.readsProfile;
  if (stands && modelState.due > scope.now) return modelState.due;
  const turn = now === undefined ? undefined : turnFrom(now, plan, state, scope);
  modelState.foreseen = turn === undefined ? -1 : (now ?? -1);
  return turn;
}

function turnFrom(now: number, plan: ModelPlan, state: KeyState, scope: EvaluationScope): number | undefined {
  let turn = Infinity;
  for (const windowPlan of plan.windows) {
    const window = windowPlan === null ? undefined : state.peek(windowPlan, scope.now);
    if (window === undefined) continue;
    let low = 0;
    let high = window.departures(scope.now);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = window.leavesAt(middle, scope.now);
      if (at < turn) {
        if (!lookAt(plan, state, scope, at)) return undefined;
        if (truthsOf(plan, scope) === now) {
          low = middle + 1;
          continue;
        }
        turn = at;
      }
      high = middle;
    }
  }
  return turn;
}

/** Puts the figures of a later clock into the scope. @returns false where a window does not know its own */
function lookAt(plan: ModelPlan, state: KeyState, scope: EvaluationScope, clock: number): boolean {
  for (const indicator of plan.model.indicators) {
    const { index } = indicator;
    if (indicator.kind === 'value') {
      scope.values[index] = indicator.expression.run(scope);
      continue;
    }
    const windowPlan = plan.windows[index] as WindowPlan;
    const later = (state.peek(windowPlan, scope.now) ?? windowPlan.empty).later(clock);
    if (later === undefined) return false;
    scope.values[index] = later;
  }
  return true;
}

function hasError({ model }: ModelPlan, { values }: EvaluationScope): boolean {
  return model.indicators.some(({ index }) => values[index] instanceof ExpressionError);
}

/** Which conditions hold, a bit for each level; undefined where one is unknown. */
function truthsOf({ model }: ModelPlan, scope: EvaluationScope): number | undefined {
  let held = 0;
  const { levels } = model;
  for (let index = 0; index < levels.length; index++) {
    const value = (levels[index] as LevelRule).condition.run(scope);
    if (value instanceof ExpressionError) return undefined;
    if (value === true) held |= 1 << index;
  }
  return held;
}

/** Whether no level is on its way anywhere, and each is on exactly where its condition held when its turn was foreseen. */
export function isCalm({ levels, foreseen, plan }: ModelState): boolean {
  if (!plan.foreseeable || foreseen < 0 || levels === null || plan.model.where?.reads.now === true)
    return false;
  let graver = false;
  for (let index = 0; index < levels.length; index++) {
    const level = levels[index] as LevelState;
    graver ||= (foreseen & (1 << index)) !== 0;
    if (level.on !== graver || !isResting(level)) return false;
  }
  return true;
}

/**
 * Whether entries that join the windows of a model whose levels are on can change nothing: each condition held when its
 * next turn was foreseen and can only hold longer by more entries, or stands behind a gate that is shut.
 * @param inOrder the entries come after all that were there
 */
export function isSteady(modelState: ModelState, clock: number, inOrder: boolean): boolean {
  const { state, plan, foreseen, calm } = modelState;
  if (!calm || foreseen < 0) return false;
  const { gates } = plan;
  for (let index = 0; index < gates.length; index++) {
    if ((foreseen & (1 << index)) !== 0) continue;
    const gate = gates[index] ?? null;
    if (gate === null || !isShut(gate, plan, state, clock)) return false;
  }
  if (state.few !== null) return inOrder || plan.sequences === 0;
  for (const windowPlan of plan.windows) {
    const window = windowPlan === null ? undefined : state.window(windowPlan);
    // A window over its limit is an error, and a match may move where an event comes between others.
    if (window !== undefined && (window.most(clock) === Infinity || !window.grewAtEnd)) return false;
  }
  return true;
}
