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

/**
 * What a rollup adds up to, however its parts are merged; beyond what a number here has exactly it begins anew. `since`
 * names the time of its rows where they go at the end of a term, so that only young ones are compared.
 */
interface Rollup {
  readonly table: string;
  readonly sum: string;
  readonly since?: string;
}

const RISK = 'penalties + inspections + complaints + judgments + listings + opinions + warnings';

const ROLLUPS: readonly Rollup[] = [
  ...['registry', 'profiles', 'cases', 'deadlines', 'events_by_key'].map((table) => ({ table, sum: 'sign' })),
  ...['events_per_day', 'subjects_by_place', 'subjects_by_domain', 'open_cases', 'open_deadlines'].map(
    (table) => ({ table, sum: 'total' }),
  ),
  ...['risk_by_subject', 'risk_by_region', 'risk_by_industry'].map((table) => ({ table, sum: RISK })),
  ...[
    ...['events_by_region', 'events_by_industry', 'events_by_domain', 'warnings_per_day'],
    ...['warnings_by_department', 'warnings_by_model', 'deadlines_per_day', 'deliveries_per_day'],
    'dead_letters_per_day',
  ].map((table) => ({ table, sum: 'total', since: 'day' })),
  { table: 'events_per_hour', sum: 'total', since: 'hour' },
  { table: 'readings_per_hour', sum: 'samples', since: 'hour' },
  { table: 'indicators_per_day', sum: 'samples', since: 'day' },
];

const DAY_MS = 86_400_000;
/** Rows so young are compared, and for so long: together less than the shortest term of a rollup, 190 days. */
const YOUNG_MS = 30 * DAY_MS;
const COMPARED_MS = 120 * DAY_MS;

/** Numbers by table. */
export type RowCounts = Readonly<Record<string, number>>;

/** What a copy of the database holds. */
export interface Held {
  /** Rows of each table that an archive fills. */
  readonly rows: RowCounts;
  /** What each rollup adds up to. */
  readonly sums: RowCounts;
}

const POLL_MS = 100;

/**
 * Copies the database into a folder that is not there yet, below the one that the engine allows.
 * @param path absolute
 * @param made when, epoch ms
 * @returns what it holds; nothing may be inserted meanwhile, so that it is what the copy holds
 * @throws WarehouseError
 */
export async function backUpDatabase(options: ClickHouseInput, path: string, made: number): Promise<Held> {
  const warehouse = openWarehouse(options);
  try {
    const held = await heldIn(warehouse, made, made);
    await carriedOut(warehouse, `BACKUP DATABASE ${databaseOf(options)} TO File(${literal(path)})`);
    return held;
  } finally {
    await warehouse.close();
  }
}

/**
 * Brings a copy into an engine that has no such database.
 * @param made when the copy was made, as `backUpDatabase` was told
 * @returns what it holds; rollups whose rows may have come to the end of their term by now are left out
 * @throws WarehouseError
 */
export async function restoreDatabase(
  options: ClickHouseInput,
  path: string,
  { made, now }: { readonly made: number; readonly now: number },
): Promise<Held> {
  const outside = openWarehouse({ ...options, database: 'default' });
  try {
    await carriedOut(outside, `RESTORE DATABASE ${databaseOf(options)} FROM File(${literal(path)})`);
  } finally {
    await outside.close();
  }
  const warehouse = openWarehouse(options);
  try {
    return await heldIn(warehouse, made, now);
  } finally {
    await warehouse.close();
  }
}

async function heldIn(warehouse: OpenWarehouse, made: number, now: number): Promise<Held> {
  // A data folder of an older build may lack some.
  const found = await warehouse.query('SELECT name FROM system.tables WHERE database = currentDatabase()');
  const there = new Set(found.map(({ name }) => String(name)));
  const rollups = ROLLUPS.filter(
    ({ table, since }) => there.has(table) && (since === undefined || now - made < COMPARED_MS),
  );
  return {
    rows: await numbersOf(
      warehouse,
      ARCHIVED.map((table) => [table, `SELECT count() FROM ${table}`]),
    ),
    sums: await numbersOf(
      warehouse,
      rollups.map(({ table, sum, since }) => [
        table,
        `SELECT toInt64(sum(${sum})) % ${Number.MAX_SAFE_INTEGER} FROM ${table}${young(since)}`,
      ]),
      made - YOUNG_MS,
    ),
  };
}

function young(column: string | undefined): string {
  return column === undefined
    ? ''
    : ` WHERE toDateTime64(${column}, 3, 'UTC') >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`;
}

async function numbersOf(
  warehouse: OpenWarehouse,
  asked: readonly (readonly [table: string, sql: string])[],
  since = 0,
): Promise<RowCounts> {
  if (asked.length === 0) return {};
  const [row = {}] = await warehouse.query(
    `SELECT ${asked.map(([table, sql]) => `(${sql}) AS ${table}`).join(', ')}`,
    { since },
  );
  return Object.fromEntries(asked.map(([table]) => [table, Number(row[table])]));
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
