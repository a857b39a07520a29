// From source to syntax: the library parses, and what the dialect does not have is refused here.
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { diagnose, Fault, type Span } from './fault.js';
import { MAX_DEPTH, MAX_LIST_LENGTH, MAX_NODES, MAX_SOURCE_LENGTH } from './limits.js';
import { syntaxFault } from './syntax-fault.js';

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in';

export interface CallSyntax extends Span {
  readonly op: 'call';
  readonly name: string;
  /** Where the name stands. */
  readonly nameSpan: Span;
  readonly receiver: Syntax | null;
  readonly args: readonly Syntax[];
}

export interface MemberSyntax extends Span {
  readonly op: 'member';
  readonly object: Syntax;
  readonly name: string;
  readonly nameSpan: Span;
}

export interface BinarySyntax extends Span {
  readonly op: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Syntax;
  readonly right: Syntax;
}

export type Syntax =
  | CallSyntax
  | MemberSyntax
  | BinarySyntax
  | (Span &
      (
        | { readonly op: 'literal'; readonly value: null | boolean | number | string }
        | { readonly op: 'name'; readonly name: string }
        | { readonly op: 'index'; readonly object: Syntax; readonly key: Syntax }
        | { readonly op: 'not' | 'negate'; readonly operand: Syntax }
        | { readonly op: 'and' | 'or'; readonly left: Syntax; readonly right: Syntax }
        | {
            readonly op: 'conditional';
            readonly condition: Syntax;
            readonly yes: Syntax;
            readonly no: Syntax;
          }
        | { readonly op: 'list'; readonly items: readonly Syntax[] }
      ));

const parser = new Environment({
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH, maxListElements: MAX_LIST_LENGTH },
});

/** Parses `source`. @throws Fault EXPR_SYNTAX, EXPR_LIMIT or EXPR_NUMBER. */
export function parseSyntax(source: string): Syntax {
  if (source.length > MAX_SOURCE_LENGTH) {
    throw new Fault(
      diagnose('EXPR_LIMIT', `The expression is longer than ${MAX_SOURCE_LENGTH} characters.`, {
        start: MAX_SOURCE_LENGTH,
        end: source.length,
      }),
    );
  }
  let tree: ASTNode;
  try {
    tree = parser.parse(source).ast;
  } catch (error) {
    throw syntaxFault(source, error);
  }
  return convert(tree, { source, depth: 0 });
}

interface Place {
  readonly source: string;
  readonly depth: number;
}

function convert(node: ASTNode, outer: Place): Syntax {
  const span = { start: node.start, end: node.end };
  const place = { source: outer.source, depth: outer.depth + 1 };
  if (place.depth > MAX_DEPTH) {
    throw new Fault(diagnose('EXPR_LIMIT', `The expression is nested deeper than ${MAX_DEPTH}.`, span));
  }
  const child = (inner: ASTNode): Syntax => convert(inner, place);
  switch (node.op) {
    case 'value':
      return { op: 'literal', value: literalValue(node.args, span), ...span };
    case 'id':
      return { op: 'name', name: node.args, ...span };
    case '.': {
      const nameSpan = { start: node.pos, end: node.end };
      return { op: 'member', object: child(node.args[0]), name: node.args[1], nameSpan, ...span };
    }
    case '[]':
      return { op: 'index', object: child(node.args[0]), key: child(node.args[1]), ...span };
    case '!_':
      return { op: 'not', operand: child(node.args), ...span };
    case '-_':
      return { op: 'negate', operand: child(node.args), ...span };
    case '&&':
      return { op: 'and', left: child(node.args[0]), right: child(node.args[1]), ...span };
    case '||':
      return { op: 'or', left: child(node.args[0]), right: child(node.args[1]), ...span };
    case '?:': {
      const [condition, yes, no] = node.args;
      return { op: 'conditional', condition: child(condition), yes: child(yes), no: child(no), ...span };
    }
    case 'list':
      return { op: 'list', items: node.args.map(child), ...span };
    case 'call': {
      const [name, args] = node.args;
      const nameSpan = { start: node.start, end: node.start + name.length };
      return { op: 'call', name, nameSpan, receiver: null, args: args.map(child), ...span };
    }
    case 'rcall': {
      const [name, receiver, args] = node.args;
      const start = Math.max(place.source.indexOf(name, receiver.end), 0);
      const nameSpan = { start, end: start + name.length };
      return { op: 'call', name, nameSpan, receiver: child(receiver), args: args.map(child), ...span };
    }
    case 'map':
    case '.?':
    case '[?]':
      throw new Fault(diagnose('EXPR_SYNTAX', 'Maps and optional access are not part of the dialect.', span));
    default:
      return {
        op: 'binary',
        operator: node.op,
        left: child(node.args[0]),
        right: child(node.args[1]),
        ...span,
      };
  }
}

function literalValue(value: unknown, span: Span): null | boolean | number | string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new Fault(
      diagnose(
        'EXPR_NUMBER',
        'Whole numbers beyond 2^53 cannot be kept exactly; write identifiers as strings.',
        span,
      ),
    );
  }
  const what = value instanceof Uint8Array ? 'Bytes' : 'Unsigned numbers';
  throw new Fault(
    diagnose(
      'EXPR_SYNTAX',
      `${what} are not part of the dialect; write ${value instanceof Uint8Array ? '"text"' : 'the number without u'}.`,
      span,
    ),
  );
}
