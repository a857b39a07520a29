// Expressions over one row: plain CEL, whose texts and lists are bounded before it sees them.
import { Environment } from '@marcbachmann/cel-js';
import type { Json } from '../../events/event.js';
import { syntaxFault } from '../../model/expression/syntax-fault.js';
import type { Row } from '../../ports/rows.js';
import { RowFault } from './row-fault.js';

/** Longest cell that an expression may read. */
const MAX_CELL_CHARACTERS = 10_000;
const MAX_DEPTH = 20;
const LIMITS = {
  maxAstNodes: 300,
  maxDepth: 30,
  maxListElements: 200,
  maxMapEntries: 500,
  maxCallArguments: 10,
};

const ENVIRONMENT = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })
  .registerVariable('row', 'map<string, dyn>')
  .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
    from === '' ? text : text.split(from).join(to),
  );

export interface RowExpression {
  /** Columns that it names. */
  readonly columns: readonly { readonly name: string; readonly offset: number }[];
  readonly type: string;
  run(row: Row): Json | RowFault;
}

export type RowExpressionResult =
  | { readonly ok: true; readonly expression: RowExpression }
  | { readonly ok: false; readonly message: string; readonly offset: number; readonly expected?: string };

/** Parses and type-checks an expression that reads `row`. Never throws. */
export function compileRowExpression(source: string): RowExpressionResult {
  let parsed;
  try {
    parsed = ENVIRONMENT.parse(source);
  } catch (error) {
    const { message, start, expected } = syntaxFault(source, error).diagnostic;
    return { ok: false, message, offset: start, ...(expected === undefined ? {} : { expected }) };
  }
  try {
    const checked = parsed.check();
    if (!checked.valid) return refused(checked.error);
    const found = inspect(parsed.ast);
    if (found.matches !== undefined) {
      return {
        ok: false,
        offset: found.matches,
        message: 'matches() is not offered here; use pattern (RE2)',
      };
    }
    const names = found.columns.map((column) => column.name);
    return {
      ok: true,
      expression: {
        columns: found.columns,
        type: String(checked.type ?? 'dyn'),
        run: (row) => run(() => parsed({ row }) as unknown, row, names),
      },
    };
  } catch (error) {
    return refused(error);
  }
}

function run(evaluate: () => unknown, row: Row, names: readonly string[]): Json | RowFault {
  for (const name of names) {
    const cell = row[name];
    if (typeof cell === 'string' && cell.length > MAX_CELL_CHARACTERS) {
      return new RowFault('ROW_TOO_LARGE', `column ${name} is over ${MAX_CELL_CHARACTERS} characters`);
    }
  }
  try {
    return toJson(evaluate(), 0);
  } catch (error) {
    return new RowFault('ROW_EXPRESSION', firstLine(error));
  }
}

/** What CEL yields as JSON: whole numbers come as bigint, instants as Date. */
function toJson(value: unknown, depth: number): Json | RowFault {
  if (depth > MAX_DEPTH) return new RowFault('ROW_EXPRESSION', `the result is nested over ${MAX_DEPTH} deep`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') {
    const number = Number(value);
    if (Number.isFinite(number) && (typeof value === 'number' || Number.isSafeInteger(number))) return number;
    return new RowFault('EVENT_NUMBER', `the result ${String(value).slice(0, 40)} cannot be kept exactly`);
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return listToJson(value, depth);
  if (typeof value === 'object' && (value instanceof Map || isPlain(value)))
    return objectToJson(value, depth);
  return new RowFault('ROW_EXPRESSION', 'the result is neither text, number, bool, list nor map');
}

function listToJson(list: readonly unknown[], depth: number): Json | RowFault {
  const items: Json[] = [];
  for (const element of list) {
    const item = toJson(element, depth + 1);
    if (item instanceof RowFault) return item;
    items.push(item);
  }
  return items;
}

function objectToJson(object: object, depth: number): Json | RowFault {
  const entries: Iterable<[unknown, unknown]> = object instanceof Map ? object : Object.entries(object);
  const fields: [string, Json][] = [];
  for (const [name, element] of entries) {
    const item = toJson(element, depth + 1);
    if (item instanceof RowFault) return item;
    fields.push([String(name), item]);
  }
  return Object.fromEntries(fields);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

interface Found {
  columns: { name: string; offset: number }[];
  matches: number | undefined;
}

/** Walks the syntax tree for `row.name`, `row["name"]` and calls of `matches`. */
function inspect(ast: unknown): Found {
  const found: Found = { columns: [], matches: undefined };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (node !== null && typeof node === 'object' && 'op' in node && 'args' in node) {
      note(node as Node, found);
      visit(node.args);
    }
  };
  visit(ast);
  return found;
}

interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start?: number;
}

function note(node: Node, found: Found): void {
  const args = Array.isArray(node.args) ? (node.args as unknown[]) : [];
  const offset = node.start ?? 0;
  if ((node.op === 'rcall' || node.op === 'call') && args[0] === 'matches') found.matches ??= offset;
  const target = args[0] as Partial<Node> | undefined;
  if (target?.op !== 'id' || target.args !== 'row') return;
  const index = args[1] as Partial<Node> | string | undefined;
  if (node.op === '.' && typeof index === 'string') found.columns.push({ name: index, offset });
  if (
    node.op === '[]' &&
    typeof index === 'object' &&
    index.op === 'value' &&
    typeof index.args === 'string'
  ) {
    found.columns.push({ name: index.args, offset });
  }
}

function refused(error: unknown): RowExpressionResult {
  const range = (error as { range?: { start?: number } } | undefined)?.range;
  return { ok: false, message: firstLine(error), offset: range?.start ?? 0 };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').slice(0, 300);
}
