// The part of a condition that is known before the steps are that the whole names.
import { compileSyntax } from './compile.js';
import type { Environment, Expression } from './expression.js';
import { parseSyntax, type Syntax } from './syntax.js';

/**
 * The operands of the outermost `&&` of a condition that name no step, as one condition: where it is false, so is the
 * whole, whatever the steps are. Null where every operand names one.
 * @param source a condition that compiles in `environment`
 */
export function withoutSteps(source: string, environment: Environment): Expression | null {
  const operands = operandsOf(parseSyntax(source)).filter((operand) => {
    const compiled = compileSyntax(operand, source, environment);
    return compiled.ok && compiled.expression.reads.steps.length === 0;
  });
  const [first, ...others] = operands;
  if (first === undefined) return null;
  const { start } = first;
  const all = others.reduce<Syntax>(
    (left, right) => ({ op: 'and', left, right, start, end: right.end }),
    first,
  );
  const compiled = compileSyntax(all, source, environment, 'bool');
  return compiled.ok ? compiled.expression : null;
}

function operandsOf(syntax: Syntax): Syntax[] {
  return syntax.op === 'and' ? [...operandsOf(syntax.left), ...operandsOf(syntax.right)] : [syntax];
}
