// Real warehouses for tests: chDB behind its front in a child process, or why there is none.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWarehouse, type EmbeddedWarehouse, type Readers } from '../../src/adapters/chdb/supervisor.js';
import type { ClickHouseInput } from '../../src/adapters/clickhouse/config.js';
import { CodedError } from '../../src/events/coded-error.js';

export const QUIET = { info: (): void => undefined, warn: (): void => undefined };

export const MIGRATIONS = new URL('../../infra/clickhouse', import.meta.url).pathname;

export interface TestWarehouse {
  readonly embedded: EmbeddedWarehouse;
  readonly path: string;
  /** For openWarehouse. */
  readonly options: ClickHouseInput;
  close(): Promise<void>;
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'fenghuo-warehouse-'));
}

/** A warehouse on an empty folder that goes with it. @param readers programs of others that read; nobody if undefined */
export async function openTestWarehouse(readers?: Readers): Promise<TestWarehouse> {
  const path = await temporaryFolder();
  const embedded = await startWarehouse({ path, log: QUIET, readers });
  return {
    embedded,
    path,
    options: { url: embedded.url, password: embedded.token },
    close: async () => {
      await embedded.stop();
      await rm(path, { recursive: true, force: true });
    },
  };
}

let looked: Promise<boolean> | null = null;

/**
 * Whether chDB runs here; looked at once for all files of a worker. Where it does not, the reason is written out and
 * the tests are skipped; under CI=true that is a failure.
 */
export function chdbRuns(): Promise<boolean> {
  return (looked ??= startsAndEnds());
}

async function startsAndEnds(): Promise<boolean> {
  try {
    const warehouse = await openTestWarehouse();
    await warehouse.close();
    return true;
  } catch (error) {
    const skippable = error instanceof CodedError && error.code === 'WAREHOUSE_UNAVAILABLE';
    if (!skippable || process.env['CI'] === 'true') throw error;
    process.stderr.write(`tests of the warehouse are skipped: ${error.message}\n`);
    return false;
  }
}
