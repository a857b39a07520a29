// The expression dialect of CEL: read, checked, compiled to JavaScript, run without ever throwing.
import { builtinsFor } from './builtins.js';
import { checkExpression, type Expected } from './check.js';
import type { CheckContext } from './context.js';
import {
  ExpressionError,
  type CompileResult,
  type Environment,
  type EvaluationScope,
  type Expression,
  type Value,
} from './expression.js';
import { restart } from './effort.js';
import { Fault } from './fault.js';
import { generate, type Generated } from './generate.js';
import { MAX_COST } from './limits.js';
import { declaredType } from './static-type.js';
import { parseSyntax, type Syntax } from './syntax.js';
import type { Term } from './term.js';

/**
 * Checks `source` against `env` and compiles it.
 * @param expected what the place of the expression needs; dyn passes everywhere.
 * @returns the expression, or every fault found, in the order of the source.
 */
export function compileExpression(
  source: string,
  env: Environment,
  expected: Expected = 'any',
): CompileResult {
  try {
    return compileSyntax(parseSyntax(source), source, env, expected);
  } catch (error) {
    if (error instanceof Fault) return { ok: false, diagnostics: [error.diagnostic] };
    throw error;
  }
}

/**
 * Compiles what was parsed already, or a part of it.
 * @param source the text that `syntax` comes from
 */
export function compileSyntax(
  syntax: Syntax,
  source: string,
  env: Environment,
  expected: Expected = 'any',
): CompileResult {
  try {
    const { term, context } = checkExpression(syntax, env, expected);
    if (term.cost > MAX_COST) {
      context.refuse(
        'EXPR_COST',
        `The worst case takes ${Math.round(term.cost)} steps, ${MAX_COST} are allowed; use shorter lists or fewer macros.`,
        { start: 0, end: source.length },
        { expected: `at most ${MAX_COST} steps` },
      );
    }
    if (context.faults.length > 0) {
      return { ok: false, diagnostics: context.faults.toSorted((a, b) => a.start - b.start) };
    }
    return { ok: true, expression: finish(source, term, context, env) };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, diagnostics: [error.diagnostic] };
    throw error;
  }
}

function finish(source: string, term: Term, context: CheckContext, env: Environment): Expression {
  const generated = generate(term, builtinsFor(env));
  const { reads } = context;
  return {
    source,
    type: declaredType(term.type),
    nullable: term.nullable,
    cost: term.cost,
    reads: {
      event: [...reads.event].sort(),
      profile: [...reads.profile].sort(),
      owner: [...reads.owner].sort(),
      params: [...reads.params].sort(),
      indicators: [...reads.indicators].sort(),
      lists: [...reads.lists].sort(),
      steps: [...reads.steps].sort(),
      now: reads.now,
    },
    run: guardRun(generated),
    nextChange: guardNextChange(generated),
  };
}

function guardRun({ run }: Generated): (scope: EvaluationScope) => Value {
  return (scope) => {
    restart();
    try {
      return run(scope) ?? null;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'an unknown fault';
      return new ExpressionError('EXPR_INTERNAL', `The expression failed inside: ${name}.`);
    }
  };
}

function guardNextChange({ nextChange }: Generated): (scope: EvaluationScope) => number {
  if (nextChange === null) return () => Infinity;
  return (scope) => {
    try {
      return nextChange(scope);
    } catch {
      // `run` fails in the same place, so its error shows.
      return Infinity;
    }
  };
}
