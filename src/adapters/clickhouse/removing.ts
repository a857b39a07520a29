// Takes rows out of tables that are no archive of a log.
import { CLICKHOUSE_SCHEMA, type ClickHouseInput } from './config.js';
import { WarehouseError } from './failure.js';
import type { OpenWarehouse } from './warehouse.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Removes from tables what other runs of a replay left, those that never ended among them; resolves once it is gone.
 * @param options those that the warehouse was opened with
 * @throws WarehouseError WAREHOUSE_REQUEST for a name that is none, which could mean anything in a statement
 */
export async function removeFormerRuns(
  warehouse: OpenWarehouse,
  options: ClickHouseInput,
  tables: readonly ('shadow_warnings' | 'shadow_replays')[],
  replay: string,
  run: string,
): Promise<void> {
  const { cluster } = CLICKHOUSE_SCHEMA.parse(options);
  if (!NAME.test(replay) || !NAME.test(run)) {
    throw new WarehouseError(
      'WAREHOUSE_REQUEST',
      'A replay and its run have small letters, digits and -.',
      false,
    );
  }
  for (const table of tables) {
    const place = cluster === undefined ? table : `${table}_local ON CLUSTER '${cluster}'`;
    const sql = `ALTER TABLE ${place} DELETE WHERE replay = '${replay}' AND run != '${run}' SETTINGS mutations_sync = 2`;
    await warehouse.command(sql, `removing former runs of the replay ${replay}`);
  }
}
