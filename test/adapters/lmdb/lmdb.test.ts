import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, describe, expect, it } from 'vitest';
import { openLmdb } from '../../../src/adapters/lmdb/lmdb.js';
import { childEnd, startChild } from '../../support/child.js';
import { lettingGoContract } from '../../contract/letting-go.js';
import { logContract } from '../../contract/log.js';
import { stateContract } from '../../contract/state.js';
import { valuesContract } from '../../contract/values.js';
import { vaultContract } from '../../contract/vault.js';

const folder = () => mkdtemp(join(tmpdir(), 'fenghuo-lmdb-'));
const masterKey = new Uint8Array(32).fill(5);

/** Stores in a folder of their own that can be closed and opened again. */
async function reopenable() {
  const path = await folder();
  let stores = await openLmdb({ path });
  return {
    stores: () => stores,
    async reopen() {
      await stores.close();
      stores = await openLmdb({ path });
      return stores;
    },
    async close() {
      await stores.close();
      await rm(path, { recursive: true });
    },
  };
}

logContract('lmdb', async () => {
  const place = await reopenable();
  return {
    log: place.stores().log('events'),
    reopen: async () => (await place.reopen()).log('events'),
    close: () => place.close(),
  };
});

lettingGoContract('lmdb', async () => {
  const place = await reopenable();
  return {
    log: place.stores().log('events'),
    reopen: async () => (await place.reopen()).log('events'),
    close: () => place.close(),
  };
});

stateContract('lmdb', async () => {
  const place = await reopenable();
  return {
    state: place.stores().state,
    reopen: async () => (await place.reopen()).state,
    close: () => place.close(),
  };
});

vaultContract('lmdb', async () => {
  const place = await reopenable();
  return {
    vault: place.stores().vault(masterKey),
    reopen: async () => (await place.reopen()).vault(masterKey),
    close: () => place.close(),
  };
});

valuesContract('lmdb', async () => {
  const place = await reopenable();
  return {
    values: place.stores().meta,
    reopen: async () => (await place.reopen()).meta,
    close: () => place.close(),
  };
});

describe('lmdb environment', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const opened = async (options: { path?: string; mapSizeBytes?: number } = {}) => {
    const path = options.path ?? (await folder());
    const stores = await openLmdb({ ...options, path });
    undo.push(
      () => rm(path, { recursive: true, force: true }),
      () => stores.close(),
    );
    return { path, stores };
  };

  it('keeps small values of the deployment across a restart', async () => {
    const { path, stores } = await opened();
    expect(await stores.meta.get('site-key')).toBeUndefined();
    await stores.meta.put('site-key', new Uint8Array([1, 2, 3]));
    await stores.close();
    const again = await opened({ path });
    expect([...((await again.stores.meta.get('site-key')) ?? [])]).toEqual([1, 2, 3]);
  });

  it('refuses a folder that this process already has open, until it is closed', async () => {
    const { path, stores } = await opened();
    await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    await stores.close();
    await (await openLmdb({ path })).close();
  });

  it('refuses a folder that another process has open, and takes it over from one that was killed', async () => {
    const path = await folder();
    undo.push(() => rm(path, { recursive: true, force: true }));
    const child = startChild(new URL('./append.child.ts', import.meta.url), [path, '1', '1']);
    const holding = new Promise<void>((resolve) => {
      child.stdout?.once('data', () => resolve());
    });
    const end = childEnd(child);
    await Promise.race([holding, end]);
    await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    child.kill('SIGKILL');
    await end;
    await (await openLmdb({ path })).close();
  });

  it('writes nothing more once another process, unseen by the lock, has taken the folder over', async () => {
    const { path, stores } = await opened();
    await stores.log('events').append(0, [new Uint8Array(1)]);
    const other = open<Buffer, Buffer>({ path, maxDbs: 32, overlappingSync: false, keyEncoding: 'binary' });
    undo.push(() => other.close());
    const owners = other.openDB<Buffer, Buffer>({
      name: 'owner',
      encoding: 'binary',
      keyEncoding: 'binary',
      useVersions: true,
    });
    await owners.put(Buffer.from('owner'), Buffer.from('other'), 1);
    const late = stores.log('events').append(0, [new Uint8Array(1)]);
    await expect(late).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    await expect(stores.log('events').end(0)).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    const records = other.openDB<Buffer, Buffer>({
      name: 'log/events',
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    expect([...records.getKeys({})].length).toBe(1);
  });

  it('lets nobody but its owner read the data', async () => {
    const { path } = await opened();
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect((await stat(join(path, 'data.mdb'))).mode & 0o077).toBe(0);
  });

  it('refuses everything once closed, and closing waits for the writes under way', async () => {
    const { path, stores } = await opened();
    const log = stores.log('events');
    const appended = Array.from({ length: 50 }, () => log.append(0, [new Uint8Array(100)]));
    await stores.close();
    await stores.close();
    expect(await Promise.all(appended)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    await expect(log.append(0, [])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(log.read(0, 0, 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(stores.state.checkpoint('a')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(stores.vault(masterKey).reveal('a')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const again = await opened({ path });
    expect(await again.stores.log('events').end(0)).toBe(50);
  });

  it('refuses writes over its size limit whole, and goes on with what fits', async () => {
    const { stores } = await opened({ mapSizeBytes: 2_000_000 });
    const log = stores.log('events');
    await log.append(0, [new Uint8Array(10)]);
    const large = Array.from({ length: 3 }, () => new Uint8Array(1_000_000));
    await expect(log.append(0, large)).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await log.end(0)).toBe(1);
    expect(await log.append(0, [new Uint8Array(10)])).toBe(1);
  });

  it('refuses more waiting writes than it has room for, and keeps those it took', async () => {
    const { stores } = await opened();
    const log = stores.log('events');
    const results = await Promise.allSettled(
      Array.from({ length: 10_050 }, () => log.append(0, [new Uint8Array(1)])),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBe(50);
    expect(refused.every((result) => (result.reason as { code: string }).code === 'STORE_BUSY')).toBe(true);
    expect(await log.end(0)).toBe(10_000);
  });

  it.skipIf(process.platform === 'win32')(
    'survives a full disk: errors surface, nothing is half written',
    async () => {
      const path = await folder();
      undo.push(() => rm(path, { recursive: true, force: true }));
      const child = startChild(new URL('./disk-full.child.ts', import.meta.url), [path], {
        fileLimitBytes: 2_000_000,
      });
      const { output, errors, code } = await childEnd(child);
      expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
      const report = JSON.parse(output) as {
        acknowledged: number;
        refusals: string[];
        smallAfterwards: string;
      };
      expect(report.refusals.length).toBeGreaterThan(0);
      expect(new Set(report.refusals)).toEqual(new Set(['STORE_WRITE_FAILED']));
      expect(report.smallAfterwards).toBe('ok');
      const { stores } = await opened({ path });
      const stored = await stores.state.checkpoint('test');
      expect(await stores.log('events').end(0)).toBe(report.acknowledged * 100);
      expect(stored?.sequence).toBe(report.acknowledged);
      expect((await stores.state.keys('test', '', '', 10_000)).length).toBe(report.acknowledged);
    },
  );
});
