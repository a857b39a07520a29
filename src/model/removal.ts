// Taking an entry out of a file without touching anything else: which stretch of the text goes.
import { nodeAt, type ListNode, type MapNode, type YamlNode } from './yaml.js';

/** A stretch of a text, and what stands there instead; offsets count UTF-16 units. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How far an entry reaches, from its key or its dash on. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * What removes the entry at a path: whole lines where it stands on lines of its own, else it and a comma. The last
 * entry of a map or a list takes these with it. Undefined where the text has aliases, which may name what goes.
 */
export function removalOf(
  text: string,
  root: YamlNode,
  path: readonly (string | number)[],
): Edit | undefined {
  const last = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  if (last === undefined || parent.kind === 'text' || /(^|[\s[{,])[&*]\w/.test(text)) return undefined;
  const entries = entriesOf(parent);
  const position = positionOf(parent, last);
  const own = entries[position];
  if (own === undefined) return undefined;
  if (entries.length === 1) return path.length > 1 ? removalOf(text, root, path.slice(0, -1)) : undefined;
  const isFlow = text[parent.start] === '{' || text[parent.start] === '[';
  if (isFlow) {
    const [before, after] = [entries[position - 1], entries[position + 1]];
    if (after !== undefined) return { start: own.start, end: after.start, text: '' };
    return before === undefined ? undefined : { start: before.end, end: own.end, text: '' };
  }
  return linesOf(text, own, parent.kind === 'list');
}

function entriesOf(parent: MapNode | ListNode): Extent[] {
  return parent.kind === 'list'
    ? parent.items.map(({ start, end }) => ({ start, end }))
    : [...parent.entries.values()].map(({ key, value }) => ({ start: key.start, end: value.end }));
}

function positionOf(parent: MapNode | ListNode, part: string | number): number {
  return parent.kind === 'list' ? Number(part) : [...parent.entries.keys()].indexOf(String(part));
}

/** The lines of an entry; undefined where anything else stands on them. */
function linesOf(text: string, { start, end }: Extent, isItem: boolean): Edit | undefined {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const lead = text.slice(from, start);
  if (!(isItem ? /^\s*-\s+$/ : /^\s*$/).test(lead)) return undefined;
  // A block value may end at the start of the next line.
  const lastUnit = text.slice(start, end).trimEnd().length + start;
  const lineEnd = text.indexOf('\n', lastUnit);
  const rest = text.slice(lastUnit, lineEnd === -1 ? undefined : lineEnd);
  if (!/^\s*(#[^\n]*)?$/.test(rest)) return undefined;
  return { start: from, end: lineEnd === -1 ? text.length : lineEnd + 1, text: '' };
}
