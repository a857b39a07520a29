import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLmdb, type LmdbStores } from '../../../src/adapters/lmdb/lmdb.js';

const key = new Uint8Array(32).fill(5);
let path: string;
let stores: LmdbStores;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'fenghuo-vault-'));
  stores = await openLmdb({ path });
});
afterEach(async () => {
  await stores.close();
  await rm(path, { recursive: true });
});

async function everyByte(): Promise<Buffer> {
  const names = await readdir(path);
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(path, name)))));
}

describe('vault on lmdb', () => {
  it('leaves no clear value on the disk', async () => {
    await stores.vault(key).keep([{ pseudonym: 'p', value: 'the clear value' }]);
    expect((await everyByte()).includes('the clear value')).toBe(false);
  });

  it('leaves nothing of an erased key on the disk, free pages included', async () => {
    const vault = stores.vault(key);
    await vault.keep([
      { pseudonym: 'gone', value: 'a' },
      { pseudonym: 'stays', value: 'b' },
    ]);
    const slots = await readFile(join(path, 'vault-keys'));
    const wrapped = [slots.subarray(4, 64), slots.subarray(68, 128)] as const;
    await vault.erase('gone');
    const disk = await everyByte();
    expect(disk.includes(wrapped[0])).toBe(false);
    expect(disk.includes(wrapped[1])).toBe(true);
    expect(await vault.reveal('stays')).toBe('b');
  });

  it('takes a key whose entry outlived it, as after a crash in the middle of an erasure, for erased', async () => {
    const vault = stores.vault(key);
    await vault.keep([{ pseudonym: 'p', value: 'a' }]);
    await stores.close();
    await writeFile(join(path, 'vault-keys'), Buffer.alloc(64));
    stores = await openLmdb({ path });
    const again = stores.vault(key);
    expect(await again.reveal('p')).toBeUndefined();
    await again.keep([{ pseudonym: 'p', value: 'a' }]);
    expect(await again.reveal('p')).toBe('a');
  });

  it('goes on after a crash that tore the last key slot', async () => {
    await stores.vault(key).keep([{ pseudonym: 'p', value: 'a' }]);
    await stores.close();
    await writeFile(join(path, 'vault-keys'), Buffer.alloc(10, 1), { flag: 'a' });
    stores = await openLmdb({ path });
    const vault = stores.vault(key);
    await vault.keep([{ pseudonym: 'q', value: 'b' }]);
    expect([await vault.reveal('p'), await vault.reveal('q')]).toEqual(['a', 'b']);
  });

  it('refuses another master key before it writes anything with it', async () => {
    await stores.vault(key).keep([{ pseudonym: 'p', value: 'a' }]);
    const other = stores.vault(new Uint8Array(32).fill(6));
    await expect(other.keep([{ pseudonym: 'q', value: 'b' }])).rejects.toMatchObject({ code: 'VAULT_KEY' });
    await expect(other.reveal('p')).rejects.toMatchObject({ code: 'VAULT_KEY' });
    expect(() => stores.vault(new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'VAULT_KEY' }));
    expect(await stores.vault(key).reveal('q')).toBeUndefined();
  });

  it('says that a value is damaged, without repeating any of it', async () => {
    const vault = stores.vault(key);
    await vault.keep([{ pseudonym: 'p', value: 'the clear value' }]);
    const file = join(path, 'vault-keys');
    const slots = await readFile(file);
    slots[40] = (slots[40] as number) ^ 1;
    await writeFile(file, slots);
    const error = await vault.reveal('p').catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'VAULT_DAMAGED' });
    expect(String(error)).not.toContain('clear value');
  });
});

describe('a vault that was begun', () => {
  it('is known as such at the next start', async () => {
    expect(stores.vaultBegun).toBe(false);
    await stores.vault(key).keep([{ pseudonym: 'p', value: 'a' }]);
    await stores.close();
    stores = await openLmdb({ path });
    expect(stores.vaultBegun).toBe(true);
  });
});
