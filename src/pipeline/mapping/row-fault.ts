// What is wrong with one row: a value that flows through the readers of its fields, never thrown.
import type { Code } from '../../events/codes.js';

export class RowFault {
  constructor(
    readonly code: Code,
    readonly message: string,
  ) {}
}

/** A cell as a message shows it: quoted, and cut so that a log line stays a line. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** A message without the cells in it: for where it is kept or shown longer than the import that it is about. */
export function withoutCells(message: string): string {
  return message.replace(QUOTED, '"…"');
}
