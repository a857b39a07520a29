// The expressions of a model as they are written in its file, each with its place and what it reads from.
import { SOURCES, type SourceName } from '../events/event.js';
import { parseDuration } from '../catalogue/duration.js';
import { parseSyntax, type Syntax } from './expression/syntax.js';
import { WINDOW_OPERATORS } from './model.js';
import { nodeAt, type TextNode, type YamlNode } from './yaml.js';

/** One expression of a file that has passed its check. */
export interface Written {
  readonly node: TextNode;
  readonly syntax: Syntax;
  /** The sources whose events it looks at; null where it looks at none. */
  readonly from: readonly SourceName[] | null;
  /** Where it stands, for example `levels red` or `indicators fined sum`. */
  readonly path: readonly (string | number)[];
}

/** Operators that take a word or a list of steps. */
const WITHOUT_EXPRESSION = ['since', 'absent', 'sequence'];
const ARGUMENTS = WINDOW_OPERATORS.filter((operator) => !WITHOUT_EXPRESSION.includes(operator));

/** All expressions of a model's file, in its order. @param root of a file without errors */
export function writtenIn(root: YamlNode): Written[] {
  const found: Written[] = [];
  const take = (path: Written['path'], from: readonly SourceName[] | null): void => {
    const node = nodeAt(root, path);
    if (node.kind !== 'text' || nodeAt(root, path.slice(0, -1)) === node) return;
    if (node.value.trim() === '*' || (path.at(-1) === 'until' && parseDuration(node.value) !== null)) return;
    found.push({ node, syntax: parseSyntax(node.value), from, path });
  };
  take(['where'], null);
  for (const name of keysAt(root, ['indicators'])) {
    const path = ['indicators', name];
    const from = sourcesAt(root, [...path, 'from']);
    for (const key of ['where', ...ARGUMENTS]) take([...path, key], from);
    take([...path, 'value'], null);
    for (const position of keysAt(root, [...path, 'sequence'])) {
      const step = [...path, 'sequence', position];
      const read = [...sourcesAt(root, [...step, 'from']), ...sourcesAt(root, [...step, 'not'])];
      take([...step, 'where'], read);
      take([...step, 'until'], null);
    }
  }
  for (const position of keysAt(root, ['score'])) {
    take(['score', position, 'of'], null);
    take(['score', position, 'if'], null);
  }
  for (const part of ['levels', 'clear']) {
    for (const level of keysAt(root, [part])) take([part, level], null);
  }
  return found;
}

/** Every part of an expression, from the whole down. */
export function* partsOf(syntax: Syntax): Generator<Syntax> {
  yield syntax;
  for (const child of childrenOf(syntax)) yield* partsOf(child);
}

/** The parts that a part is made of. */
export function childrenOf(syntax: Syntax): readonly Syntax[] {
  switch (syntax.op) {
    case 'literal':
    case 'name':
      return [];
    case 'member':
      return [syntax.object];
    case 'index':
      return [syntax.object, syntax.key];
    case 'not':
    case 'negate':
      return [syntax.operand];
    case 'and':
    case 'or':
    case 'binary':
      return [syntax.left, syntax.right];
    case 'conditional':
      return [syntax.condition, syntax.yes, syntax.no];
    case 'list':
      return syntax.items;
    case 'call':
      return syntax.receiver === null ? syntax.args : [syntax.receiver, ...syntax.args];
  }
}

/** `event.result` and `event["result"]` as their owner and field; null for anything else. */
export function fieldOf(syntax: Syntax): { readonly owner: string; readonly field: string } | null {
  if (syntax.op !== 'member' && syntax.op !== 'index') return null;
  if (syntax.object.op !== 'name') return null;
  const owner = syntax.object.name;
  if (syntax.op === 'member') return { owner, field: syntax.name };
  const { key } = syntax;
  return key.op === 'literal' && typeof key.value === 'string' ? { owner, field: key.value } : null;
}

/** Equal for parts that are written alike but for blanks and brackets. */
export function shapeOf(syntax: Syntax): string {
  const own = Object.entries(syntax)
    .filter(([, value]) => typeof value !== 'object' || value === null)
    .filter(([key]) => key !== 'start' && key !== 'end');
  // The shapes of the parts stand as they are: quoted anew at each depth, they would double with it.
  return `${JSON.stringify(own)}(${childrenOf(syntax).map(shapeOf).join()})`;
}

function sourcesAt(root: YamlNode, path: Written['path']): SourceName[] {
  const node = nodeAt(root, path);
  if (nodeAt(root, path.slice(0, -1)) === node) return [];
  const names = node.kind === 'list' ? node.items : [node];
  return names.flatMap((one) => SOURCES.filter((source) => one.kind === 'text' && one.value === source));
}

/** Names of a map's entries, places of a list's; none where there is neither. */
function keysAt(root: YamlNode, path: Written['path']): readonly (string | number)[] {
  const node = nodeAt(root, path);
  if (nodeAt(root, path.slice(0, -1)) === node) return [];
  if (node.kind === 'map') return [...node.entries.keys()];
  return node.kind === 'list' ? node.items.map((_item, position) => position) : [];
}
