// Runs the built program on a data folder, ends it at chosen instants, and reads what it left.
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWarehouse } from '../../src/adapters/chdb/supervisor.js';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import type { Row, Warehouse } from '../../src/ports/warehouse.js';
import { launch, type Running } from './program.js';

export const DEMO_END = '2026-06-30T16:00:00Z';
/** A county that is small enough to be replayed many times, with all its stories. */
const SMALL = ['--demo-days', '45', '--demo-subjects', '200', '--demo-end', DEMO_END];

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'fenghuo-'));
}

/** Starts `fenghuo run` on a data folder. */
export function start(
  dir: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Running {
  return launch(['--data', dir, ...args], environment);
}

/** Replays the small county to its end, or until the process dies. */
export function replay(dir: string, environment: Record<string, string> = {}): Running {
  return start(dir, ['--once', ...SMALL], environment);
}

/** Processes whose parent is `pid`. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return parent === pid ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Everything that a run leaves behind, but for positions: inbox lines, and the rows of every table. */
export interface Left {
  readonly inbox: { readonly [department: string]: string };
  readonly tables: { readonly [table: string]: readonly Row[] };
}

// Sums of zero are left out: the table forgets them when it merges its parts.
const TABLES: { readonly [table: string]: string } = {
  events: 'SELECT * EXCEPT (partition) FROM events ORDER BY offset, sign DESC, cause_offset LIMIT 50000',
  events_per_day:
    'SELECT stream, scope, day, region, sum(total) AS total FROM events_per_day GROUP BY ALL HAVING total != 0 ORDER BY ALL',
  warnings: 'SELECT * EXCEPT (partition, offset) FROM warnings ORDER BY clock, warning, ordinal',
  warnings_current: 'SELECT * FROM warnings_current ORDER BY warning',
  deliveries: 'SELECT * EXCEPT (partition, offset) FROM deliveries ORDER BY at, id',
  actions: 'SELECT * EXCEPT (partition, offset) FROM actions ORDER BY at, id',
  dead_letters: 'SELECT * EXCEPT (partition, offset) FROM dead_letters ORDER BY at, original',
  operator_alerts: 'SELECT * EXCEPT (partition, offset) FROM operator_alerts ORDER BY ALL',
};

/** Reads a data folder that no process runs on. */
export async function leftIn(dir: string): Promise<Left> {
  const inboxDir = join(dir, 'inbox');
  const names = existsSync(inboxDir) ? readdirSync(inboxDir) : [];
  const inbox = Object.fromEntries(names.map((name) => [name, readFileSync(join(inboxDir, name), 'utf8')]));
  const quiet = { info: () => undefined, warn: () => undefined };
  const child = await startWarehouse({ path: join(dir, 'warehouse'), log: quiet });
  const warehouse = openWarehouse({ url: child.url, password: child.token, database: 'fenghuo' });
  try {
    return { inbox, tables: await tablesOf(warehouse) };
  } finally {
    await warehouse.close();
    await child.stop();
  }
}

/** The rows of every table, but for positions. */
export async function tablesOf(warehouse: Pick<Warehouse, 'query'>): Promise<Left['tables']> {
  const tables: { [table: string]: readonly Row[] } = {};
  for (const [table, sql] of Object.entries(TABLES)) tables[table] = await warehouse.query(sql);
  return tables;
}
