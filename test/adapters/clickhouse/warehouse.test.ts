import { describe } from 'vitest';
import { warehouseContract } from '../../contract/warehouse.js';
import { chdbRuns, openTestWarehouse } from '../../support/warehouse.js';

describe.skipIf(!(await chdbRuns()))('embedded', () => {
  warehouseContract('chDB', openTestWarehouse);
});

// A server of the tester's own choice, with a database that may be thrown away.
const url = process.env['FENGHUO_TEST_CLICKHOUSE_URL'];
if (url !== undefined) {
  warehouseContract('ClickHouse', async () => ({
    options: {
      url,
      username: process.env['FENGHUO_TEST_CLICKHOUSE_USER'] ?? 'default',
      password: process.env['FENGHUO_TEST_CLICKHOUSE_PASSWORD'] ?? '',
      database: `fenghuo_test_${process.pid}`,
    },
    close: async () => undefined,
  }));
}
