// Copies of a whole database, as ClickHouse's BACKUP and RESTORE make and read them.
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseInput } from './config.js';
import { WarehouseError } from './failure.js';
import { openWarehouse, type OpenWarehouse } from './warehouse.js';

/** Tables whose rows are the records of a log, one way or another: nothing but the archives adds to them. */
const ARCHIVED = [
  'events',
  'gaps',
  'warnings',
  'deliveries',
  'actions',
  'dead_letters',
  'operator_alerts',
] as const;

/** Rows by table. */
export type RowCounts = Readonly<Record<string, number>>;

const POLL_MS = 100;

/**
 * Copies the database into a folder that is not there yet, below the one that the engine allows.
 * @param path absolute
 * @returns the rows of each table that an archive fills; nothing may be inserted meanwhile, so that they are those of
 *   the copy
 * @throws WarehouseError
 */
export async function backUpDatabase(options: ClickHouseInput, path: string): Promise<RowCounts> {
  const warehouse = openWarehouse(options);
  try {
    const rows = await rowsOf(warehouse);
    await carriedOut(warehouse, `BACKUP DATABASE ${databaseOf(options)} TO File(${literal(path)})`);
    return rows;
  } finally {
    await warehouse.close();
  }
}

/**
 * Brings a copy into an engine that has no such database.
 * @returns the rows of each table that an archive fills
 * @throws WarehouseError
 */
export async function restoreDatabase(options: ClickHouseInput, path: string): Promise<RowCounts> {
  const outside = openWarehouse({ ...options, database: 'default' });
  try {
    await carriedOut(outside, `RESTORE DATABASE ${databaseOf(options)} FROM File(${literal(path)})`);
  } finally {
    await outside.close();
  }
  const warehouse = openWarehouse(options);
  try {
    return await rowsOf(warehouse);
  } finally {
    await warehouse.close();
  }
}

async function rowsOf(warehouse: OpenWarehouse): Promise<RowCounts> {
  const counted = ARCHIVED.map((table) => `(SELECT count() FROM ${table}) AS ${table}`);
  const [row = {}] = await warehouse.query(`SELECT ${counted.join(', ')}`);
  return Object.fromEntries(ARCHIVED.map((table) => [table, Number(row[table])]));
}

/** Begun in the background and asked after: a large one takes longer than a request may. */
async function carriedOut(warehouse: OpenWarehouse, sql: string): Promise<void> {
  const path = sql.slice(sql.indexOf("File('"));
  await warehouse.command(`${sql} ASYNC`, 'a copy of the database');
  for (;;) {
    const [row] = await warehouse.query(
      'SELECT status, error FROM system.backups WHERE name = {name:String} ORDER BY start_time DESC LIMIT 1',
      { name: path },
    );
    const status = textOf(row?.['status']);
    if (status === 'BACKUP_CREATED' || status === 'RESTORED') return;
    if (status !== 'CREATING_BACKUP' && status !== 'RESTORING')
      throw new WarehouseError('WAREHOUSE_REQUEST', `${status} ${textOf(row?.['error'])}`.trim(), false);
    await delay(POLL_MS);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'the engine does not know of it any more';
}

function databaseOf({ database = 'fenghuo' }: ClickHouseInput): string {
  return database;
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
