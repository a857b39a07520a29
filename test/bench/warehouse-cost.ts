// What a warehouse has spent so far, as it counts itself: so a figure says something beside other work too.
import type { OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';

export interface WarehouseCost {
  /** CPU time of all its threads, ms. */
  readonly cpuMs: number;
  /** Rows that queries read from tables. */
  readonly rowsRead: number;
}

export async function costOf(warehouse: OpenWarehouse): Promise<WarehouseCost> {
  const [row] = await warehouse.query(
    `SELECT sumIf(value, event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')) / 1000 AS cpu,
       sumIf(value, event = 'SelectedRows') AS rows_read
     FROM system.events`,
  );
  return { cpuMs: Number(row?.['cpu']), rowsRead: Number(row?.['rows_read']) };
}
