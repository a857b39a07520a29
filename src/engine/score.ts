// The score of a model on a key: what each line contributes, and their sum.
import { ExpressionError, type EvaluationScope, type Value } from '../model/expression/expression.js';
import type { ScoreMeasure, ScoreRule } from '../model/model.js';

/** One line of a score as it stood. */
export interface ScoreContribution {
  readonly name: string;
  /** What the line contributes at most. */
  readonly weight: number;
  /** 0 to `weight`, to six decimals. */
  readonly contribution: number | ExpressionError;
  /** What the line reads was null: it contributed 0. */
  readonly missing: boolean;
}

export interface Score {
  /** The sum of the contributions; the error of the first line that has one. */
  readonly value: number | ExpressionError;
  readonly lines: readonly ScoreContribution[];
}

/** Contributions have six decimals, so that the sum is that of what is shown. */
const DECIMALS = 1_000_000;

/** Computes a score over the figures in the scope. */
export function scoreOf(rule: ScoreRule, scope: EvaluationScope): Score {
  let millionths = 0;
  let error: ExpressionError | null = null;
  const lines: ScoreContribution[] = [];
  for (const { name, weight, expression, measure } of rule.lines) {
    const value = expression.run(scope);
    if (value instanceof ExpressionError) {
      error ??= value;
      lines.push({ name, weight, contribution: value, missing: false });
      continue;
    }
    const part = Math.round(weight * partOf(measure, value) * DECIMALS);
    millionths += part;
    lines.push({ name, weight, contribution: part / DECIMALS, missing: value === null });
  }
  return { value: error ?? millionths / DECIMALS, lines };
}

/** How far a value has gone: 0 to 1. */
function partOf(measure: ScoreMeasure, value: Value): number {
  if (measure.kind === 'if') return value === true ? 1 : 0;
  if (typeof value !== 'number') return 0;
  if (measure.kind === 'linear') {
    const { low, high } = measure;
    return Math.min(1, Math.max(0, (value - low) / (high - low)));
  }
  return measure.bands.findLast(([from]) => value >= from)?.[1] ?? 0;
}
