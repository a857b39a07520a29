// Conditions taken apart: each comparison with its two sides, each compiled by the compiler that compiles the whole.
import type { Catalogue } from '../catalogue/catalogue.js';
import { CodedError } from '../events/coded-error.js';
import { operandsOf, textOf } from './branches.js';
import { figureEnvironment, profileEnvironment } from './environment.js';
import { compileSyntax } from './expression/compile.js';
import type { Environment, EvaluationScope, Expression, Value } from './expression/expression.js';
import { parseSyntax, type Syntax } from './expression/syntax.js';
import type { Model, ValueIndicator, WarningLevel } from './model.js';
import { scoreSymbol } from './score.js';
import { symbolOf } from './values.js';

export const COMPARISONS = ['<', '<=', '>', '>=', '==', '!=', 'in'] as const;
export type Comparison = (typeof COMPARISONS)[number];

interface PartBase {
  /** Its source on one line. */
  readonly text: string;
  readonly run: (scope: EvaluationScope) => Value;
  readonly reads: Expression['reads'];
}

/** One side of a comparison; an instant is in seconds since the epoch, a duration in seconds. */
export interface Side extends PartBase {
  readonly type: Expression['type']['type'];
}

/** A condition, or a part of one. */
export type Part =
  /** All of several, or any of them; however they are bracketed. */
  | (PartBase & { readonly kind: 'and' | 'or'; readonly parts: readonly Part[] })
  | (PartBase & { readonly kind: 'not'; readonly part: Part })
  | (PartBase & { readonly kind: 'choice'; readonly condition: Part; readonly yes: Part; readonly no: Part })
  | (PartBase & {
      readonly kind: 'comparison';
      readonly operator: Comparison;
      readonly left: Side;
      readonly right: Side;
    })
  /** An indicator that is itself a condition over others. */
  | (PartBase & { readonly kind: 'named'; readonly part: Part })
  /** Anything else that is true or false: a call, a fact, a constant. */
  | (PartBase & { readonly kind: 'test'; readonly constant: boolean });

export interface DissectedLevel {
  readonly level: WarningLevel;
  readonly condition: Part;
  readonly clear: Part | null;
}

/** The conditions of a model in parts. */
export interface DissectedModel {
  readonly where: Part | null;
  /** Gravest first. */
  readonly levels: readonly DissectedLevel[];
}

/** Takes the conditions of a checked model apart. */
export function dissectModel(model: Model, catalogue: Catalogue): DissectedModel {
  const names = { ...model, catalogue };
  const symbols = [
    ...model.indicators.map(symbolOf),
    ...(model.score === null ? [] : [scoreSymbol(model.score)]),
  ];
  const figures = figureEnvironment(names, symbols);
  const conditions = new Map<string, ValueIndicator>();
  for (const indicator of model.indicators) {
    const isCondition = indicator.kind === 'value' && indicator.type.type === 'bool';
    // One that is sampled is as it was at the last of its instants, and its parts are not.
    if (isCondition && indicator.sample === null) conditions.set(indicator.name, indicator);
  }
  const dissected = (expression: Expression) =>
    new Dissecting(expression.source, figures, conditions).whole(expression);
  return {
    where:
      model.where === null
        ? null
        : new Dissecting(model.where.source, profileEnvironment(names), new Map()).whole(model.where),
    levels: model.levels.map(({ level, condition, clear }) => ({
      level,
      condition: dissected(condition),
      clear: clear === null ? null : dissected(clear),
    })),
  };
}

/** Takes one condition apart. */
class Dissecting {
  private readonly sides: Environment;

  constructor(
    private readonly source: string,
    private readonly environment: Environment,
    private readonly conditions: ReadonlyMap<string, ValueIndicator>,
  ) {
    // The clock and the time since an event have a value of their own here, since one instant is looked at.
    const indicators = environment.indicators.map((symbol) => ({ ...symbol, since: false }));
    this.sides = { ...environment, indicators, sampled: true };
  }

  /** The whole keeps the very expression that the engine runs. */
  whole(expression: Expression): Part {
    return { ...this.part(parseSyntax(this.source)), run: (scope) => expression.run(scope) };
  }

  private part(syntax: Syntax): Part {
    const base = this.base(syntax, this.environment);
    if (syntax.op === 'and' || syntax.op === 'or')
      return { ...base, kind: syntax.op, parts: operandsOf(syntax).map((operand) => this.part(operand)) };
    if (syntax.op === 'not') return { ...base, kind: 'not', part: this.part(syntax.operand) };
    if (syntax.op === 'conditional') {
      const { condition, yes, no } = syntax;
      const arms = { yes: this.part(yes), no: this.part(no) };
      return { ...base, kind: 'choice', condition: this.part(condition), ...arms };
    }
    if (syntax.op === 'binary') {
      const operator = COMPARISONS.find((one) => one === syntax.operator);
      const [left, right] = [this.side(syntax.left), this.side(syntax.right)];
      if (operator !== undefined) return { ...base, kind: 'comparison', operator, left, right };
    }
    const named = syntax.op === 'name' ? this.conditions.get(syntax.name) : undefined;
    if (named !== undefined) {
      const { expression } = named;
      const part = new Dissecting(expression.source, this.environment, this.conditions).whole(expression);
      return { ...base, kind: 'named', part };
    }
    return { ...base, kind: 'test', constant: syntax.op === 'literal' };
  }

  private side(syntax: Syntax): Side {
    const { type, ...base } = this.base(syntax, this.sides);
    return { ...base, type };
  }

  private base(syntax: Syntax, environment: Environment): PartBase & Pick<Side, 'type'> {
    const result = compileSyntax(syntax, this.source, environment);
    // The whole has passed its check, and so have its parts.
    if (!result.ok) throw new CodedError('INTERNAL', `A part of ${this.source} does not compile.`);
    const { expression } = result;
    return {
      text: textOf(this.source, syntax),
      run: (scope) => expression.run(scope),
      reads: expression.reads,
      type: expression.type.type,
    };
  }
}
