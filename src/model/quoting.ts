// Expressions stand in single quotes or as block scalars: which scalars are expressions, and how one is put right.
import { parseDuration } from '../catalogue/duration.js';
import { WINDOW_OPERATORS } from './model.js';
import type { SourceText } from './source.js';
import { nodeAt, type TextNode, type YamlNode } from './yaml.js';

const NAME = /^[a-z][a-z0-9_]*$/;

/** Operators that take a word or a list of steps. */
const WITHOUT_EXPRESSION = ['since', 'absent', 'sequence'];
const INDICATOR_KEYS = [
  'where',
  'value',
  ...WINDOW_OPERATORS.filter((operator) => !WITHOUT_EXPRESSION.includes(operator)),
];

/**
 * Whether an expression stands as it should.
 * @param mayBeName whether the name of an indicator may stand there without quotes
 */
export function isQuoted({ style, value }: TextNode, mayBeName = false): boolean {
  if (style === 'plain') return mayBeName && NAME.test(value);
  return style !== 'double';
}

/**
 * An expression in single quotes, of the same value but for its line breaks, which become blanks. Null where that is
 * not the same expression or cannot be written: a line break ends a comment, a control character has no place there.
 */
export function inSingleQuotes(value: string): string | null {
  if (/(?![\t\r\n])[\p{Cc}\u2028\u2029\ufeff]/u.test(value)) return null;
  if (/[\r\n]/.test(value) && /\/\/|"""|'''/.test(value)) return null;
  return `'${value.replace(/[^\S\r\n]*[\r\n]\s*/g, ' ').replaceAll("'", "''")}'`;
}

/** The line of a scalar as it would be with the scalar in single quotes; null where it cannot stand in these. */
export function correctedLine(source: SourceText, node: TextNode): string | null {
  const quoted = inSingleQuotes(node.value);
  if (quoted === null) return null;
  const { line, column } = source.placeOf(node.start);
  const rest = source.placeOf(node.end);
  const before = source.line(line).slice(0, column - 1);
  const after = source.line(rest.line).slice(rest.column - 1);
  return `${before}${quoted}${after}`.trim();
}

/**
 * The text of a model's file with all expressions in single quotes or as block scalars; everything else stays as it is.
 * @returns the text, and the expressions that must be put right by hand
 */
export function requoted(
  text: string,
  root: YamlNode,
): { readonly text: string; readonly left: readonly TextNode[] } {
  const left: TextNode[] = [];
  let after = text.length;
  let written = '';
  // Aliases name a scalar again that stands elsewhere.
  const wrong = new Map(expressionsIn(root).map((node) => [node.start, node]));
  for (const node of [...wrong.values()].sort((a, b) => b.start - a.start)) {
    const quoted = inSingleQuotes(node.value);
    if (quoted === null) {
      left.unshift(node);
      continue;
    }
    written = quoted + text.slice(node.end, after) + written;
    after = node.start;
  }
  return { text: text.slice(0, after) + written, left };
}

/** The scalars of a model's file that are expressions and do not stand as they should. */
function expressionsIn(root: YamlNode): TextNode[] {
  const found: TextNode[] = [];
  const look = (node: YamlNode | undefined, mayBeName = false): void => {
    if (node?.kind === 'text' && node.value !== '' && !isQuoted(node, mayBeName)) found.push(node);
  };
  const at = (node: YamlNode, key: string): YamlNode | undefined => {
    return node.kind === 'map' ? node.entries.get(key)?.value : undefined;
  };
  look(at(root, 'where'));
  for (const indicator of childrenAt(root, 'indicators')) {
    for (const key of INDICATOR_KEYS) {
      const node = at(indicator, key);
      if (key !== 'count' || node?.kind !== 'text' || node.value.trim() !== '*') look(node);
    }
    for (const step of childrenAt(indicator, 'sequence')) {
      look(at(step, 'where'));
      const until = at(step, 'until');
      if (until?.kind === 'text' && parseDuration(until.value) === null) look(until);
    }
  }
  for (const line of childrenAt(root, 'score')) {
    look(at(line, 'if'));
    look(at(line, 'of'), true);
  }
  for (const condition of [...childrenAt(root, 'levels'), ...childrenAt(root, 'clear')]) look(condition);
  return found;
}

/** What a list or a map under a key holds. */
function childrenAt(node: YamlNode, key: string): readonly YamlNode[] {
  const child = nodeAt(node, [key]);
  if (child === node || child.kind === 'text') return [];
  return child.kind === 'list' ? child.items : [...child.entries.values()].map(({ value }) => value);
}
