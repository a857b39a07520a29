import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  startWarehouse,
  type EmbeddedWarehouse,
  type WarehouseExit,
} from '../../../src/adapters/chdb/supervisor.js';
import { migrate } from '../../../src/adapters/clickhouse/migrate.js';
import {
  openWarehouse,
  WarehouseError,
  type OpenWarehouse,
} from '../../../src/adapters/clickhouse/warehouse.js';
import { eventRows } from '../../contract/warehouse.js';
import { chdbRuns, MIGRATIONS, QUIET, temporaryFolder } from '../../support/warehouse.js';

const LONG = 'SELECT max(sipHash64(number)) FROM numbers(1000000000000)';
const COMPILED = new URL('../../../dist/src/adapters/chdb/', import.meta.url);

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/ping`).then(
    () => true,
    () => false,
  );
}

/** Sends the block until it is acknowledged, as the archive does. */
async function insertUntilDone(
  warehouse: OpenWarehouse,
  token: string,
  from: number,
  to: number,
): Promise<void> {
  for (;;) {
    try {
      await warehouse.insert('events', token, eventRows(from, to, { region: 'killed' }));
      return;
    } catch (error) {
      if (!(error instanceof WarehouseError) || !error.retriable) throw error;
      await pause(20);
    }
  }
}

describe.skipIf(!(await chdbRuns()))('the embedded warehouse', () => {
  let path: string;
  let opened: EmbeddedWarehouse[];
  beforeEach(async () => {
    path = await temporaryFolder();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((warehouse) => warehouse.stop()));
    await rm(path, { recursive: true, force: true });
  });

  async function start(
    settings: { lockWaitMs?: number; backoffLimitMs?: number } = {},
  ): Promise<EmbeddedWarehouse> {
    const warehouse = await startWarehouse({ path, log: QUIET, ...settings });
    opened.push(warehouse);
    return warehouse;
  }

  it('killed at any moment it loses no acknowledged block and doubles none', async () => {
    const embedded = await start({ backoffLimitMs: 100 });
    const options = { url: embedded.url, password: embedded.token };
    const exits: WarehouseExit[] = [];
    embedded.onExit((exit) => exits.push(exit));
    await migrate(options, MIGRATIONS);
    const warehouse = openWarehouse(options);
    const blocks = 40;
    let done = 0;
    const killer = async (): Promise<void> => {
      for (let kill = 0; done < blocks; kill += 1) {
        // Moments spread over the length of an insert, and over start and idleness.
        const after = done;
        await vi.waitFor(() => expect(done === blocks || done > after + 5).toBe(true), {
          timeout: 60_000,
          interval: 1,
        });
        await pause((kill * 7) % 23);
        if (embedded.pid !== undefined && done < blocks) process.kill(embedded.pid, 'SIGKILL');
      }
    };
    const killing = killer();
    for (; done < blocks; done += 1) {
      await insertUntilDone(warehouse, `killed-${done}`, done * 100, done * 100 + 99);
    }
    await killing;
    expect(exits.length).toBeGreaterThan(2);
    expect(exits.every((exit) => exit.signal === 'SIGKILL')).toBe(true);
    const [inTable] = await warehouse.query(
      'SELECT sum(sign) AS n, uniqExact(offset) AS offsets FROM events',
    );
    const [inView] = await warehouse.query('SELECT sum(total) AS n FROM events_per_day');
    expect([inTable, inView]).toEqual([{ n: blocks * 100, offsets: blocks * 100 }, { n: blocks * 100 }]);
    await warehouse.close();
  }, 120_000);

  it('keeps its address and its token when it is restarted', async () => {
    const embedded = await start();
    const { url, token, pid } = embedded;
    const died = new Promise((resolve) => embedded.onExit(resolve));
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await died).toMatchObject({ signal: 'SIGKILL', code: null });
    await vi.waitFor(async () => expect(await answers(url)).toBe(true), 30_000);
    expect(embedded).toMatchObject({ url, token });
    expect(embedded.pid).not.toBe(pid);
    await embedded.stop();
    await embedded.stop();
    expect(await answers(url)).toBe(false);
  });

  it('leaves half of the memory to others, and keeps marks and keys of parts within bounds', async () => {
    const embedded = await start();
    const warehouse = openWarehouse({ url: embedded.url, password: embedded.token, database: 'default' });
    const rows = await warehouse.query(
      `SELECT name, value FROM system.server_settings WHERE name IN ('mark_cache_size', 'index_mark_cache_size', 'primary_index_cache_size',
         'max_server_memory_usage_to_ram_ratio') ORDER BY name`,
    );
    expect(rows.map(({ name, value }) => [name, Number(value)])).toEqual([
      ['index_mark_cache_size', 64 * 1024 ** 2],
      ['mark_cache_size', 256 * 1024 ** 2],
      ['max_server_memory_usage_to_ram_ratio', 0.5],
      ['primary_index_cache_size', 256 * 1024 ** 2],
    ]);
    await warehouse.close();
    await embedded.stop();
  });

  it('stops a read that would go on for hours when it is stopped itself', async () => {
    const embedded = await start();
    const warehouse = openWarehouse({ url: embedded.url, password: embedded.token, database: 'default' });
    const read = warehouse.query(LONG).catch((error: unknown) => error);
    await vi.waitFor(async () => {
      const rows = await warehouse.query('SELECT count() AS n FROM system.processes');
      expect(rows[0]?.['n']).toBe(2);
    }, 20_000);
    const begin = performance.now();
    await embedded.stop();
    expect(performance.now() - begin).toBeLessThan(4_500);
    expect(await read).toMatchObject({ code: 'WAREHOUSE_BUSY', retriable: true, clickhouseCode: 394 });
    await warehouse.close();
  });

  it('ends with its parent, also while a read runs, and leaves the folder to the next one', async () => {
    const parent = spawnParent(path);
    const [url = '', token = ''] = await firstLine(parent);
    const warehouse = openWarehouse({ url, password: token, database: 'default' });
    const read = warehouse.query(LONG).catch((error: unknown) => error);
    await vi.waitFor(async () => {
      const rows = await warehouse.query('SELECT count() AS n FROM system.processes');
      expect(rows[0]?.['n']).toBe(2);
    }, 20_000);
    parent.kill('SIGKILL');
    expect(await read).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retriable: true });
    await vi.waitFor(async () => expect(await answers(url)).toBe(false), 10_000);
    await warehouse.close();
    const next = await start();
    expect(await answers(next.url)).toBe(true);
  });

  it('waits for the lock of a predecessor that is about to end', async () => {
    const first = await start();
    const second = start();
    const early = await Promise.race([second.then(() => 'opened'), pause(1_000).then(() => 'waits')]);
    expect(early).toBe('waits');
    await first.stop();
    expect(await answers((await second).url)).toBe(true);
  });

  it('says who may hold the folder when the lock is not let go', async () => {
    await start();
    const error: unknown = await start({ lockWaitMs: 0 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'WAREHOUSE_LOCKED' });
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).not.toContain('\n');
  });

  it('says that the folder is damaged where nobody holds it', async () => {
    await (await start()).stop();
    await mkdir(join(path, 'metadata'), { recursive: true });
    await writeFile(join(path, 'metadata', 'torn.sql'), 'ATTACH DATABASE _ (');
    const error: unknown = await start({ lockWaitMs: 0 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'WAREHOUSE_DAMAGED' });
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).toContain('torn.sql');
    expect((error as Error).message).not.toContain('\n');
  });

  it('says that a file stands where the folder should be', async () => {
    const file = join(path, 'file');
    await writeFile(file, '');
    const error: unknown = await startWarehouse({ path: file, log: QUIET }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'WAREHOUSE_DAMAGED' });
    expect((error as Error).message).toContain(file);
  });

  it('lets no other user read the folder, and hands its token to nobody through arguments or environment', async () => {
    const embedded = await start();
    const { stat, readFile } = await import('node:fs/promises');
    expect((await stat(path)).mode & 0o077).toBe(0);
    if (process.platform !== 'linux') return;
    const seen = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${embedded.pid ?? 0}/${name}`, 'utf8')),
    );
    expect(seen.join()).not.toContain(embedded.token);
  });
});

describe('without chDB', () => {
  it('the start fails with one line that says so', async () => {
    const path = await temporaryFolder();
    const error: unknown = await startWarehouse({
      path,
      log: QUIET,
      library: 'chdb-that-is-not-installed',
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' });
    expect((error as Error).message).toContain('chdb-that-is-not-installed cannot be loaded');
    expect((error as Error).message).not.toContain('\n');
    await rm(path, { recursive: true, force: true });
  });

  it('a child whose parent never speaks ends with it', async () => {
    const child = fork(new URL('child.js', COMPILED).pathname, { stdio: 'ignore' });
    await once(child, 'spawn');
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
    expect(child.exitCode ?? child.signalCode).not.toBeNull();
  });
});

/** A process of its own that starts a warehouse and says where. */
function spawnParent(path: string): ChildProcess {
  const program = `
    import { startWarehouse } from ${JSON.stringify(new URL('supervisor.js', COMPILED).href)};
    const log = { info() {}, warn() {} };
    const warehouse = await startWarehouse({ path: process.argv[1], log });
    process.stdout.write(warehouse.url + ' ' + warehouse.token + '\\n');`;
  return spawn(process.execPath, ['--input-type=module', '-e', program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine(child: ChildProcess): Promise<string[]> {
  if (child.stdout === null) throw new Error('the child has no output');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return line.split(' ');
}
