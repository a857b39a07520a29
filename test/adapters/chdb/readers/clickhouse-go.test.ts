// The driver of Grafana's ClickHouse datasource against the front for readers.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGo, goRuns } from '../../../support/go.js';
import { chdbRuns, temporaryFolder, type TestWarehouse } from '../../../support/warehouse.js';
import { FIRST_KINDS, openReading, readersUrl } from './reading.js';

const PROGRAM = new URL('../../../clickhouse-go', import.meta.url).pathname;
const run = promisify(execFile);

describe.skipIf(!(await goRuns('clickhouse-go')) || !(await chdbRuns()))('clickhouse-go v2 over HTTP', () => {
  let under: TestWarehouse;
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    await buildGo(PROGRAM, join(folder, 'reader'));
    under = await openReading();
  }, 300_000);
  afterAll(async () => {
    await under?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('reads what the datasource reads, and is refused what nobody may', async () => {
    const env = {
      FENGHUO_READERS: new URL(readersUrl(under)).host,
      FENGHUO_TOKEN: 'fh_reader',
      FENGHUO_OTHER_TOKEN: 'fh_department',
      FENGHUO_KINDS: FIRST_KINDS,
    };
    const { stdout } = await run(join(folder, 'reader'), { env, timeout: 120_000 }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(stdout).toContain('all passed\n');
  }, 180_000);
});
