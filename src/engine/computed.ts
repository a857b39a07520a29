// Indicators that are computed from others, at the clock or at the last of their sampling instants.
import { ExpressionError, type EvaluationScope } from '../model/expression/expression.js';
import type { ValueIndicator } from '../model/model.js';
import type { EngineContext } from './context.js';
import { wakeUpDelayMs } from './indicators/paned-window.js';
import type { KeyState } from './key-state.js';
import type { ModelPlan } from './plan.js';

/**
 * Computes an indicator into the scope.
 * @returns the next clock at which it can change by time alone; Infinity if never
 */
export function compute(
  context: EngineContext,
  state: KeyState,
  plan: ModelPlan,
  indicator: ValueIndicator,
  scope: EvaluationScope,
): number {
  const { expression, index, name } = indicator;
  const next =
    indicator.sample === null ? atClock(indicator, scope) : sampled(context, state, indicator, scope);
  const value = scope.values[index] ?? null;
  if (value instanceof ExpressionError) context.failed(plan, name, state.key, value);
  scope.anchors[index] = NaN;
  return Math.min(next, expression.nextChange(scope));
}

function atClock({ expression, index }: ValueIndicator, scope: EvaluationScope): number {
  scope.values[index] = expression.run(scope);
  return Infinity;
}

/** As of the last multiple of the sampling interval: for `now`, and for the time since an event. */
function sampled(
  { clock }: EngineContext,
  { key }: KeyState,
  { expression, index, sample }: ValueIndicator,
  scope: EvaluationScope,
): number {
  if (sample === null) return Infinity;
  const instant = sample.startOf(clock);
  const { values, anchors } = scope;
  const ages: [index: number, seconds: number][] = [];
  for (const [at, anchor] of anchors.entries()) {
    if (at >= index) break;
    if (Number.isNaN(anchor)) continue;
    ages.push([at, values[at] as number]);
    values[at] = Math.max(0, instant - anchor) / 1000;
  }
  scope.now = instant;
  values[index] = expression.run(scope);
  scope.now = clock;
  for (const [at, seconds] of ages) values[at] = seconds;
  const wakes = instant + wakeUpDelayMs(key, sample.everyMs);
  return clock < wakes ? wakes : sample.endOf(instant) + wakeUpDelayMs(key, sample.everyMs);
}
