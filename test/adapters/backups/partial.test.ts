import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearPartials, ORPHAN_MS, partialOf } from '../../../src/adapters/backups/partial.js';

const NOW = Date.UTC(2026, 10, 30);

let dir: string;
let target: string;
const lines: string[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-partial-'));
  target = join(dir, 'nightly');
  lines.length = 0;
});
afterEach(() => rm(dir, { recursive: true }));

async function written(path: string, at: number): Promise<void> {
  await writeFile(path, 'key');
  await utimes(path, at / 1_000, at / 1_000);
}

/** A folder as a run makes it, with a key in it. */
async function partial(folderAt: number, keyAt: number): Promise<string> {
  const path = partialOf(target);
  await mkdir(path);
  await written(join(path, 'seal.key'), keyAt);
  await utimes(path, folderAt / 1_000, folderAt / 1_000);
  return path;
}

const clear = () => clearPartials(target, NOW, (line) => lines.push(line));

describe('what a run that was killed left beside its target', () => {
  it('is removed by a later run for the same target, which says so, be it a folder or a file', async () => {
    const folder = await partial(NOW - ORPHAN_MS, NOW - ORPHAN_MS);
    const file = partialOf(target);
    await written(file, NOW - ORPHAN_MS);
    await clear();
    expect(await readdir(dir)).toEqual([]);
    const said = [folder, file].map((path) => `${path} was left by a run that was killed, and is removed`);
    expect([...lines].sort()).toEqual(said.sort());
  });

  it('stays, and is named, while anything of it was written to lately', async () => {
    const folder = await partial(NOW - ORPHAN_MS, NOW - ORPHAN_MS + 1_000);
    await clear();
    expect(await readdir(folder)).toEqual(['seal.key']);
    expect(lines).toEqual([expect.stringContaining(`${folder} was written to lately`)]);
  });

  it('is nothing of another name', async () => {
    const names = ['.nightly.partial-keep', '.nightly-2.partial-0123456789ab', 'nightly', '.nightly'];
    for (const name of names) await written(join(dir, name), 0);
    await clear();
    expect((await readdir(dir)).sort()).toEqual([...names].sort());
    expect(lines).toEqual([]);
  });

  it('is not sought where there is no folder yet', async () => {
    target = join(dir, basename(dir), 'nightly');
    await clear();
    expect(lines).toEqual([]);
  });
});
