// Brings the tables of a warehouse up to this build: the files of infra/clickhouse, in order, once each.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clustered, everywhere, type ClusterPlace } from './clustered.js';
import { CLICKHOUSE_SCHEMA, type ClickHouseInput } from './config.js';
import { WarehouseError } from './failure.js';
import { createDatabase, openWarehouse, type OpenWarehouse } from './warehouse.js';

export interface Migration {
  readonly number: number;
  readonly name: string;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  readonly statements: readonly string[];
}

const FILE = /^(\d{3})_([a-z0-9_]{1,64})\.sql$/;
const FILE_BYTES = 1024 * 1024;

const OWN_TABLE = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number UInt32,
    name String,
    sha256 String,
    applied DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY number
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`;

/**
 * Applies what is missing. Killed in the middle, the next run repeats the statements of the file it was at:
 * each of them is idempotent. Several processes may run it at once.
 * @param options as of openWarehouse; the database is made if need be
 * @param directory the folder with NNN_name.sql
 * @param signal breaks off what is under way, however long the server does not answer
 * @returns the numbers applied now
 * @throws WarehouseError WAREHOUSE_MIGRATION for a file that was changed after it was applied, a gap in the
 *   numbers, or a warehouse that a newer build has migrated
 */
export async function migrate(
  options: ClickHouseInput,
  directory: string,
  signal?: AbortSignal,
): Promise<number[]> {
  const settings = CLICKHOUSE_SCHEMA.parse(options);
  const migrations = await readMigrations(directory);
  await createDatabase(settings, signal);
  const warehouse = openWarehouse(settings);
  signal?.addEventListener('abort', () => void warehouse.close());
  try {
    const { cluster, database } = settings;
    const place = cluster === undefined ? null : { cluster, database };
    await warehouse.command(place === null ? OWN_TABLE : everywhere(OWN_TABLE.trim(), place));
    const applied = await appliedOf(warehouse);
    check(migrations, applied);
    const missing = migrations.filter((migration) => !applied.has(migration.number));
    for (const migration of missing) await apply(warehouse, migration, place);
    return missing.map((migration) => migration.number);
  } finally {
    await warehouse.close();
  }
}

/**
 * The migrations that a warehouse does not have yet; nothing is changed.
 * @throws WarehouseError as `migrate`
 */
export async function pendingMigrations(warehouse: OpenWarehouse, directory: string): Promise<Migration[]> {
  const migrations = await readMigrations(directory);
  const [own] = await warehouse.query(
    "SELECT count() AS tables FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'",
  );
  if (Number(own?.['tables']) === 0) return migrations;
  const applied = await appliedOf(warehouse);
  check(migrations, applied);
  return migrations.filter(({ number }) => !applied.has(number));
}

/**
 * Reads the migrations of a folder, in order.
 * @throws WarehouseError WAREHOUSE_MIGRATION where the numbers are not 1, 2, 3 ... or a name is none
 */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw fault(`the folder ${directory} cannot be read: ${error instanceof Error ? error.message : ''}`);
  });
  const migrations: Migration[] = [];
  for (const file of names.filter((name) => name.endsWith('.sql')).sort()) {
    const match = FILE.exec(file);
    if (match === null) throw fault(`${file} is not named NNN_name.sql.`);
    const number = Number(match[1]);
    if (number !== migrations.length + 1) {
      throw fault(`${file} follows number ${migrations.length}; numbers go up by one from 001.`);
    }
    const bytes = await readFile(join(directory, file));
    if (bytes.length > FILE_BYTES) throw fault(`${file} is over ${FILE_BYTES} bytes.`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    migrations.push({
      number,
      name: match[2] ?? '',
      sha256,
      statements: statementsOf(bytes.toString('utf8')),
    });
  }
  if (migrations.length === 0) throw fault(`the folder ${directory} has no NNN_name.sql.`);
  return migrations;
}

/** The statements of a file: lines of comment dropped, each ended by a semicolon at the end of a line. */
export function statementsOf(sql: string): string[] {
  const lines = sql.split(/\r?\n/).filter((line) => !line.trimStart().startsWith('--'));
  return lines
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

async function apply(
  warehouse: OpenWarehouse,
  { number, name, sha256, statements }: Migration,
  place: ClusterPlace | null,
): Promise<void> {
  const given = place === null ? statements : statements.flatMap((one) => clustered(one, place));
  for (const statement of given) await warehouse.command(statement, `migration ${number}_${name}`);
  await warehouse.insert('schema_migrations', `migration-${number}-${sha256}`, [{ number, name, sha256 }]);
}

async function appliedOf(warehouse: OpenWarehouse): Promise<Map<number, string>> {
  const rows = await warehouse.query('SELECT number, sha256 FROM schema_migrations ORDER BY number, applied');
  return new Map(rows.map((row) => [Number(row['number']), String(row['sha256'])]));
}

function check(migrations: readonly Migration[], applied: ReadonlyMap<number, string>): void {
  for (const [number, sha256] of applied) {
    const migration = migrations[number - 1];
    if (migration === undefined) {
      throw fault(`number ${number} was applied by a newer build; start that build.`);
    }
    if (migration.sha256 !== sha256) {
      throw fault(
        `${migration.name} (number ${number}) was changed after it was applied; ` +
          'restore the file and put the change into a new one.',
      );
    }
  }
}

function fault(detail: string): WarehouseError {
  return new WarehouseError('WAREHOUSE_MIGRATION', detail, false);
}
