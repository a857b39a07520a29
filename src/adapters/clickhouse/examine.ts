// Whether ClickHouse is as the warehouse needs it: settings it knows, what this user may do, tables, room, clock.
import { randomBytes } from 'node:crypto';
import type { Finding } from '../../ports/finding.js';
import { CLICKHOUSE_SCHEMA, type ClickHouseInput } from './config.js';
import { WarehouseError } from './failure.js';
import { pendingMigrations } from './migrate.js';
import { isChanging } from './removing.js';
import { openWarehouse, type OpenWarehouse } from './warehouse.js';

const SKEW_WARNING_MS = 1_000;
const SKEW_ERROR_MS = 10_000;
const DISK_WARNING = 0.1;

/** What inserts and tables rely on; a server without one of them is too old. */
const SETTINGS = ['insert_deduplication_token', 'deduplicate_blocks_in_dependent_materialized_views'];
const TABLE_SETTINGS = ['non_replicated_deduplication_window', 'fsync_after_insert', 'fsync_part_directory'];

export interface WarehouseExamination {
  /** The folder with NNN_name.sql. */
  readonly migrations: string;
  /** Epoch ms of this machine. */
  readonly now: () => number;
}

/**
 * Looks at the server, and makes and drops a table to see whether it may, and whether a block sent twice counts once.
 * @throws ZodError where the settings are not those of a connection
 */
export async function examineClickHouse(
  input: ClickHouseInput,
  { migrations, now }: WarehouseExamination,
): Promise<Finding[]> {
  const settings = CLICKHOUSE_SCHEMA.parse(input);
  // The database of the warehouse may not be there yet; this one always is.
  const system = openWarehouse({ ...settings, database: 'system' });
  try {
    const findings = [...(await serverFindings(system, now)), ...(await diskFindings(system))];
    const { database, cluster } = settings;
    if (cluster !== undefined) findings.push(...(await clusterFindings(system, cluster)));
    const isThere = await hasDatabase(system, database);
    if (isThere) return [...findings, ...(await databaseFindings(settings, migrations))];
    const found = 'there is none, or this user may not see it; the first start makes it';
    const fix = `CREATE DATABASE ${database}; GRANT ALL ON ${database}.* TO ${settings.username}`;
    return [...findings, { about: `database ${database}`, level: 'warning', found, fix }];
  } catch (error) {
    return [failureFinding('server', error)];
  } finally {
    await system.close();
  }
}

async function hasDatabase(system: OpenWarehouse, name: string): Promise<boolean> {
  const rows = await system.query('SELECT name FROM system.databases WHERE name = {name:String}', { name });
  return rows.length > 0;
}

async function serverFindings(system: OpenWarehouse, now: () => number): Promise<Finding[]> {
  const before = now();
  const [row] = await system.query('SELECT version() AS version, toUnixTimestamp64Milli(now64(3)) AS clock');
  const after = now();
  const skew = Math.round(Math.abs(Number(row?.['clock']) - (before + after) / 2));
  const level = skew < SKEW_WARNING_MS ? 'ok' : skew < SKEW_ERROR_MS ? 'warning' : 'error';
  const clock = `${skew} ms apart from this machine, asked within ${Math.round(after - before)} ms`;
  const right = {
    expected: `less than ${SKEW_WARNING_MS} ms`,
    fix: 'chronyc makestep, on whichever is wrong',
  };
  const known = await system.query(
    `SELECT name FROM system.settings WHERE name IN {settings:Array(String)}
     UNION ALL SELECT name FROM system.merge_tree_settings WHERE name IN {tables:Array(String)}`,
    { settings: SETTINGS, tables: TABLE_SETTINGS },
  );
  const names = new Set(known.map(({ name }) => name));
  const unknown = [...SETTINGS, ...TABLE_SETTINGS].filter((name) => !names.has(name));
  const version = String(row?.['version']);
  return [
    unknown.length === 0
      ? { about: 'version', level: 'ok', found: version }
      : {
          about: 'version',
          level: 'error',
          found: `${version} does not know ${unknown.join(', ')}`,
          fix: 'update the server',
        },
    { about: 'clock', level, found: clock, ...(level === 'ok' ? {} : right) },
  ];
}

async function diskFindings(system: OpenWarehouse): Promise<Finding[]> {
  const rows = await system
    .query('SELECT name, free_space AS free, total_space AS total FROM system.disks')
    .catch((error: unknown) => {
      if (error instanceof WarehouseError && error.code === 'WAREHOUSE_REFUSED') return [];
      throw error;
    });
  return rows.map((row): Finding => {
    const [free, total] = [Number(row['free']), Number(row['total'])];
    const found = `${gigabytes(free)} of ${gigabytes(total)} are free`;
    const about = `disk ${String(row['name'])}`;
    if (total === 0 || free / total >= DISK_WARNING) return { about, level: 'ok', found };
    const expected = `at least ${DISK_WARNING * 100} %`;
    return { about, level: 'warning', found, expected, fix: 'free room, or add a disk' };
  });
}

/** Whether the server knows the cluster, and what tells one replica from the other in the paths of its tables. */
async function clusterFindings(system: OpenWarehouse, name: string): Promise<Finding[]> {
  const about = `cluster ${name}`;
  const [row] = await system.query(
    `SELECT count() AS replicas, uniqExact(shard_num) AS shards,
       (SELECT count() FROM system.macros WHERE macro IN ('shard', 'replica')) AS macros
     FROM system.clusters WHERE cluster = {name:String}`,
    { name },
  );
  const [replicas, shards, macros] = ['replicas', 'shards', 'macros'].map((one) => Number(row?.[one]));
  if (replicas === 0) {
    const fix = `<remote_servers><${name}>...</${name}></remote_servers>, in the configuration of each server`;
    return [{ about, level: 'error', found: 'the server knows no cluster of this name', fix }];
  }
  const found = `${shards} shards, ${replicas} replicas`;
  if (macros === 2) return [{ about, level: 'ok', found }];
  const fix = '<macros><shard>..</shard><replica>..</replica></macros>, in the configuration of each server';
  return [{ about, level: 'error', found: `${found}, without the macros {shard} and {replica}`, fix }];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1_073_741_824).toFixed(1)} GiB`;
}

async function databaseFindings(settings: ClickHouseInput, directory: string): Promise<Finding[]> {
  const warehouse = openWarehouse(settings);
  try {
    return [
      await tableFinding(warehouse, settings),
      await migrationFinding(warehouse, directory),
      await changesFinding(warehouse, settings),
    ];
  } finally {
    await warehouse.close();
  }
}

/** Makes a table as those of the warehouse are, sends a block twice, and drops it. */
async function tableFinding(
  warehouse: OpenWarehouse,
  { database = '', username = '' }: ClickHouseInput,
): Promise<Finding> {
  const about = 'tables';
  const table = `doctor_${randomBytes(8).toString('hex')}`;
  try {
    await warehouse.command(
      `CREATE TABLE ${table} (one UInt8) ENGINE = MergeTree ORDER BY one
       SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1`,
      'making a table',
    );
  } catch (error) {
    const fix = `GRANT ALL ON ${database}.* TO ${username}`;
    return { ...failureFinding(about, error), fix };
  }
  try {
    for (const _ of [1, 2]) await warehouse.insert(table, 'twice', [{ one: 1 }]);
    const [row] = await warehouse.query(`SELECT count() AS total FROM ${table}`);
    const total = Number(row?.['total']);
    if (total === 1)
      return { about, level: 'ok', found: 'may be made and filled; a block sent twice counts once' };
    const found = `a block that was sent twice counts ${total} times`;
    return { about, level: 'error', found, expected: 'once', fix: 'insert_deduplicate = 1, for this user' };
  } catch (error) {
    return failureFinding(about, error);
  } finally {
    await warehouse.command(`DROP TABLE IF EXISTS ${table}`, 'dropping a table').catch(() => undefined);
  }
}

async function migrationFinding(warehouse: OpenWarehouse, directory: string): Promise<Finding> {
  const about = 'migrations';
  try {
    const pending = await pendingMigrations(warehouse, directory);
    if (pending.length === 0) return { about, level: 'ok', found: 'all are applied' };
    const names = pending.map(({ number, name }) => `${String(number).padStart(3, '0')}_${name}`);
    return { about, level: 'warning', found: `the next start applies ${names.join(', ')}` };
  } catch (error) {
    return failureFinding(about, error);
  }
}

/** Whether it may see how far a server is with events that go at the end of their term, and whether one cannot do it. */
async function changesFinding(warehouse: OpenWarehouse, settings: ClickHouseInput): Promise<Finding> {
  const about = 'events that go';
  try {
    const isGoing = await isChanging(warehouse, CLICKHOUSE_SCHEMA.parse(settings));
    return { about, level: 'ok', found: isGoing ? 'the server is at it' : 'the server is done' };
  } catch (error) {
    const { username = '', cluster } = settings;
    const remote = cluster === undefined ? '' : ` GRANT REMOTE ON *.* TO ${username};`;
    const fix = `GRANT SELECT ON system.mutations TO ${username};${remote} or what the message says`;
    return { ...failureFinding(about, error), fix };
  }
}

/** What a failed call tells; the texts of this folder's errors hold no values. */
function failureFinding(about: string, error: unknown): Finding {
  if (!(error instanceof WarehouseError)) throw error;
  const { cause } = error as { cause?: { code?: unknown; type?: unknown } };
  // A server has a name for each of its numbers.
  const names = [cause?.type, cause?.code, error.code];
  const fault = names.find((name) => typeof name === 'string' && name !== '') as string;
  return { about, level: 'error', found: error.message, fault };
}
