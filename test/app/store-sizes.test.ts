// What stores hold on the disk: each file once, what is missing counts nothing, and no scrape walks again within a minute.
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreSizes } from '../../src/app/store-sizes.js';

const KIB = 1_024;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-sizes-'));
  await mkdir(join(folder, 'lmdb'));
  await mkdir(join(folder, 'warehouse', 'store', 'part'), { recursive: true });
  await writeFile(join(folder, 'lmdb', 'data.mdb'), Buffer.alloc(64 * KIB, 1));
  await writeFile(join(folder, 'warehouse', 'store', 'part', 'data.bin'), Buffer.alloc(128 * KIB, 1));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sizes = (now: () => number) =>
  new StoreSizes(
    {
      lmdb: join(folder, 'lmdb'),
      warehouse: join(folder, 'warehouse'),
      missing: join(folder, 'missing'),
    },
    now,
  );

it('are the bytes of all files below the folder of a store; one that is not there has none', async () => {
  const found = await sizes(() => 0).read();
  expect(found.map(([labels]) => labels)).toEqual([['lmdb'], ['warehouse']]);
  for (const [index, least] of [64 * KIB, 128 * KIB].entries()) {
    expect(found[index]?.[1]).toBeGreaterThanOrEqual(least);
    expect(found[index]?.[1]).toBeLessThan(least + 16 * KIB);
  }
});

it('count a file with two names once, as the parts of a table that was changed have', async () => {
  const before = await sizes(() => 0).read();
  await link(
    join(folder, 'warehouse', 'store', 'part', 'data.bin'),
    join(folder, 'warehouse', 'store', 'same.bin'),
  );
  expect(await sizes(() => 0).read()).toEqual(before);
});

it('are taken once a minute, and once for all who ask at a time', async () => {
  let now = 0;
  const own = sizes(() => now);
  const [first, second] = await Promise.all([own.read(), own.read()]);
  expect(second).toBe(first);
  await writeFile(join(folder, 'lmdb', 'more.mdb'), Buffer.alloc(64 * KIB, 1));
  now = 59_999;
  expect(await own.read()).toBe(first);
  now = 60_000;
  const after = await own.read();
  expect(after[0]?.[1]).toBeGreaterThanOrEqual(Number(first[0]?.[1]) + 64 * KIB);
});
