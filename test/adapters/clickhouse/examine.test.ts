// What a look at a real warehouse finds: tables that may be made, migrations to come, a clock, and nobody there.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickHouseInput } from '../../../src/adapters/clickhouse/config.js';
import { examineClickHouse } from '../../../src/adapters/clickhouse/examine.js';
import { migrate } from '../../../src/adapters/clickhouse/migrate.js';
import { openWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import { freePort } from '../../support/servers/process.js';
import { MIGRATIONS, chdbRuns, openTestWarehouse, type TestWarehouse } from '../../support/warehouse.js';

async function look(input: ClickHouseInput, migrations = MIGRATIONS, now = () => Date.now()) {
  const findings = await examineClickHouse(input, { migrations, now });
  return new Map(findings.map((finding) => [finding.about, finding]));
}

describe.runIf(await chdbRuns())('a look at the warehouse', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await openTestWarehouse();
  });
  afterAll(() => warehouse?.close());

  it('finds that the database is to be made, then which migrations are to come, then nothing', async () => {
    const database = 'first';
    const input = { ...warehouse.options, database };
    expect((await look(input)).get('database first')).toMatchObject({ level: 'warning' });
    const earlier = await mkdtemp(join(tmpdir(), 'fenghuo-migrations-'));
    await cp(join(MIGRATIONS, '001_events.sql'), join(earlier, '001_events.sql'));
    await migrate(input, earlier);
    await rm(earlier, { recursive: true });
    const found = (await look(input)).get('migrations');
    expect(found?.level).toBe('warning');
    expect(found?.found).toMatch(/^the next start applies 002_warnings, 003_/);
    await migrate(input, MIGRATIONS);
    const all = await look(input);
    expect([...all.keys()]).toEqual(
      expect.arrayContaining(['version', 'clock', 'disk default', 'tables', 'migrations']),
    );
    expect(
      [...all.values()].filter(({ about, level }) => level !== 'ok' && !about.startsWith('disk')),
    ).toEqual([]);
    expect(all.get('events that go')?.found).toBe('the server is done');
    expect(all.get('tables')?.found).toContain('a block sent twice counts once');
    const open = openWarehouse(input);
    const left = await open.query(
      "SELECT name FROM system.tables WHERE database = 'first' AND name LIKE 'doctor%'",
    );
    await open.close();
    expect(left).toEqual([]);
  });

  it('finds a migration that was changed after it was applied', async () => {
    const input = { ...warehouse.options, database: 'changed' };
    await migrate(input, MIGRATIONS);
    const folder = await mkdtemp(join(tmpdir(), 'fenghuo-migrations-'));
    await cp(MIGRATIONS, folder, { recursive: true });
    await writeFile(join(folder, '007_action_harm.sql'), 'SELECT 1;\n');
    expect((await look(input, folder)).get('migrations')).toMatchObject({
      level: 'error',
      found: expect.stringMatching(/action_harm.* was changed/) as string,
    });
    await rm(folder, { recursive: true });
  });

  it('finds a clock that is apart', async () => {
    const found = await look(warehouse.options, MIGRATIONS, () => Date.now() + 20_000);
    expect(found.get('clock')).toMatchObject({ level: 'error', expected: 'less than 1000 ms' });
  });

  it('finds a cluster that the server does not know', async () => {
    const found = await look({ ...warehouse.options, cluster: 'main' });
    expect(found.get('cluster main')).toMatchObject({
      level: 'error',
      found: 'the server knows no cluster of this name',
    });
  });

  it('finds a wrong password, and shows none', async () => {
    const findings = await examineClickHouse(
      { ...warehouse.options, password: 'wrong-word' },
      { migrations: MIGRATIONS, now: () => Date.now() },
    );
    expect(findings).toMatchObject([{ level: 'error', fault: 'AUTHENTICATION_FAILED' }]);
    expect(JSON.stringify(findings)).not.toContain('wrong-word');
  });

  it('finds that nobody listens', async () => {
    const found = await look({ url: `http://127.0.0.1:${await freePort()}` });
    expect(found.get('server')).toMatchObject({ level: 'error', fault: 'ECONNREFUSED' });
  });
});
