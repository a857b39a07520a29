import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vaultKey } from '../../../src/adapters/files/vault-key.js';

let path: string;
let file: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'fenghuo-key-'));
  file = join(path, 'vault.key');
});
afterEach(() => rm(path, { recursive: true }));

const hex = (key: Uint8Array) => Buffer.from(key).toString('hex');

describe('master key of the vault', () => {
  it('is made once, readable by its owner alone, and the same afterwards', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => vaultKey(file, false)));
    expect(keys[0]?.byteLength).toBe(32);
    expect(keys.map(hex)).toEqual(Array(3).fill(hex(await vaultKey(file, true))));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path)).toEqual(['vault.key']);
  });

  it('is refused where the file is open to others or holds something else', async () => {
    await vaultKey(file, false);
    await chmod(file, 0o644);
    await expect(vaultKey(file, false)).rejects.toMatchObject({ code: 'VAULT_KEY' });
    await writeFile(file, 'short\n');
    await chmod(file, 0o600);
    await expect(vaultKey(file, false)).rejects.toMatchObject({ code: 'VAULT_KEY' });
  });

  it('is not made anew where a vault was begun: the place stays as it is', async () => {
    const error: unknown = await vaultKey(file, true).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'VAULT_KEY' });
    expect((error as Error).message).toContain(`${file} is missing`);
    expect(await readdir(path)).toEqual([]);
  });
});
