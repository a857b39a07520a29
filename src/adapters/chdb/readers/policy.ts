// What a foreign query may be: a SELECT, or a look at the schema, over the tables of one database and nothing else.
//
// SET readonly = 1 alone does not do: under it chDB 26.7 still reads files with the function file(), opens connections
// for s3(), and kills queries. So the syntax tree is gone through, and what is not known to be harmless is refused.
import { refusal } from '../failure.js';
import { literal } from '../statement.js';
import type { Vocabulary } from './vocabulary.js';

/** Nodes of EXPLAIN AST that hold nothing but what their children say. `Function` and the identifiers are looked at. */
const NODES = new Set([
  'ArrayJoin',
  'Asterisk',
  'ColumnsExceptTransformer',
  'ColumnsListMatcher',
  'ColumnsRegexpMatcher',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'ColumnsTransformerList',
  'DescribeQuery',
  'ExpressionList',
  'Function',
  'Identifier',
  'InterpolateElement',
  'Literal',
  'OrderByElement',
  'QualifiedAsterisk',
  'QualifiedColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'SampleRatio',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'SelectWithUnionQuery',
  'ShowTables',
  'Subquery',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'WindowDefinition',
  'WindowListElement',
  'WithElement',
]);

const ROOTS = new Set(['SelectWithUnionQuery', 'DescribeQuery', 'ShowTables']);
const TABLE_FUNCTIONS = new Set(['numbers', 'generateSeries', 'generate_series']);
const QUOTED = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*"/.source;
const PARAMETER = /\{[A-Za-z_][A-Za-z0-9_]*:([^{}]*)\}/.source;
/** Depth, kind, and for functions and identifiers the name. */
const NODE = /^( *)([A-Za-z:]+)(?: (\S+))?/;
const TABLE = /^[\p{L}\p{N}_.]+$/u;
const SHOW_TABLES = new RegExp(
  `^SHOW TABLES(?: FROM \\w+)?(?: (?:NOT )?I?LIKE (?:${QUOTED}))?(?: LIMIT \\d+)?$`,
);

/** What stands for a table of system: the columns that a query builder lists, of the one database. */
function schemaTables(database: string): ReadonlyMap<string, string> {
  const own = `database = ${literal(database)}`;
  return new Map([
    ['databases', `SELECT name, engine, comment FROM system.databases WHERE name = ${literal(database)}`],
    [
      'tables',
      'SELECT database, name, engine, is_temporary, metadata_modification_time, partition_key, sorting_key, ' +
        `primary_key, total_rows, total_bytes, comment FROM system.tables WHERE ${own}`,
    ],
    [
      'columns',
      'SELECT database, table, name, type, position, default_kind, comment, is_in_partition_key, ' +
        `is_in_sorting_key, is_in_primary_key FROM system.columns WHERE ${own}`,
    ],
    [
      'functions',
      'SELECT name, is_aggregate, case_insensitive, alias_to, origin, description, syntax, arguments, ' +
        'returned_value, examples, categories FROM system.functions',
    ],
  ]);
}

export class Policy {
  readonly #schema: ReadonlyMap<string, string>;

  /** @param database whose tables may be read */
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly database: string,
  ) {
    this.#schema = schemaTables(database);
  }

  /**
   * The statement that is run for a query.
   * @param canonical the query in canonical form, known to be no write
   * @param treeOf gives the syntax tree of a statement, as `Engine.tree`
   * @throws EngineError 497 for what readers may not do, with what that is
   */
  async statementFor(canonical: string, treeOf: (canonical: string) => Promise<string>): Promise<string> {
    if (canonical === 'SHOW DATABASES')
      return this.#schema.get('databases')?.replace(/, engine, comment/, '') ?? '';
    this.#check(canonical, await treeOf(withoutParameters(canonical)));
    return replaced(canonical, `(?<![\\w.])system\\.(${[...this.#schema.keys()].join('|')})\\b`, (name) => {
      return `(${this.#schema.get(name) ?? ''})`;
    });
  }

  #check(canonical: string, tree: string): void {
    checkQuotedNames(canonical);
    /** The nodes above a line, by their depth, which is how far the line is indented. */
    const path: Node[] = [];
    for (const line of tree.split('\n')) {
      const [, indent = '', kind = '', name = ''] = NODE.exec(line) ?? [];
      const depth = indent.length;
      if (kind === 'Set')
        throw refusal('READONLY', 'SETTINGS of a query cannot be changed in readonly mode.');
      if (!NODES.has(kind) || (depth === 0 && !ROOTS.has(kind))) {
        throw denied(`${kind === '' ? 'a statement of this form' : kind} is not available to readers`);
      }
      const parent = path[depth - 1]?.kind;
      if (kind === 'Function') this.#checkFunction(name, parent === 'TableExpression');
      else if (kind === 'TableIdentifier') this.#checkTable(name);
      else if (kind === 'Identifier') this.#checkIdentifier(name, path[depth - 2]);
      else if (kind === 'ShowTables') this.#checkShow(canonical, tree);
      path[depth] = { kind, name };
    }
  }

  #checkFunction(name: string, isTable: boolean): void {
    if (isTable ? TABLE_FUNCTIONS.has(name) : this.vocabulary.allows(name)) return;
    throw denied(`the ${isTable ? 'table ' : ''}function ${name} is not available to readers`);
  }

  /** Of a table without a database, or of a common table expression; or of the one database; or of its schema. */
  #checkTable(name: string): void {
    // Elsewhere chDB takes the path of a file for a table.
    if (!TABLE.test(name)) throw denied(`${name} is no name of a table`);
    const [first = '', second, ...more] = name.split('.');
    if (more.length === 0 && (second === undefined || first === this.database)) return;
    if (more.length === 0 && first === 'system' && this.#schema.has(second ?? '')) return;
    throw denied(`the table ${name} is not available to readers; they have those of ${this.database}`);
  }

  /** A column, mostly; but IN takes a table by its name, and a higher-order function a function. */
  #checkIdentifier(name: string, within: Node | undefined): void {
    if (/^(?:system|default|information_schema)\./i.test(name)) {
      throw denied(`${name} is not available to readers; name columns by the alias of their table`);
    }
    if (within?.kind === 'Function' && this.vocabulary.forbidsWithin(within.name, name)) {
      throw denied(`the function ${name} is not available to readers`);
    }
  }

  #checkShow(canonical: string, tree: string): void {
    const from = /^ Identifier (\S+)$/m.exec(tree)?.[1] ?? this.database;
    if (SHOW_TABLES.test(canonical) && from === this.database) return;
    throw denied(`of SHOW there are SHOW DATABASES and SHOW TABLES FROM ${this.database}`);
  }
}

/** One line of a tree. */
interface Node {
  readonly kind: string;
  readonly name: string;
}

/** A name that breaks the line would forge lines of the tree. */
function checkQuotedNames(canonical: string): void {
  for (const [quoted] of canonical.matchAll(new RegExp(QUOTED, 'g'))) {
    if (!quoted.startsWith("'") && /[\\\n]/.test(quoted))
      throw denied('a name has no line breaks or backslashes');
  }
}

/** The statement with a null in place of each parameter, whose values are not known when it is looked at. */
function withoutParameters(canonical: string): string {
  return replaced(canonical, PARAMETER, (type) => {
    if (/^\s*Identifier\s*$/i.test(type)) throw denied('a parameter cannot stand for a name');
    return 'NULL';
  });
}

/** Replaces what a pattern with one group finds outside quotes. */
function replaced(text: string, pattern: string, by: (group: string) => string): string {
  return text.replace(new RegExp(`${QUOTED}|${pattern}`, 'g'), (found, group?: string) =>
    group === undefined ? found : by(group),
  );
}

function denied(what: string): Error {
  return refusal('ACCESS_DENIED', `Not enough privileges: ${what}.`);
}
