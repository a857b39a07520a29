// node dist/test/bench/inserts.js: rows of the archive into the warehouse, in blocks of many sizes, at once or gathered by it.
import { createClient } from '@clickhouse/client';
import { CLICKHOUSE_SCHEMA } from '../../src/adapters/clickhouse/config.js';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import type { Row } from '../../src/ports/warehouse.js';
import { openTestWarehouse } from '../support/warehouse.js';
import { calibrate } from './calibration.js';
import { WORKLOAD_START_MS } from './workload.js';

/** Rows of a block, and how many blocks are measured after a first one. */
const SIZES = [
  [1, 60],
  [100, 40],
  [1_000, 30],
  [10_000, 12],
] as const;
const FIELDS = { stream: 'complaint', source: 'urn:bench', scope: 'subject', region: '330199', sign: 1 };

function rowsFrom(first: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = first + index;
    const at = WORKLOAD_START_MS + offset * 100;
    const data = JSON.stringify({ category: '食品卫生', text: `第 ${offset} 件投诉`, region: '330199' });
    const key = `91330199X${String(offset % 5_000).padStart(9, '0')}`;
    return { ...FIELDS, partition: 0, offset, id: `urn:bench ${offset}`, key, time: at - 60_000, at, data };
  });
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

async function main(): Promise<void> {
  const site = await openTestWarehouse();
  const { url, username, password, database } = CLICKHOUSE_SCHEMA.parse(site.options);
  const warehouse = openWarehouse(site.options);
  const gathered = createClient({ url, username, password, database });
  try {
    await migrate(site.options, 'infra/clickhouse');
    let offset = 0;
    const ways = {
      'at once': (rows: readonly Row[]) => warehouse.insert('events', `bench/${offset}`, rows),
      gathered: async (rows: readonly Row[]) => {
        const clickhouse_settings = {
          async_insert: 1,
          wait_for_async_insert: 1,
          async_insert_deduplicate: 1,
          date_time_input_format: 'best_effort',
        } as const;
        await gathered.insert({ table: 'events', values: rows, format: 'JSONEachRow', clickhouse_settings });
      },
    };
    console.log(`calibration ${calibrate().toFixed(0)} ms`);
    console.log('rows a block   way        ms a block   rows a second');
    for (const [size, blocks] of SIZES) {
      for (const [way, insert] of Object.entries(ways)) {
        const took: number[] = [];
        for (let block = 0; block <= blocks; block++) {
          const rows = rowsFrom(offset, size);
          const begun = performance.now();
          await insert(rows);
          if (block > 0) took.push(performance.now() - begun);
          offset += size;
        }
        const ms = medianOf(took);
        const figures = [ms.toFixed(1).padStart(10), ((size / ms) * 1000).toFixed(0).padStart(13)];
        console.log([String(size).padStart(12), way.padEnd(8), ...figures].join('   '));
      }
    }
    const [found] = await warehouse.query('SELECT count() AS rows FROM events');
    if (found?.['rows'] !== offset) throw new Error(`${String(found?.['rows'])} rows stand, not ${offset}`);
  } finally {
    await gathered.close();
    await warehouse.close();
    await site.close();
  }
}

await main();
