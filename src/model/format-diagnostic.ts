// A diagnostic as a person reads it on a terminal: place, fault, what to do, and the line with a caret.
import type { Diagnostic } from './diagnostic.js';
import { SourceText } from './source.js';

/** Units shown of a long line, before and after the fault. */
const CONTEXT_BEFORE = 60;
const CONTEXT_AFTER = 100;
/** Characters that take two columns: CJK, Hangul, kana, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO_WIDTH = /\p{Mark}|\p{Default_Ignorable_Code_Point}/u;

/**
 * `file:line:column: error CODE: message (expected ..., did you mean "...")`, then the line and a caret below the
 * column, aligned for characters of double width. Control characters are replaced, as the text may go to a terminal.
 */
export function formatDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { file, line, column, severity, code, message, expected, nearest } = diagnostic;
  const hints = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(nearest === undefined ? [] : [`did you mean "${nearest}"?`]),
  ];
  const hint = hints.length === 0 ? '' : ` (${hints.join(', ')})`;
  const head = visible(`${file}:${line}:${column}: ${severity} ${code}: ${message}${hint}`);
  const source = new SourceText(text).line(line);
  if (source === '') return head;
  const from = Math.max(0, column - 1 - CONTEXT_BEFORE);
  const before = visible(source.slice(from, column - 1));
  const after = visible(source.slice(column - 1, column - 1 + CONTEXT_AFTER));
  return `${head}\n  ${before}${after}\n  ${blankOf(before)}^`;
}

/** White space as wide as a text; tabs stay, since only the terminal knows their width. */
export function blankOf(text: string): string {
  let blank = '';
  for (const character of text) {
    if (character === '\t') blank += '\t';
    else if (!ZERO_WIDTH.test(character)) blank += WIDE.test(character) ? '  ' : ' ';
  }
  return blank;
}

/** Text from a file, fit for a terminal: line ends become spaces, other control and direction characters a middle dot. */
export function visible(text: string): string {
  return text
    .replace(/\r?\n/g, ' ')
    .replace(/(?!\t)[\p{Control}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '·');
}
