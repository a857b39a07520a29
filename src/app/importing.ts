// Import: files of somebody else's tables through a mapping to CloudEvents.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openLines, StreamLines, type LineWriter } from '../adapters/tabular/output.js';
import { fileBytes, openTable } from '../adapters/tabular/tabular.js';
import { CodedError } from '../events/coded-error.js';
import { RowImport } from '../pipeline/importing.js';
import { parseMapping, type Mapping } from '../pipeline/mapping/parse.js';
import { fileOut } from './backtest-input.js';
import { InvalidFiles } from './invalid-files.js';

const MAX_MAPPING_BYTES = 1_048_576;

export interface ImportRequest {
  readonly mapping: string;
  /** Paths of tables; `-` is standard input. */
  readonly files: readonly string[];
  /** Standard output where it is left out or `-`. */
  readonly out?: string | undefined;
  /** Beside `out` where it is left out; nowhere where the events go to standard output. */
  readonly rejects?: string | undefined;
}

export interface ImportResult {
  readonly rows: RowImport;
  readonly out: string | undefined;
  readonly rejects: string | undefined;
}

/**
 * Runs an import to its end. Bad rows never stop it; they go to the file of rejects.
 * Throws CodedError (FILE_READ, FILE_WRITE, IMPORT_FORMAT, USAGE) and InvalidFiles for a faulty mapping.
 */
export async function importTables(given: ImportRequest): Promise<ImportResult> {
  const request = { ...given, out: fileOut(given.out) };
  const { mapping, text } = await readMapping(request.mapping);
  const rejectsPath = request.rejects ?? besideOut(request.out);
  refuseOverlap(request, rejectsPath);
  const out =
    request.out === undefined ? new StreamLines(process.stdout) : await openLines(request.out, false);
  const rows = new RowImport(mapping.map);
  const opened: LineWriter[] = [out];
  try {
    const rejects = rejectsPath === undefined ? undefined : await openLines(rejectsPath, true);
    if (rejects !== undefined) opened.push(rejects);
    for (const file of request.files) await importTable(file, mapping, text, rows, out, rejects);
    for (const writer of opened) await writer.close();
  } catch (error) {
    for (const writer of opened) await writer.abandon();
    throw error;
  }
  return { rows, out: request.out, rejects: rejectsPath };
}

/** Throws CodedError IMPORT_REJECTS where a row, or a cell of one, was rejected. */
export function refuseRejects({ rows }: ImportResult): void {
  if (rows.rejected > 0)
    throw new CodedError('IMPORT_REJECTS', `${rows.rejected} rejects in ${rows.rows} rows.`);
}

async function importTable(
  file: string,
  mapping: Mapping,
  mappingText: string,
  rows: RowImport,
  out: LineWriter,
  rejects: LineWriter | undefined,
): Promise<void> {
  const table = await openTable(fileBytes(file), mapping.table, file);
  if (table.columns !== undefined) {
    const missing = mapping.missingColumns(table.columns);
    if (missing.length > 0) throw new InvalidFiles(missing, () => mappingText);
  }
  for await (const batch of table.batches()) {
    for (const read of batch) {
      for (const imported of rows.take(read, file)) {
        const waiting =
          imported.kind === 'event'
            ? out.write(JSON.stringify(imported.event))
            : rejects?.write(JSON.stringify(imported.reject));
        if (waiting !== undefined) await waiting;
      }
    }
  }
}

/** Throws CodedError FILE_READ, and InvalidFiles for a faulty mapping. */
export async function readMapping(path: string): Promise<{ mapping: Mapping; text: string }> {
  const text = await readText(path);
  const parsed = parseMapping(text, path);
  if (!parsed.ok) throw new InvalidFiles(parsed.diagnostics, () => text);
  return { mapping: parsed.mapping, text };
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_MAPPING_BYTES)
      throw new CodedError('FILE_READ', `${path}: over ${MAX_MAPPING_BYTES} bytes.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError(
      'FILE_READ',
      `${path}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

/** `events.ndjson.gz` to `events.rejects.ndjson`. */
function besideOut(out: string | undefined): string | undefined {
  return out === undefined
    ? undefined
    : `${out.replace(/(?:\.(?:ndjson|jsonl|json))?(?:\.gz)?$/, '')}.rejects.ndjson`;
}

function refuseOverlap(request: ImportRequest, rejects: string | undefined): void {
  const stdins = request.files.filter((file) => file === '-').length;
  if (stdins > 1) throw new CodedError('USAGE', 'Standard input (-) can be read once.');
  const inputs = new Set([request.mapping, ...request.files].map((file) => resolve(file)));
  const outputs = [request.out, rejects].filter((path) => path !== undefined).map((path) => resolve(path));
  if (outputs.some((path) => inputs.has(path)) || new Set(outputs).size < outputs.length) {
    throw new CodedError('USAGE', 'Events, rejects and inputs are different files.');
  }
}
