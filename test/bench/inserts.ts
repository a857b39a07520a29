// node dist/test/bench/inserts.js [ways|views]: rows of the archive into the warehouse, in blocks of many sizes, at once or
// gathered by it; and what each view that they pass through costs.
import { loadavg } from 'node:os';
import { createClient } from '@clickhouse/client';
import { CLICKHOUSE_SCHEMA } from '../../src/adapters/clickhouse/config.js';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import type { Row } from '../../src/ports/warehouse.js';
import { openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';
import { calibrate } from './calibration.js';
import { costOf } from './warehouse-cost.js';
import { WORKLOAD_START_MS } from './workload.js';

/** Rows of a block, and how many blocks are measured after a first one. */
const SIZES = [
  [1, 60],
  [100, 40],
  [1_000, 30],
  [10_000, 12],
] as const;
const FIELDS = { stream: 'complaint', source: 'urn:bench', scope: 'subject', region: '330199', sign: 1 };
/** Blocks of each size through each set of views, in turns. */
const ROUNDS = 7;
const VIEW_SIZES = [1_000, 10_000];
const SUBJECTS = 100_000;

function rowsFrom(first: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = first + index;
    const at = WORKLOAD_START_MS + offset * 100;
    const data = JSON.stringify({ category: '食品卫生', text: `第 ${offset} 件投诉`, region: '330199' });
    const key = `91330199X${String(offset % 5_000).padStart(9, '0')}`;
    return { ...FIELDS, partition: 0, offset, id: `urn:bench ${offset}`, key, time: at - 60_000, at, data };
  });
}

/** Of ten events four complaints, three readings, two inspections, and one penalty; of many subjects in a hundred counties. */
function mixedRow(offset: number): Row {
  const kind = offset % 10;
  const subject = Math.imul(offset, 0x9e3779b1) >>> 0;
  const isReading = kind >= 4 && kind < 7;
  const [stream, data] = isReading
    ? ['sensor-reading', { metric: 'voc', value: (subject % 10_000) / 100, quality: 'good' }]
    : kind < 4
      ? ['complaint', { category: '食品卫生', content: `第 ${offset} 件投诉` }]
      : kind < 9
        ? ['inspection', { inspection: `I${offset}`, result: subject % 5 === 0 ? 'fail' : 'pass' }]
        : ['penalty', { document: `罚${offset}`, amount: subject % 150_000 }];
  const at = WORKLOAD_START_MS + offset * 100;
  const rank = subject % SUBJECTS;
  return {
    ...{
      partition: 0,
      offset,
      id: `urn:bench ${offset}`,
      stream,
      source: `urn:source-${subject % 12}`,
      sign: 1,
    },
    scope: isReading ? 'device' : 'subject',
    key: isReading ? `D${rank % 2_000}` : `91330199X${String(rank).padStart(9, '0')}`,
    region: `3301${String(rank % 100).padStart(2, '0')}`,
    industry: isReading ? '' : `F${51 + (rank % 2)}11`,
    domains: isReading ? [] : [['food'], ['gas', 'fire']][rank % 2],
    ...{ time: at - (subject % 3_600_000), at, data: JSON.stringify(data) },
  };
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

async function ways({ options }: TestWarehouse, warehouse: OpenWarehouse): Promise<void> {
  const { url, username, password, database } = CLICKHOUSE_SCHEMA.parse(options);
  const client = createClient({ url, username, password, database });
  let offset = 0;
  const inserts = {
    'at once': (rows: readonly Row[]) => warehouse.insert('events', `bench/${offset}`, rows),
    gathered: async (rows: readonly Row[]) => {
      const clickhouse_settings = {
        async_insert: 1,
        wait_for_async_insert: 1,
        async_insert_deduplicate: 1,
        date_time_input_format: 'best_effort',
      } as const;
      await client.insert({ table: 'events', values: rows, format: 'JSONEachRow', clickhouse_settings });
    },
  };
  console.log('rows a block   way        ms a block   rows a second');
  for (const [size, blocks] of SIZES) {
    for (const [way, insert] of Object.entries(inserts)) {
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
  await client.close();
  await stands(warehouse, offset);
}

async function stands(warehouse: OpenWarehouse, rows: number): Promise<void> {
  const [found] = await warehouse.query('SELECT count() AS rows FROM events');
  if (found?.['rows'] !== rows) throw new Error(`${String(found?.['rows'])} rows stand, not ${rows}`);
}

/** Blocks through no view, through all, and through each alone; by the clock, and by the CPU time of the warehouse. */
async function views(_site: TestWarehouse, warehouse: OpenWarehouse): Promise<void> {
  const found = await warehouse.query(
    `SELECT name, create_table_query AS made FROM system.tables WHERE database = currentDatabase() AND name IN
       (SELECT arrayJoin(dependencies_table) FROM system.tables WHERE database = currentDatabase() AND name = 'events')
     ORDER BY name`,
  );
  const all = found.map(({ name, made }) => ({ name: String(name), made: String(made) }));
  const sets: readonly (readonly [name: string, views: readonly (typeof all)[number][]])[] = [
    ['none', []],
    ...all.map((view) => [view.name, [view]] as const),
    ['all', all],
  ];
  const took = new Map<string, { readonly ms: number[]; readonly cpu: number[] }>();
  for (const { name } of all) await warehouse.command(`DROP TABLE ${name}`);
  let offset = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, attached] of sets) {
      for (const { made } of attached) await warehouse.command(made);
      for (const size of VIEW_SIZES) {
        const rows = Array.from({ length: size }, (_, index) => mixedRow(offset + index));
        const [before, begun] = [await costOf(warehouse), performance.now()];
        await warehouse.insert('events', `views/${offset}`, rows);
        const ms = performance.now() - begun;
        offset += size;
        const entry = took.get(`${name} ${size}`) ?? { ms: [], cpu: [] };
        took.set(`${name} ${size}`, entry);
        // The first of each makes its tables' first parts.
        if (round === 0) continue;
        entry.ms.push(ms);
        entry.cpu.push((await costOf(warehouse)).cpuMs - before.cpuMs);
      }
      for (const view of attached) await warehouse.command(`DROP TABLE ${view.name}`);
    }
  }
  await stands(warehouse, offset);
  console.log('| through | ' + VIEW_SIZES.map((size) => `${size} rows: ms | CPU ms`).join(' | ') + ' |');
  console.log(`|---|${VIEW_SIZES.map(() => '---|---|').join('')}`);
  for (const [name] of sets) {
    const cells = VIEW_SIZES.flatMap((size) => {
      const { ms = [], cpu = [] } = took.get(`${name} ${size}`) ?? {};
      return [medianOf(ms).toFixed(0), medianOf(cpu).toFixed(0)];
    });
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

const PARTS = { ways, views };
const only = process.argv[2];
console.log(`calibration ${calibrate().toFixed(0)} ms, load ${loadavg()[0]?.toFixed(1)}`);
for (const [name, part] of Object.entries(PARTS)) {
  if (only !== undefined && only !== name) continue;
  const site = await openTestWarehouse();
  const warehouse = openWarehouse(site.options);
  try {
    await migrate(site.options, 'infra/clickhouse');
    await part(site, warehouse);
  } finally {
    await warehouse.close();
    await site.close();
  }
}
console.log(`load at the end ${loadavg()[0]?.toFixed(1)}`);
