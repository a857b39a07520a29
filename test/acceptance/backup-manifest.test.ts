// What a restore compares with the manifest of a back-up: where each archive stood, rows, and what rollups add up to.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/adapters/backups/manifest.js';
import { fenghuo, type CommandRun } from '../support/command-line.js';
import { chdbRuns } from '../support/warehouse.js';
import { newDataDir, replay } from './embedded.js';
import { cleanUp } from './program.js';

const dirs: string[] = [];
const freshDir = () => {
  const dir = newDataDir();
  dirs.push(dir);
  return dir;
};
const runs = await chdbRuns();

describe.runIf(runs)('the manifest of a back-up', { timeout: 240_000 }, () => {
  let source: string;
  let folder: string;
  let manifest: Manifest;
  beforeAll(async () => {
    source = freshDir();
    expect((await replay(source).ended).code).toBe(0);
    folder = join(freshDir(), 'backup');
    const { code, err } = await fenghuo(['backup', '--data', source, '--to', folder], source);
    expect(code, err).toBe(0);
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  }, 240_000);
  afterAll(() => cleanUp(dirs));

  /** The same back-up, with another manifest. @returns what a restore of it says */
  const restoredAs = async (changed: object): Promise<CommandRun> => {
    const copy = join(freshDir(), 'backup');
    cpSync(folder, copy, { recursive: true });
    const text = JSON.stringify({ ...manifest, ...changed });
    writeFileSync(join(copy, 'manifest.json'), text);
    const digest = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(copy, 'manifest.sha256'), `${digest}  manifest.json\n`);
    return fenghuo(['restore', '--from', copy, '--data', join(freshDir(), 'data')], source);
  };

  it('has the place of every archive, and a sum for each rollup', () => {
    const { archived, logs, warehouse } = manifest;
    expect(archived['cases/0']).toBe(logs['cases']);
    expect(logs['cases']).toBeGreaterThan(0);
    const { sums = {} } = warehouse ?? {};
    expect(Object.keys(sums)).toHaveLength(25);
    for (const table of ['events_per_day', 'cases', 'risk_by_subject', 'subjects_by_place'])
      expect(sums[table], table).toBeGreaterThan(0);
  });

  it('is held against what a rollup adds up to, and is taken as an older build made it', async () => {
    const { rows = {}, sums = {} } = manifest.warehouse ?? {};
    const total = sums['subjects_by_place'] ?? 0;
    const other = await restoredAs({ warehouse: { rows, sums: { ...sums, subjects_by_place: total + 1 } } });
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(`RESTORE_WAREHOUSE.*subjects_by_place adds up to ${total} and not to`),
    ]);
    const { 'cases/0': _left, ...archived } = manifest.archived;
    expect(await restoredAs({ format: 1, archived, warehouse: { rows } })).toMatchObject({ code: 0 });
    expect(await restoredAs({})).toMatchObject({ code: 0 });
  });
});
