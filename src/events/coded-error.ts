// A failure that carries a code of the catalogue, thrown where an interface has no result to return it in.
import { CODES, type Code } from './codes.js';

/** Thrown with what happened and what to do next; the message never repeats personal values. */
export class CodedError extends Error {
  readonly code: Code;

  /** @param detail the place and the figures; the catalogue's sentence goes before it. */
  constructor(code: Code, detail = '', cause?: unknown) {
    super(
      detail === '' ? CODES[code] : `${CODES[code]} ${detail}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'CodedError';
    this.code = code;
  }
}
