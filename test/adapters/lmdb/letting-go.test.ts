// What only LMDB shows of letting go: damage that is none of it, readers beside the owner, and room that is used again.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logKey } from '../../../src/adapters/lmdb/layout.js';
import { openLmdb, type LmdbStores } from '../../../src/adapters/lmdb/lmdb.js';
import { openLmdbReading } from '../../../src/adapters/lmdb/reading.js';

let path: string;
let stores: LmdbStores;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'fenghuo-letting-go-'));
  stores = await openLmdb({ path });
});
afterEach(async () => {
  await stores.close();
  await rm(path, { recursive: true });
});

const values = (count: number, bytes = 20) => Array.from({ length: count }, () => new Uint8Array(bytes));

/** Takes a record away as no part of this program does. */
async function damage(offset: number): Promise<void> {
  await stores.close();
  const environment = open<Buffer, Buffer>({ path, maxDbs: 32, encoding: 'binary', keyEncoding: 'binary' });
  const table = environment.openDB<Buffer, Buffer>({
    name: 'log/events',
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  await table.remove(logKey(0, offset));
  await environment.close();
  stores = await openLmdb({ path });
}

describe('a record that is missing', () => {
  it('is damage where it was not let go, for the owner and for a reader', async () => {
    await stores.log('events').append(0, values(10));
    await stores.log('events').letGo(0, [1], 4);
    await damage(6);
    const log = stores.log('events');
    const reading = openLmdbReading(path);
    try {
      for (const one of [log, reading.log('events')]) {
        expect((await one.read(0, 0, 4)).map(({ offset }) => offset)).toEqual([0, 2, 3, 4]);
        const refused = expect.objectContaining({ code: 'STORE_DAMAGED' }) as unknown;
        await expect(one.read(0, 0, 100)).rejects.toEqual(refused);
        await expect(one.read(0, 6, 1)).rejects.toEqual(refused);
        expect(await one.read(0, 7, 100)).toHaveLength(3);
      }
    } finally {
      await reading.close();
    }
  });

  it('is passed over by a reader that was there before it went', async () => {
    const log = stores.log('events');
    await log.append(0, values(10));
    const reading = openLmdbReading(path);
    try {
      expect(await reading.log('events').read(0, 0, 100)).toHaveLength(10);
      await log.letGo(0, [0, 1, 2], 5);
      expect((await reading.log('events').read(0, 0, 2)).map(({ offset }) => offset)).toEqual([3, 4]);
    } finally {
      await reading.close();
    }
  });
});

describe('room', () => {
  it('of what was let go is used again, so a file does not grow once a term is over', async () => {
    const log = stores.log('events');
    const size = async () => (await stat(join(path, 'data.mdb'))).size;
    const [day, termDays] = [2_000, 5];
    const sizes: number[] = [];
    for (let today = 0; today < 30; today++) {
      await log.append(0, values(day, 500));
      const gone = (today - termDays) * day;
      for (let from = gone; from >= 0 && from < gone + day; from += 500)
        await log.letGo(
          0,
          Array.from({ length: 500 }, (_, index) => from + index),
          from + 500,
        );
      sizes.push(await size());
    }
    expect(await log.read(0, 0, 20_000)).toHaveLength(termDays * day);
    expect(sizes[29]).toBeLessThanOrEqual((sizes[9] ?? 0) * 1.1);
    expect(sizes[9]).toBeGreaterThan(termDays * day * 500);
  });
});
