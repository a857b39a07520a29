// Thrown when files of rules or mappings have faults: every fault with its place, ready to print.
import { CodedError } from '../events/coded-error.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { formatDiagnostic } from '../model/format-diagnostic.js';

export class InvalidFiles extends CodedError {
  /** Each diagnostic as a person reads it. */
  readonly lines: readonly string[];

  /** @param textOf the content of a file by the name that diagnostics use. */
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    textOf: (file: string) => string,
  ) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
    super('FILES_INVALID', `${errors} ${errors === 1 ? 'error' : 'errors'}.`);
    this.name = 'InvalidFiles';
    this.lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, textOf(diagnostic.file)));
  }
}
