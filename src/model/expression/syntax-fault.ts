// What is said of an expression that cannot be read: what stands there, where, and what belongs there.
import { diagnose, Fault, type Span } from './fault.js';

/** What an author means who writes these; input methods leave full-width signs behind. */
const SIGNS: { readonly [sign: string]: string } = {
  '=': '==',
  '&': '&&',
  '|': '||',
  '=>': '>=',
  '=<': '<=',
  '<>': '!=',
  '（': '(',
  '）': ')',
  '，': ',',
  '“': '"',
  '”': '"',
  '‘': '"',
  '’': '"',
  '＞': '>',
  '＜': '<',
  '＝': '==',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '！': '!',
  '：': ':',
  '？': '?',
  '。': '.',
  '　': 'a space',
  and: '&&',
  or: '||',
  not: '!',
  AND: '&&',
  OR: '||',
  ge: '>=',
  gt: '>',
  le: '<=',
  lt: '<',
  eq: '==',
  ne: '!=',
  且: '&&',
  并且: '&&',
  或: '||',
  或者: '||',
};

/** Signs of two characters of which the parser refuses one. */
const PAIRS = ['=>', '=<', '<>'];

/** The parser's constants for what it wanted. */
const TOKENS: { readonly [token: string]: string } = {
  EOF: 'the end of the expression',
  IDENTIFIER: 'a name',
  RPAREN: ')',
  LPAREN: '(',
  RBRACKET: ']',
  LBRACKET: '[',
  RBRACE: '}',
  LBRACE: '{',
  COLON: ':',
  COMMA: ',',
  QUESTION: '?',
  DOT: '.',
};

const FRACTION_ALONE = /^\.\d+/;
const WORD = /^[\p{L}_][\p{L}\p{N}_]*/u;
/** The end of something that has a value: a name, a number, a text, a closing bracket. */
const AFTER_VALUE = /[\p{L}\p{N}_)\]}"']\s*$/u;
const AFTER_IN = /(^|[^\p{L}\p{N}_.])in\s*$/u;
const VALUE = 'a value: a name, a number, or a text in double quotes';
const OPERATOR = 'an operator such as >=, == or &&, or the end of the expression';

/** What the parser of the CEL library throws. */
interface ParserError {
  readonly summary?: string;
  readonly code?: unknown;
  readonly range?: { readonly start: number; readonly end: number };
}

/** @param error what the CEL library threw when it parsed `source` */
export function syntaxFault(source: string, error: unknown): Fault {
  const { summary = 'Unreadable', range, code } = error as ParserError;
  const start = Math.min(range?.start ?? 0, source.length);
  const span = { start, end: Math.min(Math.max(range?.end ?? start, start), source.length) };
  if (code === 'limit_exceeded') {
    return new Fault(diagnose('EXPR_LIMIT', `The expression is too large or too deep: ${summary}.`, span));
  }
  const refuse = (message: string, where: Span, expected: string) =>
    new Fault(diagnose('EXPR_SYNTAX', message, where, { expected }));
  if (summary.startsWith('Unterminated')) {
    return refuse(`The text that begins at ${placeOf(span)} has no end.`, span, 'a closing quote');
  }
  if (summary.startsWith('Reserved')) {
    return refuse(`${written(source, span)} at ${placeOf(span)} is a reserved word.`, span, 'another name');
  }
  const pair = pairAt(source, start);
  const where = pair ?? span;
  const found = written(source, where);
  return refuse(
    `Unexpected ${found} at ${placeOf(where)}.`,
    where,
    expectedAt(source, where, found, summary),
  );
}

/** A sign of two characters around the one that was refused. */
function pairAt(source: string, start: number): Span | undefined {
  return [start - 1, start]
    .filter((from) => from >= 0 && PAIRS.includes(source.slice(from, from + 2)))
    .map((from) => ({ start: from, end: from + 2 }))[0];
}

function placeOf({ start }: Span): string {
  return `character ${start + 1}`;
}

/** What stands at a place: a whole word, though the parser may name one letter of it. */
function written(source: string, { start, end }: Span): string {
  const rest = source.slice(start);
  if (rest.trim() === '') return 'end';
  return (
    FRACTION_ALONE.exec(rest)?.[0] ?? WORD.exec(rest)?.[0] ?? source.slice(start, Math.max(end, start + 1))
  );
}

function expectedAt(source: string, { start }: Span, found: string, summary: string): string {
  if (Object.hasOwn(SIGNS, found)) return SIGNS[found] ?? '';
  if (FRACTION_ALONE.test(found)) return `0${found}`;
  const wanted = /^Expected ([A-Z]+)/.exec(summary)?.[1] ?? '';
  if (wanted !== 'EOF' && Object.hasOwn(TOKENS, wanted)) return TOKENS[wanted] ?? '';
  const before = source.slice(0, start);
  return AFTER_VALUE.test(before) && !AFTER_IN.test(before) ? OPERATOR : VALUE;
}
