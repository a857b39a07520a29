// What is asked of a warehouse that events go from.
import { describe, expect, it } from 'vitest';
import { removeEvents } from '../../../src/adapters/clickhouse/removing.js';
import type { OpenWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';

/** A warehouse whose tables have a part each. */
function asked() {
  const statements: string[] = [];
  const warehouse = {
    query: async (sql: string) => {
      statements.push(sql);
      return [{ part: sql.includes('events_by_key') ? 2026 : 202601 }];
    },
    command: async (sql: string) => void statements.push(sql),
  } as unknown as OpenWarehouse;
  return { statements, warehouse };
}

const URL = 'http://127.0.0.1:1';
const RANGE = { partition: 3, from: 10, to: 500, streams: ['complaint', 'sensor-reading'], held: [] };

describe('events that go from the warehouse', () => {
  it('go from the parts that have them, and readings are in one table alone', async () => {
    const { statements, warehouse } = asked();
    await removeEvents(warehouse, { url: URL }, RANGE);
    const where = (streams: string) =>
      `partition = 3 AND offset >= 10 AND offset < 500 AND stream IN (${streams})`;
    expect(statements).toEqual([
      `SELECT DISTINCT toYYYYMM(at) AS part FROM events WHERE ${where("'complaint', 'sensor-reading'")}`,
      `ALTER TABLE events DELETE IN PARTITION 202601 WHERE ${where("'complaint', 'sensor-reading'")} SETTINGS mutations_sync = 2`,
      `SELECT DISTINCT toYear(time) AS part FROM events_by_key WHERE ${where("'complaint'")}`,
      `ALTER TABLE events_by_key DELETE IN PARTITION 2026 WHERE ${where("'complaint'")} SETTINGS mutations_sync = 2`,
    ]);
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
