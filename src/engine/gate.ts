// What a model must find in its windows before a level can rise: a look at a few sizes that spares most evaluations.
import { parseSyntax, type Syntax } from '../model/expression/syntax.js';
import type { Model } from '../model/model.js';

/** A condition as far as it can be refuted by how large the figures of windows can be at most. */
export type Gate =
  /** The figure of the window of an indicator must come to `least`, or over it where `over` is true. */
  | { readonly kind: 'atom'; readonly indicator: number; readonly least: number; readonly over: boolean }
  /** Refuted where one of the parts is. */
  | { readonly kind: 'all'; readonly parts: readonly Gate[] }
  /** Refuted where each of the parts is. */
  | { readonly kind: 'any'; readonly parts: readonly Gate[] };

/**
 * The gates of a model's levels; null where a condition does not show by syntax what it needs at least. A part of a
 * condition that is refuted is false whatever stands beside it in `&&`, errors included (model-language, expressions).
 * @param isBounded by indicator index, whether its window can tell at once what its figure is at most
 */
export function gatesOf(model: Model, isBounded: (index: number) => boolean): (Gate | null)[] {
  return model.levels.map(({ condition }) => follow(parseSyntax(condition.source), model, isBounded));
}

function follow(syntax: Syntax, model: Model, isBounded: (index: number) => boolean): Gate | null {
  if (syntax.op === 'and' || syntax.op === 'or') {
    const left = follow(syntax.left, model, isBounded);
    const right = follow(syntax.right, model, isBounded);
    if (syntax.op === 'or') return left && right && { kind: 'any', parts: [left, right] };
    if (left === null || right === null) return left ?? right;
    // What is cheap to look at comes first.
    const parts = isCounting(right, model) ? [right, left] : [left, right];
    return { kind: 'all', parts };
  }
  if (syntax.op !== 'binary') return null;
  const { operator, left, right } = syntax;
  if (operator === '>=' || operator === '>') return atom(left, right, operator === '>', model, isBounded);
  if (operator === '<=' || operator === '<') return atom(right, left, operator === '<', model, isBounded);
  return operator === '==' ? atom(left, right, false, model, isBounded) : null;
}

function isCounting(gate: Gate, { indicators }: Model): boolean {
  if (gate.kind !== 'atom') return false;
  const indicator = indicators[gate.indicator];
  return indicator?.kind === 'window' && indicator.operator === 'count';
}

function atom(
  figure: Syntax,
  threshold: Syntax,
  over: boolean,
  model: Model,
  isBounded: (index: number) => boolean,
): Gate | null {
  if (figure.op !== 'name') return null;
  const indicator = model.indicators.find(({ name }) => name === figure.name);
  const least = leastOf(threshold, model);
  // Whoever asks for less than one entry may be answered by a window that has none.
  if (indicator?.kind !== 'window' || !(over ? least >= 0 : least > 0)) return null;
  return isBounded(indicator.index) ? { kind: 'atom', indicator: indicator.index, least, over } : null;
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
