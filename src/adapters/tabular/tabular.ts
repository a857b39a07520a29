// Tables as files: CSV, JSON and NDJSON, plain or gzip, read row by row with bounded memory.
import { CodedError } from '../../events/coded-error.js';
import type { Row, RowRead, TableFormat, TableReader } from '../../ports/rows.js';
import { CsvSplitter, type CsvRecord } from './csv.js';
import { readJsonObject } from './json-row.js';
import { JsonArraySplitter } from './json-array.js';
import { NdjsonSplitter } from './ndjson.js';
import { decodeText } from './text.js';

export { fileBytes } from './text.js';

const MAX_COLUMNS = 1_000;
/** What a wrong encoding leaves where it meets bytes that it does not know. */
const REPLACEMENT = '\ufffd';

/**
 * Opens a table: reads as far as the header, so that the columns are known before the first row.
 * @param bytes content of the file; gzip is recognised by its first two bytes.
 * @param name for messages.
 * Throws CodedError FILE_READ where reading fails and IMPORT_FORMAT where the file is no such table.
 */
export async function openTable(
  bytes: AsyncIterable<Uint8Array>,
  format: TableFormat,
  name: string,
): Promise<TableReader> {
  const texts = decodeText(bytes, format.encoding, name);
  if (format.format === 'csv') return openCsv(texts, format, name);
  const splitter = format.format === 'json' ? new JsonArraySplitter(name) : new NdjsonSplitter();
  return { columns: undefined, batches: () => split(texts, splitter) };
}

/** The lines of NDJSON as rows, each the object that it holds. @param name for messages; @throws CodedError FILE_READ */
export function objectLines(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncIterable<readonly RowRead[]> {
  return split(decodeText(bytes, 'utf-8', name), new NdjsonSplitter(readJsonObject));
}

/** Turns chunks of text into what they hold; keeps what a chunk leaves incomplete. */
interface Splitter<T> {
  push(text: string): T[];
  end(): T[];
}

async function* split(texts: AsyncIterable<string>, splitter: Splitter<RowRead>): AsyncGenerator<RowRead[]> {
  for await (const text of texts) yield splitter.push(text).map(refuseReplaced);
  yield splitter.end().map(refuseReplaced);
}

async function openCsv(
  texts: AsyncGenerator<string>,
  format: TableFormat,
  name: string,
): Promise<TableReader> {
  const records = csvRecords(texts, new CsvSplitter(format.delimiter));
  let pending: CsvRecord[] = [];
  let columns = format.columns;
  while (columns === undefined) {
    const next = await records.next();
    if (next.done === true)
      throw new CodedError('IMPORT_FORMAT', `${name} is empty; expected a header line.`);
    const [first, ...rest] = next.value;
    if (first === undefined) continue;
    columns = headerOf(first, name);
    pending = rest;
  }
  const header = columns;
  return {
    columns: header,
    batches: async function* () {
      yield pending.map((record) => rowOf(record, header));
      for await (const batch of records) yield batch.map((record) => rowOf(record, header));
    },
  };
}

async function* csvRecords(texts: AsyncIterable<string>, splitter: CsvSplitter): AsyncGenerator<CsvRecord[]> {
  for await (const text of texts) yield splitter.push(text);
  yield splitter.end();
}

/** Columns without a name are called by their number, `#7`. */
function headerOf(record: CsvRecord, name: string): string[] {
  if (!record.ok) throw new CodedError('IMPORT_FORMAT', `${name}: the header line cannot be read.`);
  const columns = record.cells.map((cell, index) => (cell.trim() === '' ? `#${index + 1}` : cell.trim()));
  if (columns.length > MAX_COLUMNS) {
    throw new CodedError('IMPORT_FORMAT', `${name} has over ${MAX_COLUMNS} columns; is the delimiter right?`);
  }
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) {
    throw new CodedError('IMPORT_FORMAT', `${name}: two columns are called ${JSON.stringify(twice)}.`);
  }
  if (columns.some((column) => column.includes(REPLACEMENT))) {
    throw new CodedError('IMPORT_FORMAT', `${name}: the header is not in the encoding of the mapping.`);
  }
  return columns;
}

function rowOf(record: CsvRecord, columns: readonly string[]): RowRead {
  if (!record.ok) return record;
  const { line, cells } = record;
  if (cells.length !== columns.length) {
    const message = `${cells.length} cells where the table has ${columns.length} columns`;
    return { ok: false, line, code: 'ROW_COLUMNS', message, raw: cells.join(' | ') };
  }
  const row = Object.create(null) as Record<string, string>;
  columns.forEach((column, index) => (row[column] = cells[index] ?? ''));
  return refuseReplaced({ ok: true, line, row });
}

function refuseReplaced(read: RowRead): RowRead {
  if (!read.ok || !holdsReplacement(read.row)) return read;
  const message = 'the row holds bytes that are not of the encoding';
  return { ok: false, line: read.line, code: 'ROW_ENCODING', message, raw: JSON.stringify(read.row) };
}

function holdsReplacement(row: Row): boolean {
  for (const column in row) {
    const cell = row[column];
    if (typeof cell === 'string' && cell.includes(REPLACEMENT)) return true;
  }
  return false;
}
