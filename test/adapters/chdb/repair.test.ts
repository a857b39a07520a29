import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWarehouse, type EmbeddedWarehouse } from '../../../src/adapters/chdb/supervisor.js';
import { migrate } from '../../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import { eventRows } from '../../contract/warehouse.js';
import { chdbRuns, MIGRATIONS, temporaryFolder } from '../../support/warehouse.js';

// What a SIGKILL between the line in the deduplication log and the rename of the part leaves on disk is made here
// by taking the part away: the rows of an insert that was never acknowledged, and a log that claims to have them.
describe.skipIf(!(await chdbRuns()))('a warehouse killed in the middle of an insert', () => {
  let path: string;
  let embedded: EmbeddedWarehouse;
  let warehouse: OpenWarehouse;
  let said: object[];
  beforeEach(async () => {
    path = await temporaryFolder();
    await start();
    await migrate({ url: embedded.url, password: embedded.token }, MIGRATIONS);
    await warehouse.insert('events', 'before', eventRows(0, 9));
    await warehouse.insert('events', 'block', eventRows(10, 19));
  });
  afterEach(async () => {
    await warehouse.close();
    await embedded.stop();
    await rm(path, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    said = [];
    const note = (fields: object) => {
      if ('tables' in fields) said.push(fields);
    };
    const log = { info: note, warn: (fields: object) => void said.push(fields) };
    embedded = await startWarehouse({ path, log });
    warehouse = openWarehouse({ url: embedded.url, password: embedded.token });
  }

  /** Stops the warehouse, changes the table's folder and starts it again. */
  async function meanwhile(table: string, change: (folder: string) => Promise<void>): Promise<void> {
    const rows = await warehouse.query(
      'SELECT data_paths[1] AS path FROM system.tables WHERE name = {table:String}',
      {
        table,
      },
    );
    await warehouse.close();
    await embedded.stop();
    await change(String(rows[0]?.['path']));
    await start();
  }

  async function newestPart(folder: string): Promise<string> {
    const parts = (await readdir(folder)).filter((name) => /^\d+_2_2_\d+$/.test(name));
    expect(parts).toHaveLength(1);
    return join(folder, parts[0] ?? '');
  }

  async function totals(): Promise<unknown[]> {
    const [inTable] = await warehouse.query('SELECT sum(sign) AS n FROM events');
    const [inView] = await warehouse.query('SELECT sum(total) AS n FROM events_per_day');
    return [inTable?.['n'], inView?.['n']];
  }

  it.each([
    ['events', [10, 20]],
    ['events_per_day', [20, 10]],
  ])('takes the block again into %s, and nowhere twice', async (table, left) => {
    await meanwhile(table, async (folder) => rm(await newestPart(folder), { recursive: true }));
    expect(await totals()).toEqual(left);
    expect(said).toEqual([{ tables: [`fenghuo.${table}`] }]);
    await warehouse.insert('events', 'block', eventRows(10, 19));
    await warehouse.insert('events', 'block', eventRows(10, 19));
    await warehouse.insert('events', 'before', eventRows(0, 9));
    expect(await totals()).toEqual([20, 20]);
  });

  it('reads on behind a line that was written by half', async () => {
    const logOf = (folder: string): string => join(folder, 'deduplication_logs', 'deduplication_log_1.txt');
    await meanwhile('events', (folder) => appendFile(logOf(folder), '1\t202501_9_9_0\t2025'));
    expect(said).toEqual([{ tables: ['fenghuo.events'] }]);
    await warehouse.insert('events', 'after', eventRows(20, 29));
    let lines: string[] = [];
    await meanwhile('events', async (folder) => {
      lines = (await readFile(logOf(folder), 'utf8')).trimEnd().split('\n');
    });
    expect(lines).toHaveLength(3);
    expect(said).toEqual([]);
    for (const [token, from] of [
      ['before', 0],
      ['block', 10],
      ['after', 20],
    ] as const) {
      await warehouse.insert('events', token, eventRows(from, from + 9));
    }
    expect(await totals()).toEqual([30, 30]);
  });

  it('leaves a table alone whose blocks have been merged', async () => {
    await warehouse.command('OPTIMIZE TABLE events FINAL');
    await warehouse.command('OPTIMIZE TABLE events_per_day FINAL');
    await meanwhile('events', async () => undefined);
    expect(said).toEqual([]);
    await warehouse.insert('events', 'block', eventRows(10, 19));
    expect(await totals()).toEqual([20, 20]);
  });
});
