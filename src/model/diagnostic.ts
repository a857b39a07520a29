// A fault in a file of rules: where it is, what was expected, and what to do.
import type { Edit } from './removal.js';

export interface Diagnostic {
  /** From the catalogue of error codes, for example `MODEL_UNKNOWN_KEY`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly message: string;
  readonly expected?: string;
  /** The nearest valid name, for "did you mean". */
  readonly nearest?: string;
  /** What mends it without changing what anything means; offsets in the text of the file. */
  readonly fix?: Edit;
}
