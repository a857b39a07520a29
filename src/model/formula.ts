// An expression where it stands in a file: quoting, compilation, and faults mapped to line and column.
import { compileExpression } from './expression/compile.js';
import type { Environment, Expression, ExpressionDiagnostic } from './expression/expression.js';
import type { Expected } from './expression/check.js';
import type { Code } from '../events/codes.js';
import type { OpenScope } from './environment.js';
import type { Report } from './report.js';
import type { TextNode } from './yaml.js';

/** Compiles the expression in a scalar; null where it has a fault, which is then in the report. */
export function compileFormula(
  report: Report,
  node: TextNode,
  environment: Environment,
  scope: OpenScope,
  expected: Expected = 'any',
): Expression | null {
  const quoted = node.style === 'single' || node.style === 'literal' || node.style === 'folded';
  if (!quoted) {
    const message = 'an expression stands in single quotes or as a block scalar';
    report.add('MODEL_QUOTE', node, message, { expected: report.source.quoted(node) });
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
  scope: OpenScope,
): void {
  const offset = report.source.offsetIn(node, fault.start);
  if (scope === 'device' && /^subject\b/.test(node.value.slice(fault.start))) {
    const message = 'the profile of the owner is not available to device models in this version';
    report.add('MODEL_NOT_YET', offset, message, { expected: 'device, the profile of the device itself' });
    return;
  }
  report.add(fault.code as Code, offset, fault.message, {
    ...(fault.expected === undefined ? {} : { expected: fault.expected }),
    ...(fault.nearest === undefined ? {} : { nearest: fault.nearest }),
  });
}
