import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-run-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (args: readonly string[]) => fenghuo(['run', '--port', '0', ...args], folder);

describe('fenghuo run', () => {
  it('names the levels of the log where it does not know one', async () => {
    const { code, err } = await run(['--log-level', 'foo']);
    expect(code).toBe(2);
    expect(err).toContain('fenghuo: USAGE: ');
    expect(err).toContain('trace, debug, info, warn, error, fatal, silent');
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['2026', '2026-06-30', 'tomorrow', '2026-06-30T16:00:00', '2026-13-01T00:00:00Z'])(
    'refuses %s for an instant and shows the form of one',
    async (text) => {
      const { code, err } = await run(['--demo-end', text]);
      expect(code).toBe(2);
      expect(err).toMatch(/^fenghuo: USAGE: .*--demo-end.*2026-06-30T16:00:00Z/);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('says what is wrong with its data folder', async () => {
    await writeFile(join(folder, 'data'), 'text');
    const { code, err } = await run(['--no-demo', '--no-warehouse', '--once']);
    expect(code).toBe(1);
    expect(err).toContain('fenghuo: DATA_FOLDER: ');
    expect(err).toContain(`${join(folder, 'data')}: a file stands where a folder is expected`);
  });
});
