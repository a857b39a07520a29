// Why something that arrived is refused.
import type { z } from 'zod';
import { CODES, type Code } from './codes.js';

/** A closed reason: a code, the field where there is one, and what was expected. It never repeats the value. */
export interface Refusal {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
  /** Path such as `subject` or `data.problems[0].severity`. */
  readonly field?: string;
}

/**
 * The first fault that a schema found, as a refusal.
 * @param prefix path of the value that was parsed; empty for the envelope itself.
 * @param code used unless the schema names a code of its own in `params.code`.
 */
export function refusalOf(error: z.ZodError, prefix: string, code: Code): Refusal {
  const issue = error.issues[0];
  if (issue === undefined) return { ok: false, code, message: CODES[code] };
  const field = fieldPath(prefix, issue.path);
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : '';
  const named: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  return {
    ok: false,
    code: typeof named === 'string' && named in CODES ? (named as Code) : code,
    message: issue.message.replace(/^Invalid input: /, '') + more,
    ...(field === '' ? {} : { field }),
  };
}

function fieldPath(prefix: string, path: readonly PropertyKey[]): string {
  let text = prefix;
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += (text === '' ? '' : '.') + String(step);
  }
  return text;
}
