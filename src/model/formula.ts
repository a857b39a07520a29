// An expression where it stands in a file: quoting, compilation, and faults mapped to line and column.
import { compileExpression } from './expression/compile.js';
import type { Environment, Expression, ExpressionDiagnostic } from './expression/expression.js';
import type { Expected } from './expression/check.js';
import type { Code } from '../events/codes.js';
import { isWider } from './environment.js';
import type { ModelScope } from './model.js';
import { correctedLine, inSingleQuotes, isQuoted } from './quoting.js';
import type { Report } from './report.js';
import type { TextNode } from './yaml.js';

const BY_HAND = 'a block scalar, or an expression on one line without control characters';

/**
 * Compiles the expression in a scalar; null where it has a fault, which is then in the report.
 * @param mayBeName whether the name of an indicator may stand there without quotes
 */
export function compileFormula(
  report: Report,
  node: TextNode,
  environment: Environment,
  scope: ModelScope,
  expected: Expected = 'any',
  mayBeName = false,
): Expression | null {
  // A text that is empty or too long was refused with the shape of the file.
  if (report.hasErrorAt(node)) return null;
  const quoted = isQuoted(node, mayBeName);
  if (!quoted) {
    const message = 'an expression stands in single quotes or as a block scalar';
    const quotes = inSingleQuotes(node.value);
    report.add('MODEL_QUOTE', node, message, {
      expected: correctedLine(report.source, node) ?? BY_HAND,
      fix: quotes === null ? undefined : { start: node.start, end: node.end, text: quotes },
    });
  }
  const result = compileExpression(node.value, environment, expected);
  if (result.ok) return quoted ? result.expression : null;
  for (const fault of result.diagnostics) addExpressionFault(report, node, fault, scope);
  return null;
}

function addExpressionFault(
  report: Report,
  node: TextNode,
  fault: ExpressionDiagnostic,
  scope: ModelScope,
): void {
  const offset = report.source.offsetIn(node, fault.start);
  const missed = missingSubject(node.value.slice(fault.start), fault, scope);
  if (missed !== null) {
    report.add('EXPR_NAME', offset, missed.message, { expected: missed.expected });
    return;
  }
  report.add(fault.code as Code, offset, fault.message, {
    ...(fault.expected === undefined ? {} : { expected: fault.expected }),
    ...(fault.nearest === undefined ? {} : { nearest: fault.nearest }),
  });
}

/** Why `subject` means nothing here, where a scope has none or has it elsewhere only. */
function missingSubject(
  here: string,
  { code }: ExpressionDiagnostic,
  scope: ModelScope,
): { readonly message: string; readonly expected: string } | null {
  if (code !== 'EXPR_NAME' || !/^subject\s*(?:\.|\[|$)/.test(here)) return null;
  if (scope === 'place') {
    return { message: 'a place has no subject', expected: 'place, the profile of the place itself' };
  }
  if (!isWider(scope)) return null;
  const own = scope.split('+').map((name) => `${name}.code`);
  return {
    message: `a ${scope} has no subject of its own; subject is the one that an event is about`,
    expected: `${own.join(' or ')}, or subject inside where or the argument of an indicator`,
  };
}
