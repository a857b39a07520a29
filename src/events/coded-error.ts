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

/** The store keeps nothing of what it refused; the same may be written again once somebody has made room. */
const STORE_REFUSALS: ReadonlySet<Code> = new Set(['STORE_FULL', 'STORE_WRITE_FAILED', 'STORE_UNREACHABLE']);

/** Whether a log has let go of a record that was asked for. */
export function isGone(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'RECORD_GONE';
}

/** Whether a write failed because of the store, and not of what was to be written. */
export function isStoreRefusal(error: unknown): boolean {
  return error instanceof CodedError && STORE_REFUSALS.has(error.code);
}
