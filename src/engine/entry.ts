// With which value an event enters a window, if it does.
import type { SourceEvent } from '../events/event.js';
import { ExpressionError, type EvaluationScope, type Value } from '../model/expression/expression.js';
import type { WindowOperator } from '../model/model.js';
import type { EngineContext } from './context.js';
import type { KeyState } from './key-state.js';
import { WINDOW_NUMBER_MAX, WINDOW_NUMBER_MIN } from './limits.js';
import type { WindowPlan } from './plan.js';
import { textOf } from './strata-state.js';

/** Operators whose entries are numbers; a value of another type is an error. */
const NUMERIC: ReadonlySet<WindowOperator> = new Set([
  'sum',
  'avg',
  'min',
  'max',
  'stddev',
  'quantile',
  'trend',
  'increase',
]);

/** The value with which an event enters a window; undefined where it does not. Decided once, at arrival. */
export function entryOf(
  context: EngineContext,
  state: KeyState,
  window: WindowPlan,
  event: SourceEvent,
): Value | undefined {
  const { indicator, owner } = window;
  // Who names no model reads the warnings of those that read none themselves, whatever strata they lie in.
  if (
    event.stream === 'warning' &&
    indicator.warningsOf === null &&
    context.joint.has(textOf(event.data, 'model') ?? '')
  )
    return undefined;
  if (indicator.where === null && indicator.argument === null) return true;
  const scope = context.enter(state, owner);
  scope.event = event;
  const value = entryValue(window, scope);
  scope.event = null;
  return value;
}

function entryValue(window: WindowPlan, scope: EvaluationScope): Value | undefined {
  const { where, argument, operator } = window.indicator;
  if (where !== null) {
    const applies = where.run(scope);
    if (applies instanceof ExpressionError) return applies;
    if (applies !== true) return undefined;
  }
  if (argument === null) return true;
  const value = argument.run(scope);
  if (value instanceof ExpressionError) return value;
  if (operator === 'last' || operator === 'first') return value;
  if (operator === 'streak' || operator === 'share') return value === true;
  if (value === null) return undefined;
  return NUMERIC.has(operator) ? numberOf(value, operator) : value;
}

function numberOf(value: Value, operator: WindowOperator): Value {
  if (typeof value !== 'number') {
    return new ExpressionError('EXPR_TYPE', `${operator} needs a number, got ${typeof value}`);
  }
  const magnitude = Math.abs(value);
  if (magnitude < WINDOW_NUMBER_MIN) return 0;
  if (magnitude <= WINDOW_NUMBER_MAX) return value;
  return new ExpressionError('EXPR_NUMBER', `${operator} needs numbers of at most ${WINDOW_NUMBER_MAX}`);
}
