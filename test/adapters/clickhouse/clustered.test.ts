// The migrations as a cluster gets them. There is no cluster here: the text is checked and parsed, and what hangs
// together in it is tried with the engines of one server in place of those of many.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clustered, everywhere } from '../../../src/adapters/clickhouse/clustered.js';
import { CLICKHOUSE_SCHEMA } from '../../../src/adapters/clickhouse/config.js';
import { readMigrations } from '../../../src/adapters/clickhouse/migrate.js';
import { createDatabase, openWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import { eventRow } from '../../contract/warehouse.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../../support/warehouse.js';

const place = { cluster: 'main-1', database: 'county' };
const statements = (await readMigrations(MIGRATIONS)).flatMap((migration) => migration.statements);
const generated = statements.flatMap((statement) => clustered(statement, place));

describe('migrations on a cluster', () => {
  it('make every table twice: replicated on each shard, and distributed over them by the partition of the log', () => {
    const tables = statements.flatMap(
      (statement) => /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement)?.[1] ?? [],
    );
    expect(tables).toContain('events');
    for (const table of tables) {
      const statement =
        statements.find((one) => one.startsWith(`CREATE TABLE IF NOT EXISTS ${table}\n`)) ?? '';
      const [local = '', over = ''] = [`${table}_local`, table].map((name) =>
        generated.find((one) =>
          one.startsWith(`CREATE TABLE IF NOT EXISTS county.${name} ON CLUSTER 'main-1'`),
        ),
      );
      const path = `'/clickhouse/tables/{shard}/county/${table}_local', '{replica}'`;
      const [, kind = '', sums] = /^ENGINE = (\w+)(?:\((.*)\))?$/m.exec(statement) ?? [];
      const engine = `${kind}(${[path, sums].filter((part) => part !== undefined).join(', ')})`;
      expect(local).toContain(`ENGINE = Replicated${engine}\n`);
      expect(local).toContain('SETTINGS replicated_deduplication_window = 10000');
      expect(local).toContain('replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1');
      expect(local).not.toContain('non_replicated');
      const order = /^ORDER BY \(?(.*?)\)?$/m.exec(statement)?.[1] ?? '';
      const by = /^ {4}partition UInt16/m.test(statement) ? ', partition' : `, cityHash64(${order})`;
      expect(over).toContain(
        `AS county.${table}_local\nENGINE = Distributed('main-1', 'county', '${table}_local'${by})`,
      );
    }
  });

  it('fill views from and to the tables of the same shard, and change both tables of one', () => {
    const feed = generated.find((one) => one.startsWith('CREATE MATERIALIZED VIEW')) ?? '';
    expect(feed).toContain(
      "county.events_per_day_feed ON CLUSTER 'main-1' TO county.events_per_day_local AS",
    );
    expect(feed).toContain('\nFROM county.events_local\n');
    const changes = generated.filter((one) => /^ALTER.* harm /.test(one)).map((one) => one.slice(0, 55));
    expect(changes).toEqual([
      "ALTER TABLE county.actions_local ON CLUSTER 'main-1' AD",
      "ALTER TABLE county.actions ON CLUSTER 'main-1' ADD COLU",
    ]);
  });

  it('end rows by a term where they lie alone', () => {
    const terms = generated.filter((one) => one.includes('MODIFY TTL')).map((one) => one.slice(0, 70));
    expect(terms).toEqual(["ALTER TABLE county.events_by_key_local ON CLUSTER 'main-1' MODIFY TTL "]);
  });

  it('are refused where a statement has no form for a cluster, and where the name of one is none', () => {
    for (const other of ['DROP TABLE events', 'CREATE TABLE IF NOT EXISTS a (b UInt8) ENGINE = Log']) {
      expect(() => clustered(other, place)).toThrow(expect.objectContaining({ code: 'WAREHOUSE_MIGRATION' }));
    }
    const given = { url: 'http://127.0.0.1:1', cluster: "main' SYNC" };
    expect(CLICKHOUSE_SCHEMA.safeParse(given).success).toBe(false);
  });
});

/** The same with the engines of one server: each shard is this server, and what is asked of all is asked of it. */
function onOneServer(statement: string): string {
  return statement
    .replace(/ ON CLUSTER '[^']*'/, '')
    .replace(/Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/, '$1(')
    .replace(
      /replicated_deduplication_window = 10000, replicated_\w+ = \d+/,
      'non_replicated_deduplication_window = 10000',
    )
    .replace(/Distributed\('[^']*', '([^']*)', '([^']*)'.*\)$/m, "Merge('$1', '^$2$$')")
    .replace(/^INSERT INTO (\S+) \(/, 'INSERT INTO $1_local (');
}

describe.skipIf(!(await chdbRuns()))('migrations on a cluster, as chDB takes them', () => {
  let under: TestWarehouse;
  beforeAll(async () => {
    under = await openTestWarehouse();
  });
  afterAll(() => under?.close());

  it('are parsed, each', async () => {
    const warehouse = openWarehouse({ ...under.options, database: 'default' });
    const own = everywhere(
      'CREATE TABLE IF NOT EXISTS t\n(\n    n UInt8\n)\nENGINE = MergeTree\nORDER BY n\nSETTINGS non_replicated_deduplication_window = 1',
      place,
    );
    expect(own).toContain("'/clickhouse/tables/all/county/t', '{shard}-{replica}'");
    for (const statement of [own, ...generated]) {
      // A read may not change settings, not even in what it explains.
      const bare = statement
        .replace(/^(INSERT INTO \S+ \(.*\)) SETTINGS .*$/m, '$1')
        .replace(/^SETTINGS materialize_ttl_after_modify = 0$/m, '');
      await warehouse.command(`EXPLAIN AST ${bare}`);
    }
    await expect(warehouse.command('EXPLAIN AST CREATE TABLE a ON CLUSTER (')).rejects.toThrow(
      'SYNTAX_ERROR',
    );
    await warehouse.close();
  });

  it('hang together: what a shard gets reaches its sums, and both are read through the tables over it', async () => {
    const options = { ...under.options, database: place.database };
    await createDatabase(options);
    const warehouse = openWarehouse(options);
    for (const statement of generated)
      await warehouse.command(onOneServer(statement), statement.slice(0, 60));
    const rows = [eventRow(1), eventRow(2), eventRow(3), { ...eventRow(3), sign: -1, verdict: 'revoked' }];
    for (const _ of [1, 2]) await warehouse.insert('events_local', 'events-0-1', rows);
    expect(await warehouse.query('SELECT count() AS total FROM events')).toEqual([{ total: 4 }]);
    const [day] = await warehouse.query('SELECT sum(total) AS total FROM events_per_day');
    expect(day).toEqual({ total: 2 });
    expect(await warehouse.query('SELECT harm FROM actions')).toEqual([]);
    expect(await warehouse.query('SELECT rests_on FROM warnings_current')).toEqual([]);
    await warehouse.close();
  });
});
