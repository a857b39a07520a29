// A file of rules as a tree of text: YAML 1.2, every scalar a string, with the place of every node.
import { Lexer, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, ParsedNode, YAMLError } from 'yaml';

/** Offsets count UTF-16 units from the start of the text. */
interface Place {
  readonly start: number;
  readonly end: number;
}

export interface TextNode extends Place {
  readonly kind: 'text';
  readonly value: string;
  readonly style: 'plain' | 'single' | 'double' | 'literal' | 'folded';
}
export interface ListNode extends Place {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}
export interface MapNode extends Place {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, { readonly key: TextNode; readonly value: YamlNode }>;
}
export type YamlNode = TextNode | ListNode | MapNode;

/** A fault of the file as YAML. */
export interface YamlFault extends Place {
  readonly code: 'YAML_SYNTAX' | 'YAML_DUPLICATE_KEY' | 'YAML_LIMIT' | 'YAML_FEATURE';
  readonly message: string;
  readonly expected?: string;
}

export const FILE_BYTES_MAX = 262_144;
const DEPTH_MAX = 50;
const NODES_MAX = 50_000;
const ALIASES_MAX = 100;
const FAULTS_MAX = 20;
const QUOTE_HINT =
  'expressions in single quotes or as a block scalar, for example \'event.result == "fail"\'';

/** Thrown inside this file only, to leave the conversion at its first fault. */
class Refusal extends Error {
  constructor(readonly fault: YamlFault) {
    super(fault.message);
  }
}

/**
 * Parses one file. Duplicate keys, several documents, tags, files over 256 KiB, nesting deeper than 50 and
 * more than 50,000 nodes (aliases counted as often as they are used) are refused.
 */
export function parseYaml(
  text: string,
):
  { readonly root: YamlNode; readonly faults: null } | { readonly root: null; readonly faults: YamlFault[] } {
  const tooLarge = checkSize(text);
  if (tooLarge !== null) return { root: null, faults: [tooLarge] };
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.2',
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const faults = document.errors.slice(0, FAULTS_MAX).map((error) => syntaxFault(text, error));
  if (faults.length > 0) return { root: null, faults };
  try {
    return { root: new Conversion(document).run(), faults: null };
  } catch (error) {
    if (error instanceof Refusal) return { root: null, faults: [error.fault] };
    throw error;
  }
}

/** Plain arrays, objects and strings, for schemas and hashes. */
export function plainOf(node: YamlNode): unknown {
  if (node.kind === 'text') return node.value;
  if (node.kind === 'list') return node.items.map(plainOf);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry.value)]));
}

/** The node at a path, or the nearest one above it; with `on: 'key'` the key that the last part names. */
export function nodeAt(
  root: YamlNode,
  path: readonly (string | number)[],
  on: 'value' | 'key' = 'value',
): YamlNode {
  let here = root;
  for (const [depth, part] of path.entries()) {
    const entry = here.kind === 'map' ? here.entries.get(String(part)) : undefined;
    if (on === 'key' && depth === path.length - 1) return entry?.key ?? here;
    const next = here.kind === 'list' ? here.items[Number(part)] : entry?.value;
    if (next === undefined) return here;
    here = next;
  }
  return here;
}

/** Nesting is counted on tokens, before anything recursive sees the text. */
function checkSize(text: string): YamlFault | null {
  const message = `the file is larger than ${FILE_BYTES_MAX / 1024} KiB`;
  // A UTF-16 unit is at most three bytes, so that most files need no count.
  if (
    text.length > FILE_BYTES_MAX ||
    (text.length * 3 > FILE_BYTES_MAX && utf8Length(text) > FILE_BYTES_MAX)
  ) {
    return { code: 'YAML_LIMIT', start: 0, end: 0, message, expected: 'several smaller files' };
  }
  let offset = 0;
  let flow = 0;
  let dashes = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?') dashes += 1;
    else if (token === '\n' || token === '\r\n') dashes = 0;
    if (flow + dashes > DEPTH_MAX) {
      return { code: 'YAML_LIMIT', start: offset, end: offset, message: `nesting deeper than ${DEPTH_MAX}` };
    }
    offset += isControlToken(token) ? 0 : token.length;
  }
  return null;
}

/** The lexer's marks for documents and scalars, which are no part of the text. */
function isControlToken(token: string): boolean {
  return token === '\u{02}' || token === '\u{18}' || token === '\u{1F}';
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Each half of a surrogate pair stands for two of its four bytes.
    const surrogate = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || surrogate ? 2 : 3;
  }
  return bytes;
}

function syntaxFault(text: string, error: YAMLError): YamlFault {
  const [start, end] = error.pos;
  const place = { start: Math.min(start, text.length), end: Math.min(end, text.length) };
  if (error.code === 'DUPLICATE_KEY') {
    return {
      ...place,
      code: 'YAML_DUPLICATE_KEY',
      message: 'the key is already there',
      expected: 'each key once',
    };
  }
  if (error.code === 'RESOURCE_EXHAUSTION')
    return { ...place, code: 'YAML_LIMIT', message: 'nesting too deep' };
  if (error.code === 'MULTIPLE_DOCS') {
    return {
      ...place,
      code: 'YAML_FEATURE',
      message: 'a second document starts here',
      expected: 'one document a file',
    };
  }
  const quoting =
    /^(BAD_ALIAS|UNEXPECTED_TOKEN|BAD_SCALAR_START|MULTILINE_IMPLICIT_KEY|BLOCK_AS_IMPLICIT_KEY)$/;
  const expected = quoting.test(error.code) ? { expected: QUOTE_HINT } : {};
  return { ...place, code: 'YAML_SYNTAX', message: error.message, ...expected };
}

const STYLES: { readonly [type: string]: TextNode['style'] } = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

/** One walk over a document. Aliases are replaced by what they name, and count against the limit of nodes. */
class Conversion {
  private nodes = 0;
  private aliases = 0;

  constructor(private readonly document: Document.Parsed<ParsedNode>) {}

  run(): YamlNode {
    const contents = this.document.contents;
    if (contents === null) return { kind: 'map', entries: new Map(), start: 0, end: 0 };
    return this.convert(contents, 0);
  }

  private convert(node: Node, depth: number): YamlNode {
    const [start, end] = node.range ?? [0, 0];
    const place = { start, end };
    this.nodes += 1;
    if (this.nodes > NODES_MAX) this.refuse('YAML_LIMIT', place, `more than ${NODES_MAX} nodes`);
    if (depth > DEPTH_MAX) this.refuse('YAML_LIMIT', place, `nesting deeper than ${DEPTH_MAX}`);
    if (isAlias(node)) return this.resolve(node.resolve(this.document), place, depth);
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(str|map|seq)$/.test(node.tag)) {
      this.refuse('YAML_FEATURE', place, `the tag ${node.tag} is not supported`, 'values without tags');
    }
    if (isScalar(node)) {
      const value = typeof node.value === 'string' ? node.value : '';
      // Half a character has no UTF-8, and so no hash.
      if (/\p{Surrogate}/u.test(value))
        this.refuse('YAML_FEATURE', place, 'the text contains half a character');
      return { kind: 'text', value, style: STYLES[node.type ?? 'PLAIN'] ?? 'plain', ...place };
    }
    if (isSeq(node)) {
      return {
        kind: 'list',
        items: node.items.map((child) => this.convertChild(child, place, depth)),
        ...place,
      };
    }
    if (isMap(node)) return this.convertMap(node.items, place, depth);
    return this.refuse('YAML_FEATURE', place, 'this kind of node is not supported');
  }

  private convertMap(
    pairs: readonly { key: unknown; value: unknown }[],
    place: Place,
    depth: number,
  ): MapNode {
    const entries = new Map<string, { key: TextNode; value: YamlNode }>();
    for (const pair of pairs) {
      const key = this.convertChild(pair.key, place, depth);
      if (key.kind !== 'text') this.refuse('YAML_FEATURE', key, 'a key must be text');
      // It would set the prototype of the objects that schemas see.
      else if (key.value === '__proto__') this.refuse('YAML_FEATURE', key, '"__proto__" cannot be a key');
      else {
        const after = { start: key.end, end: key.end };
        const value = pair.value === null ? emptyAt(after) : this.convertChild(pair.value, after, depth);
        entries.set(key.value, { key, value });
      }
    }
    return { kind: 'map', entries, ...place };
  }

  private convertChild(child: unknown, place: Place, depth: number): YamlNode {
    if (isScalar(child) || isSeq(child) || isMap(child) || isAlias(child))
      return this.convert(child, depth + 1);
    return emptyAt(place);
  }

  /** The place of an alias is where it stands, so that a fault is shown where it is used. */
  private resolve(target: Node | undefined, place: Place, depth: number): YamlNode {
    this.aliases += 1;
    if (this.aliases > ALIASES_MAX) this.refuse('YAML_LIMIT', place, `more than ${ALIASES_MAX} aliases`);
    if (target === undefined) return this.refuse('YAML_SYNTAX', place, 'no anchor of this name before it');
    return this.convert(target, depth + 1);
  }

  private refuse(code: YamlFault['code'], place: Place, message: string, expected?: string): never {
    throw new Refusal({
      code,
      start: place.start,
      end: place.end,
      message,
      ...(expected ? { expected } : {}),
    });
  }
}

function emptyAt(place: Place): TextNode {
  return { kind: 'text', value: '', style: 'plain', start: place.start, end: place.start };
}
