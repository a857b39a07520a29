// Queries of dashboards as Grafana sends them: variables and macros of its ClickHouse datasource, put in their places.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Below the folder of the project, in which tests and benchmarks run. */
const FOLDER = 'dashboards/queries';
const ALL = '$__all';

/** What a dashboard is asked for. */
export interface Asked {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Width of an interval of the panel, seconds. */
  readonly interval?: number;
  /** By variable, what is chosen; a variable without an entry stands at "All". */
  readonly chosen?: Readonly<Record<string, string | readonly string[]>>;
}

/** The names of all queries, as `dashboard/name`. */
export function queryNames(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(FOLDER, name)).map((file) => `${name}/${file.replace(/\.sql$/, '')}`),
    )
    .sort();
}

/** The text of a query. */
export function queryText(name: string): string {
  return readFileSync(join(FOLDER, `${name}.sql`), 'utf8');
}

/** The columns that the first line of a query names. @throws Error where it names none */
export function columnsOf(text: string): string[] {
  const named = /^-- .+\? .*Columns: ([\w, ]+)\.\n/.exec(text)?.[1];
  if (named === undefined) throw new Error(`the first line must ask a question and name columns: ${text}`);
  return named.split(', ');
}

/**
 * The SQL that reaches the warehouse. In the order of the datasource: conditions on variables that stand at "All" are
 * dropped, then variables are put in, then macros of time.
 * @throws Error for a macro or a format of a variable that is not known here
 */
export function render(text: string, { from, to, interval = 3_600, chosen = {} }: Asked): string {
  const conditioned = conditions(text.replace(/^--.*\n/, ''), chosen);
  const filled = conditioned.replace(/\$\{(\w+):(\w+)\}/g, (_, name: string, format: string) =>
    formatted(chosen[name] ?? ALL, format),
  );
  const [start, end] = [from, to].map((ms) => `toDateTime(${Math.floor(ms / 1000)})`);
  const timed = filled
    .replace(/\$__timeFilter\((\w+)\)/g, `$1 >= ${start} AND $1 <= ${end}`)
    .replace(/\$__timeInterval\((\w+)\)/g, `toStartOfInterval(toDateTime($1), INTERVAL ${interval} second)`)
    .replaceAll('$__fromTime', String(start))
    .replaceAll('$__toTime', String(end));
  const left = /\$[\w{]+/.exec(timed);
  if (left !== null) throw new Error(`not known here: ${left[0]}`);
  return timed;
}

/** `$__conditionalAll(condition, $variable)`: the condition, or 1=1 where the variable stands at "All". */
function conditions(text: string, chosen: NonNullable<Asked['chosen']>): string {
  const macro = '$__conditionalAll(';
  let rest = text;
  for (let at = rest.lastIndexOf(macro); at >= 0; at = rest.lastIndexOf(macro)) {
    const { parts, end } = argumentsAt(rest, at + macro.length);
    const [condition = '', variable = ''] = parts;
    const name = /^\s*\$(\w+)$/.exec(variable)?.[1];
    if (parts.length !== 2 || name === undefined)
      throw new Error(`a condition and a variable: ${parts.join()}`);
    rest = `${rest.slice(0, at)}${chosen[name] === undefined ? '1=1' : condition}${rest.slice(end)}`;
  }
  return rest;
}

/** Arguments as the datasource parts them: by commas outside brackets, quotes or none. */
function argumentsAt(text: string, from: number): { parts: string[]; end: number } {
  const parts: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === '(') depth++;
    if ((sign === ',' || sign === ')') && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
      if (sign === ')') return { parts, end: at + 1 };
    }
    if (sign === ')') depth--;
  }
  throw new Error('a macro without an end');
}

/** A value in a format of Grafana's; this one leaves only letters, digits and -_.~%. */
function formatted(value: string | readonly string[], format: string): string {
  if (format !== 'percentencode') throw new Error(`the format ${format} is not safe in ClickHouse`);
  const text = typeof value === 'string' ? value : `{${value.join(',')}}`;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
