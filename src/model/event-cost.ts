// What one event can cause at most, known before anything runs: the windows that it enters, and the models that look.
import { SOURCES, type SourceName } from '../events/event.js';
import type { Expression } from './expression/expression.js';
import { expressionsOf } from './lint.js';
import type { Indicator, Model } from './model.js';

/** Steps of the worst case, each about 5 ns: half a second; a hundred usual models take some 50,000. */
export const EVENT_COST_MAX = 100_000_000;
/** Steps to keep an entry in a window, and to carry an event to another key. */
const WINDOW_COST = 200;
/** Keys beside its own that an event can reach: its owner, and one of each wider scope. */
const KEYS_BEYOND = 4;

/** A source of which one event costs more than it may. */
export interface Costly {
  readonly source: SourceName;
  /** The model with which the bound is passed, models in order of name. */
  readonly model: string;
  readonly cost: number;
}

/**
 * Steps that one event of a source causes at most: all windows over it, in whatever scope, decide whether it enters,
 * and every reader is evaluated once. What follows from its warnings belongs to them.
 */
export function eventCosts(models: readonly Model[]): ReadonlyMap<SourceName, number> {
  return new Map(
    SOURCES.map((source) => [source, models.reduce((sum, model) => sum + costIn(model, source), 0)]),
  );
}

/** Sources of which one event costs more than it may. */
export function costlySources(models: readonly Model[], max: number = EVENT_COST_MAX): Costly[] {
  return SOURCES.flatMap((source) => {
    let cost = 0;
    for (const model of models) {
      cost += costIn(model, source);
      if (cost > max) return [{ source, model: model.name, cost }];
    }
    return [];
  });
}

function costIn(model: Model, source: SourceName): number {
  const entering = model.indicators.filter((one) => one.kind === 'window' && one.from.includes(source));
  if (entering.length === 0) return 0;
  const evaluation = sum(expressionsOf(model)) - sum(model.indicators.flatMap(deciding));
  return evaluation + sum(entering.flatMap(deciding)) + WINDOW_COST * (entering.length + KEYS_BEYOND);
}

/** What is decided at arrival. */
function deciding(indicator: Indicator): Expression[] {
  if (indicator.kind === 'value') return [];
  return [indicator.where, indicator.argument].filter((one) => one !== null);
}

function sum(expressions: readonly Expression[]): number {
  return expressions.reduce((total, { cost }) => total + cost, 0);
}
