// What is asked of a warehouse that events go from.
import { describe, expect, it } from 'vitest';
import { removeEvents } from '../../../src/adapters/clickhouse/removing.js';
import type { OpenWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';

type Change = { readonly table: string; readonly fails: boolean };

/** A warehouse whose tables have a part each until a change of theirs is done. */
function asked(changing: Change[] = []) {
  const statements: string[] = [];
  const done = new Set<string>();
  const warehouse = {
    query: async (sql: string) => {
      if (sql.includes('system.mutations')) {
        looked.push(sql);
        return [...changing];
      }
      statements.push(sql);
      if (done.has(/FROM (\w+) /.exec(sql)?.[1] ?? '')) return [];
      return [{ part: sql.includes('events_by_key') ? 2026 : 202601 }];
    },
    command: async (sql: string) => {
      statements.push(sql);
      changing.push({ table: /TABLE (\w+) /.exec(sql)?.[1] ?? '', fails: false });
    },
  } as unknown as OpenWarehouse;
  const looked: string[] = [];
  const finish = () => {
    for (const { table } of changing.splice(0)) done.add(table.replace('_local', ''));
  };
  return { statements, looked, warehouse, changing, finish };
}

const URL = 'http://127.0.0.1:1';
const RANGE = { partition: 3, from: 10, to: 500, streams: ['complaint', 'sensor-reading'], held: [] };

describe('events that go from the warehouse', () => {
  it('go from the parts that have them, and readings are in one table alone', async () => {
    const { statements, warehouse } = asked();
    expect(await removeEvents(warehouse, { url: URL }, RANGE)).toBe(false);
    const where = (streams: string) =>
      `partition = 3 AND offset >= 10 AND offset < 500 AND stream IN (${streams})`;
    expect(statements).toEqual([
      `SELECT DISTINCT toYYYYMM(at) AS part FROM events WHERE ${where("'complaint', 'sensor-reading'")}`,
      `ALTER TABLE events DELETE IN PARTITION 202601 WHERE ${where("'complaint', 'sensor-reading'")} SETTINGS mutations_sync = 0`,
      `SELECT DISTINCT toYear(time) AS part FROM events_by_key WHERE ${where("'complaint'")}`,
      `ALTER TABLE events_by_key DELETE IN PARTITION 2026 WHERE ${where("'complaint'")} SETTINGS mutations_sync = 0`,
    ]);
  });

  it('are asked for once, however long the server takes and whoever looks, and then are gone', async () => {
    const { statements, warehouse, finish } = asked();
    for (let looks = 0; looks < 100; looks++)
      expect(await removeEvents(warehouse, { url: URL }, RANGE)).toBe(false);
    expect(statements.filter((sql) => sql.startsWith('ALTER'))).toHaveLength(2);
    finish();
    expect(await removeEvents(warehouse, { url: URL }, RANGE)).toBe(true);
    expect(statements.filter((sql) => sql.startsWith('ALTER'))).toHaveLength(2);
  });

  it('wait for what the server was asked before, and say so where it cannot do that', async () => {
    const { statements, looked, warehouse, changing } = asked([{ table: 'events_local', fails: false }]);
    const options = { url: URL, cluster: 'city' };
    expect(await removeEvents(warehouse, options, RANGE)).toBe(false);
    expect(looked[0]).toContain("FROM clusterAllReplicas('city', system.mutations)");
    changing.push({ table: 'events_local', fails: true });
    await expect(removeEvents(warehouse, options, RANGE)).rejects.toMatchObject({
      code: 'WAREHOUSE_REFUSED',
      message: expect.stringContaining('latest_fail_reason') as string,
    });
    expect(statements).toEqual([]);
  });

  it('go on every shard of a cluster', async () => {
    const { statements, warehouse } = asked();
    await removeEvents(warehouse, { url: URL, cluster: 'city' }, { ...RANGE, streams: ['sensor-reading'] });
    expect(statements[1]).toContain(
      `ALTER TABLE events_local ON CLUSTER 'city' DELETE IN PARTITION 202601 WHERE`,
    );
    expect(statements[0]).toContain('FROM events WHERE');
    expect(statements).toHaveLength(2);
  });

  it('leave keys on hold, whatever is in their names', async () => {
    const { statements, warehouse } = asked();
    await removeEvents(warehouse, { url: URL }, { ...RANGE, held: [`subject:shop:1' OR 1 = 1`] });
    const hex = Buffer.from(`shop:1' OR 1 = 1`).toString('hex');
    for (const sql of statements)
      expect(sql).toContain(`(scope, key) NOT IN ((unhex('7375626a656374'), unhex('${hex}')))`);
  });

  it('are refused where a name could mean something else in a statement', async () => {
    const { statements, warehouse } = asked();
    for (const fault of [{ streams: [`a' OR '1`] }, { from: NaN }, { to: 0.5 }])
      await expect(removeEvents(warehouse, { url: URL }, { ...RANGE, ...fault })).rejects.toMatchObject({
        code: 'WAREHOUSE_REQUEST',
      });
    expect(statements).toEqual([]);
  });
});
