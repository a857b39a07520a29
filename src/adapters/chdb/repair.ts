// What a kill leaves behind in the deduplication logs, mended before the first block is taken.
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifier, literal } from './statement.js';

/** Runs a statement on the opened data directory and returns rows as objects. */
export type Ask = (sql: string) => Promise<readonly { readonly [column: string]: unknown }[]>;

/*
 * A table with non_replicated_deduplication_window has deduplication_logs/deduplication_log_<number>.txt, a line
 * for each part: operation (1 added, 2 dropped), tab, part name, tab, block id. The engine writes the line, then
 * renames the part into place. Killed in between (seen with a SIGKILL at that rename), it would take the same block,
 * sent again, for one that it has: acknowledged and lost. So a last line without its part is cut off. So is half a
 * line, which a loss of power can leave, since the engine reads nothing that follows it.
 */
const LOG_FILE = /^deduplication_log_(\d+)\.txt$/;
const LINE = /^([12])\t(.+)_(\d+)_(\d+)_\d+(?:_\d+)?\t/;

/**
 * Mends every table. Nothing else may use the directory meanwhile.
 * @returns the tables whose log was cut, as `database.table`
 */
export async function repairDeduplication(ask: Ask): Promise<string[]> {
  const tables = await ask(
    'SELECT database, name, data_paths[1] AS path FROM system.tables ' +
      "WHERE engine LIKE '%MergeTree' AND database != 'system' ORDER BY database, name",
  );
  const mended: string[] = [];
  for (const { database, name, path } of tables) {
    const table = { database: String(database), name: String(name) };
    const log = await lastLog(join(String(path), 'deduplication_logs'));
    if (log === undefined) continue;
    const bytes = await readFile(log);
    const keep = await soundLength(bytes, table, ask);
    if (keep === bytes.length) continue;
    await cut(log, keep, `${identifier(table.database)}.${identifier(table.name)}`, ask);
    mended.push(`${table.database}.${table.name}`);
  }
  return mended;
}

async function lastLog(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const numbers = names.flatMap((name) => LOG_FILE.exec(name)?.[1] ?? []).map(Number);
  if (numbers.length === 0) return undefined;
  return join(folder, `deduplication_log_${Math.max(...numbers)}.txt`);
}

/** How much of the log can stay: without half a line at its end, and without a last line whose part is missing. */
async function soundLength(
  bytes: Buffer,
  table: { readonly database: string; readonly name: string },
  ask: Ask,
): Promise<number> {
  const whole = bytes.lastIndexOf('\n') + 1;
  const start = whole === 0 ? 0 : bytes.lastIndexOf('\n', whole - 2) + 1;
  const found = LINE.exec(bytes.subarray(start, whole).toString('utf8'));
  if (found === null || found[1] !== '1') return whole;
  const [, , partition = '', first = '', last = ''] = found;
  const [row] = await ask(
    `SELECT count() AS parts FROM system.parts WHERE database = ${literal(table.database)} ` +
      `AND table = ${literal(table.name)} AND partition_id = ${literal(partition)} ` +
      `AND min_block_number <= ${Number(first)} AND max_block_number >= ${Number(last)}`,
  );
  return Number(row?.['parts']) === 0 ? start : whole;
}

/** The engine holds the log in memory; detaching and attaching the table makes it read the file again. */
async function cut(file: string, length: number, table: string, ask: Ask): Promise<void> {
  await ask(`DETACH TABLE ${table} SYNC`);
  const handle = await open(file, 'r+');
  try {
    await handle.truncate(length);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await ask(`ATTACH TABLE ${table}`);
}
