// How fast dashboards answer on ten million events: the warehouse is filled by itself, seeded, then every query is asked
// cold and warm, with what it cost the warehouse. Run: node dist/test/bench/dashboards.js [events] [folder that is kept]
import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { startWarehouse } from '../../src/adapters/chdb/supervisor.js';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { queryNames, queryText, render } from '../support/dashboard-query.js';
import { QUIET, temporaryFolder } from '../support/warehouse.js';
import { calibrate } from './calibration.js';
import { fillings } from './dashboard-rows.js';
import { costOf } from './warehouse-cost.js';

const GOAL_MS = 300;
const COLD = 3;
const WARM = 5;
const DAY_MS = 86_400_000;

const events = Number(process.argv[2] ?? 10_000_000);
const kept = process.argv[3];
const say = (line: string) => process.stdout.write(`${line}\n`);

async function fill(warehouse: OpenWarehouse): Promise<void> {
  const [row] = await warehouse.query('SELECT count() AS n FROM events');
  if (Number(row?.['n']) > 0) return;
  for (const { name, sql } of fillings(events)) {
    const began = performance.now();
    await warehouse.command(sql, name);
    say(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
}

async function sizes(warehouse: OpenWarehouse): Promise<void> {
  const rows = await warehouse.query(
    `SELECT table, sum(rows) AS n, sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts
     WHERE active AND database = currentDatabase() GROUP BY table ORDER BY n DESC`,
  );
  say('\n| table | rows | MB | parts |\n|---|---|---|---|');
  for (const { table, n, bytes, parts } of rows) {
    say(
      `| \`${String(table)}\` | ${Number(n).toLocaleString('en')} | ${(Number(bytes) / 1e6).toFixed(1)} | ${String(parts)} |`,
    );
  }
}

/** Caches of the server that can be dropped; the pages of the system's own cache cannot be without its owner. */
async function dropCaches(warehouse: OpenWarehouse): Promise<void> {
  for (const cache of ['MARK CACHE', 'UNCOMPRESSED CACHE', 'INDEX MARK CACHE', 'QUERY CACHE', 'MMAP CACHE'])
    await warehouse.command(`SYSTEM DROP ${cache}`).catch(() => undefined);
}

const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;

async function measure(warehouse: OpenWarehouse): Promise<void> {
  const to = Date.now();
  const views = {
    'all, 90 days': { from: to - 90 * DAY_MS, to, interval: 21_600, chosen: { subject: 'S0000042' } },
    'one of each, 365 days': {
      ...{ from: to - 365 * DAY_MS, to, interval: 86_400 },
      chosen: {
        ...{ department: ['d3'], domain: ['domain-4'], region: ['110105'], level: ['red', 'orange'] },
        ...{ model: ['domain-4/m1'], subject: 'S0000042', device: ['D00004'], metric: ['voc'] },
      },
    },
  };
  let slow = 0;
  for (const [view, asked] of Object.entries(views)) {
    say(
      `\n${view}:\n\n| query | cold, ms | warm, ms | CPU, ms | rows read | rows |\n|---|---|---|---|---|---|`,
    );
    for (const name of queryNames()) {
      const sql = render(queryText(name), asked);
      let found = 0;
      const once = async () => {
        const began = performance.now();
        found = (await warehouse.query(sql)).length;
        return performance.now() - began;
      };
      const cold: number[] = [];
      for (let round = 0; round < COLD; round++) {
        await dropCaches(warehouse);
        cold.push(await once());
      }
      const warm: number[] = [];
      const before = await costOf(warehouse);
      for (let round = 0; round < WARM; round++) warm.push(await once());
      const after = await costOf(warehouse);
      const cpuMs = (after.cpuMs - before.cpuMs) / WARM;
      const rowsRead = Math.round((after.rowsRead - before.rowsRead) / WARM).toLocaleString('en');
      const [coldMs, warmMs] = [median(cold), median(warm)];
      if (coldMs > GOAL_MS || warmMs > GOAL_MS) slow++;
      const times = [coldMs, warmMs, cpuMs].map((ms) => ms.toFixed(0)).join(' | ');
      say(`| ${name} | ${times} | ${rowsRead} | ${found} |`);
    }
  }
  say(`\n${slow} beyond ${GOAL_MS} ms`);
}

const state = () => `calibration ${calibrate().toFixed(0)} ms, load ${loadavg()[0]?.toFixed(1)}`;
say(state());
const path = kept ?? (await temporaryFolder());
const embedded = await startWarehouse({ path, log: QUIET });
try {
  const options = {
    ...{ url: embedded.url, password: embedded.token, database: 'bench' },
    requestTimeoutMs: 600_000,
    readTimeoutSeconds: 600,
  };
  await migrate(options, 'infra/clickhouse');
  const warehouse = openWarehouse(options);
  await fill(warehouse);
  await sizes(warehouse);
  await measure(warehouse);
  say(state());
  await warehouse.close();
} finally {
  await embedded.stop();
  if (kept === undefined) await rm(path, { recursive: true, force: true });
}
