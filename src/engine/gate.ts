// What a model must find in its windows before a level can rise: a look at a few sizes that spares most evaluations.
import { parseSyntax, type Syntax } from '../model/expression/syntax.js';
import type { Model } from '../model/model.js';
import type { KeyState } from './key-state.js';
import type { WindowPlan } from './plan.js';

/** A condition as far as it can be refuted by how large the figures of windows can be at most. */
type Gate =
  /** The figure of a window must come to `least`, or over it where `over` is true. */
  | { readonly kind: 'atom'; readonly window: WindowPlan; readonly least: number; readonly over: boolean }
  /** Refuted where one of the parts is. */
  | { readonly kind: 'all'; readonly parts: readonly Gate[] }
  /** Refuted where each of the parts is. */
  | { readonly kind: 'any'; readonly parts: readonly Gate[] };

/** Refutes every condition of a model at once. */
export type ModelGate = Gate;

/**
 * The gate of a model; null where its conditions do not show by syntax what they need at least. A part of a condition
 * that is refuted is false whatever stands beside it in `&&`, errors included (model-language, expressions).
 */
export function gateOf(model: Model, windows: readonly (WindowPlan | null)[]): ModelGate | null {
  const parts: Gate[] = [];
  for (const { condition } of model.levels) {
    const part = follow(parseSyntax(condition.source), model, windows);
    if (part === null) return null;
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] ?? null) : { kind: 'any', parts };
}

/** Whether no condition can be true at the clock, nor at a later one if nothing comes until then. */
export function isShut(gate: ModelGate, state: KeyState, clock: number): boolean {
  if (gate.kind === 'atom') {
    const window = state.window(gate.window);
    // A window of which nothing is kept stands at 0, which `least` is above.
    if (window === undefined) return true;
    const most = window.most(clock);
    return gate.over ? most <= gate.least : most < gate.least;
  }
  for (const part of gate.parts) {
    if (isShut(part, state, clock) === (gate.kind === 'all')) return gate.kind === 'all';
  }
  return gate.kind === 'any';
}

function follow(syntax: Syntax, model: Model, windows: readonly (WindowPlan | null)[]): Gate | null {
  if (syntax.op === 'and' || syntax.op === 'or') {
    const left = follow(syntax.left, model, windows);
    const right = follow(syntax.right, model, windows);
    if (syntax.op === 'or') return left && right && { kind: 'any', parts: [left, right] };
    return left && right ? { kind: 'all', parts: [left, right] } : (left ?? right);
  }
  if (syntax.op !== 'binary') return null;
  const { operator, left, right } = syntax;
  if (operator === '>=' || operator === '>') return atom(left, right, operator === '>', model, windows);
  if (operator === '<=' || operator === '<') return atom(right, left, operator === '<', model, windows);
  return operator === '==' ? atom(left, right, false, model, windows) : null;
}

function atom(
  figure: Syntax,
  threshold: Syntax,
  over: boolean,
  model: Model,
  windows: readonly (WindowPlan | null)[],
): Gate | null {
  if (figure.op !== 'name') return null;
  const indicator = model.indicators.find(({ name }) => name === figure.name);
  const window = indicator === undefined ? null : (windows[indicator.index] ?? null);
  const least = leastOf(threshold, model);
  // Whoever asks for less than one entry may be answered by a window that has none.
  if (window === null || !(over ? least >= 0 : least > 0)) return null;
  return Number.isFinite(window.empty.most(0)) ? { kind: 'atom', window, least, over } : null;
}

/** The least that a threshold can come to; NaN where that is not seen. */
function leastOf(syntax: Syntax, model: Model): number {
  if (syntax.op === 'literal') return typeof syntax.value === 'number' ? syntax.value : NaN;
  if (syntax.op === 'member' && syntax.object.op === 'name' && syntax.object.name === 'params') {
    const param = model.params.find(({ name }) => name === syntax.name);
    if (param === undefined) return NaN;
    const values = [param.fallback, ...(param.by === null ? [] : param.choices.values())];
    return Math.min(...values.map((value) => (typeof value === 'number' ? value : NaN)));
  }
  if (syntax.op !== 'binary' || syntax.operator !== '*') return NaN;
  const [left, right] = [leastOf(syntax.left, model), leastOf(syntax.right, model)];
  return left >= 0 && right >= 0 ? left * right : NaN;
}
