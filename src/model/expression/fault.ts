// Faults found while an expression is read and checked.
import type { Code } from '../../events/codes.js';
import type { ExpressionDiagnostic } from './expression.js';

/** A place in the source, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Thrown inside the compiler where going on makes no sense; `compileExpression` turns it into a diagnostic. */
export class Fault extends Error {
  constructor(readonly diagnostic: ExpressionDiagnostic) {
    super(diagnostic.message);
  }
}

export interface FaultDetail {
  readonly expected?: string | undefined;
  readonly nearest?: string | undefined;
}

/** A diagnostic at a place. */
export function diagnose(
  code: Code,
  message: string,
  span: Span,
  detail: FaultDetail = {},
): ExpressionDiagnostic {
  return {
    code,
    message,
    start: span.start,
    end: span.end,
    ...(detail.expected === undefined ? {} : { expected: detail.expected }),
    ...(detail.nearest === undefined ? {} : { nearest: detail.nearest }),
  };
}
