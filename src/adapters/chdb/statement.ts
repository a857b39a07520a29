// What a statement may do, read off its canonical form, and how values are written into SQL.
import { refusal } from './failure.js';

/** A read has a session of its own and runs read-only; writes run one at a time; an insert takes rows from the body. */
export type Plan =
  | { readonly kind: 'read' }
  | { readonly kind: 'write' }
  | { readonly kind: 'insert'; readonly format: string };

const WRITES = new Set([
  'INSERT',
  'CREATE',
  'ALTER',
  'DROP',
  'TRUNCATE',
  'RENAME',
  'OPTIMIZE',
  'EXCHANGE',
  'DELETE',
  'UPDATE',
  // Into and out of the one folder that the engine was opened with.
  'BACKUP',
  'RESTORE',
]);

/** Formats in which a row never holds a raw line break, so that the rows cannot be mistaken for a statement. */
const ROW_FORMATS = new Set(['JSONEachRow', 'JSONCompactEachRow']);

/**
 * Decides how a statement runs.
 * @param canonical the statement as ClickHouse's own formatter prints it on one line, comments gone
 * @throws EngineError for what the front does not do: files of the host, rows inside the statement, other formats
 */
export function planOf(canonical: string): Plan {
  const bare = bareOf(canonical);
  if (/\bINTO OUTFILE\b|\bFROM INFILE\b/.test(bare)) {
    throw refusal(
      'NOT_IMPLEMENTED',
      'INTO OUTFILE and FROM INFILE are not available here; use the response.',
    );
  }
  const first = firstWord(bare);
  if (!WRITES.has(first)) return { kind: 'read' };
  if (/^INSERT INTO (TABLE )?FUNCTION\b/.test(bare)) {
    throw refusal('NOT_IMPLEMENTED', 'Inserts go to tables, not to table functions.');
  }
  if (first !== 'INSERT' || /\bSELECT\b/.test(bare)) return { kind: 'write' };
  const format = / FORMAT (\w+)$/.exec(bare)?.[1];
  if (format === undefined || !ROW_FORMATS.has(format)) {
    throw refusal(
      'NOT_IMPLEMENTED',
      `An insert of rows takes FORMAT JSONEachRow and the rows in the body, not ${format ?? 'this form'}.`,
    );
  }
  return { kind: 'insert', format };
}

/** Whether a statement in canonical form changes rows or tables. */
export function isWrite(canonical: string): boolean {
  return WRITES.has(firstWord(bareOf(canonical)));
}

/** A statement in canonical form with a question mark for all that stands in quotes. */
function bareOf(canonical: string): string {
  return canonical.replace(/'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*"/g, '?');
}

function firstWord(bare: string): string {
  return /^\(*(\w+)/.exec(bare)?.[1]?.toUpperCase() ?? '';
}

/** A string as an SQL literal. */
export function literal(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
}

/** An identifier in back quotes. */
export function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

/** `SET a = 'x', b = 'y'`; every value is a literal. The names were checked when the request was read. */
export function setStatement(entries: ReadonlyMap<string, string>): string {
  return `SET ${[...entries].map(([name, value]) => `${name} = ${literal(value)}`).join(', ')}`;
}
