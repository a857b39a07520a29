import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, readMigrations, statementsOf } from '../../../src/adapters/clickhouse/migrate.js';
import { openWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import { eventRow, failureOf } from '../../contract/warehouse.js';
import {
  chdbRuns,
  MIGRATIONS,
  openTestWarehouse,
  temporaryFolder,
  type TestWarehouse,
} from '../../support/warehouse.js';

describe('migrations as files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are idempotent statements on durable tables that know a block by its token', async () => {
    for (const migration of await readMigrations(MIGRATIONS)) {
      expect(migration.statements.length).toBeGreaterThan(0);
      for (const statement of migration.statements) {
        expect(statement).toMatch(
          /^(CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE \w+ (MODIFY TTL|\w+ \w+ IF (NOT )?EXISTS)|INSERT INTO \w+ \([\w, ]+\) SETTINGS insert_deduplication_token = '[\w/]+'\nSELECT)\s/,
        );
        if (!statement.startsWith('CREATE TABLE')) continue;
        expect(statement).toContain('non_replicated_deduplication_window = 10000');
        expect(statement).toContain('fsync_after_insert = 1, fsync_part_directory = 1');
      }
    }
  });

  it('are split at a semicolon that ends a line, and nowhere else', () => {
    const sql = "-- one; two;\nSELECT ';' AS a;\n  -- three\nSELECT 'x;y',\n2 ; \r\n;\nSELECT 3";
    expect(statementsOf(sql)).toEqual(["SELECT ';' AS a", "SELECT 'x;y',\n2", 'SELECT 3']);
  });

  it('are refused where a number is missing, a name is none or there are none at all', async () => {
    expect((await failureOf(readMigrations(folder))).message).toContain('has no NNN_name.sql');
    expect((await failureOf(readMigrations(join(folder, 'nowhere')))).code).toBe('WAREHOUSE_MIGRATION');
    await writeFile(join(folder, '002_second.sql'), 'SELECT 1;\n');
    expect((await failureOf(readMigrations(folder))).message).toContain('002_second.sql follows number 0');
    await rm(join(folder, '002_second.sql'));
    await writeFile(join(folder, 'first.sql'), 'SELECT 1;\n');
    expect((await failureOf(readMigrations(folder))).message).toContain('first.sql is not named');
  });
});

describe.skipIf(!(await chdbRuns()))('migrations on chDB', () => {
  let under: TestWarehouse;
  let folder: string;
  beforeAll(async () => {
    under = await openTestWarehouse();
    folder = await temporaryFolder();
    await cp(MIGRATIONS, folder, { recursive: true });
  });
  afterAll(async () => {
    await under?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('leave single events of long ago, whose term alone ends them, and let totals of then go', async () => {
    const options = { ...under.options, database: 'ancient' };
    await migrate(options, MIGRATIONS);
    const warehouse = openWarehouse(options);
    try {
      await warehouse.insert('events', 'ancient', [eventRow(1, { time: Date.UTC(2010, 0, 1) })]);
      for (const table of ['events_by_key', 'events_by_region'])
        await warehouse.command(`OPTIMIZE TABLE ${table} FINAL`);
      const [row] = await warehouse.query(
        'SELECT (SELECT count() FROM events_by_key) AS single, (SELECT count() FROM events_by_region) AS totals',
      );
      expect(row).toEqual({ single: 1, totals: 0 });
    } finally {
      await warehouse.close();
    }
  });

  it('are applied once, in order, also by two processes at the same time', async () => {
    const files = await readMigrations(folder);
    const options = { ...under.options, database: 'together' };
    await Promise.all([migrate(options, folder), migrate(options, folder)]);
    expect(await migrate(options, folder)).toEqual([]);
    const warehouse = openWarehouse(options);
    const applied = await warehouse.query(
      'SELECT number, name, sha256 FROM schema_migrations ORDER BY number',
    );
    expect(applied).toEqual(files.map(({ number, name, sha256 }) => ({ number, name, sha256 })));
    await warehouse.close();
  });

  it('go on where a run was killed between two statements', async () => {
    const options = { ...under.options, database: 'killed' };
    const first = join(folder, '..', `${folder.split('/').pop() ?? ''}-cut`);
    await cp(MIGRATIONS, first, { recursive: true });
    const whole = await readFile(join(first, '001_events.sql'), 'utf8');
    await writeFile(
      join(first, '001_events.sql'),
      `${whole.slice(0, whole.indexOf('CREATE MATERIALIZED'))}\nNONSENSE;\n`,
    );
    const error = await failureOf(migrate(options, first));
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', clickhouseCode: 62 });
    expect(error.message).toContain('migration 1_events');
    expect(await migrate(options, folder)).toEqual(
      (await readMigrations(folder)).map(({ number }) => number),
    );
    await rm(first, { recursive: true, force: true });
  });

  it('are refused when a file was changed after it was applied, or is not known to this build', async () => {
    const options = { ...under.options, database: 'changed' };
    const count = (await migrate(options, folder)).length;
    const next = join(folder, `${String(count + 1).padStart(3, '0')}_further.sql`);
    await writeFile(next, 'CREATE TABLE IF NOT EXISTS further (n UInt8) ENGINE = MergeTree ORDER BY n;\n');
    expect(await migrate(options, folder)).toEqual([count + 1]);
    await writeFile(next, 'CREATE TABLE IF NOT EXISTS further (n UInt16) ENGINE = MergeTree ORDER BY n;\n');
    expect(await failureOf(migrate(options, folder))).toMatchObject({
      code: 'WAREHOUSE_MIGRATION',
      retriable: false,
    });
    await rm(next);
    const newer = await failureOf(migrate(options, folder));
    expect(newer.message).toContain('applied by a newer build');
  });
});
