import { ed25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newSealKey, sealKey } from '../../../src/adapters/files/seal-key.js';

let path: string;
let file: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'fenghuo-key-'));
  file = join(path, 'seal.key');
});
afterEach(() => rm(path, { recursive: true }));

describe('key of the seals', () => {
  it('is made once, readable by its owner alone, and the same afterwards', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => sealKey(file, false)));
    const { publicKey } = await sealKey(file, true);
    expect(publicKey).toMatch(/^[0-9a-f]{64}$/);
    expect(keys.map((key) => key.publicKey)).toEqual(Array(3).fill(publicKey));
    expect((await newSealKey(file)).publicKey).toBe(publicKey);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path)).toEqual(['seal.key']);
  });

  it('signs as RFC 8032 says: another implementation takes the signature, and has the same key', async () => {
    const signer = await sealKey(file, false);
    const bytes = new TextEncoder().encode('封印');
    const signature = await signer.sign(bytes);
    expect(ed25519.verify(signature, bytes, hexToBytes(signer.publicKey), { zip215: false })).toBe(true);
    const seed = hexToBytes((await readFile(file, 'utf8')).trim());
    expect(Buffer.from(ed25519.getPublicKey(seed)).toString('hex')).toBe(signer.publicKey);
    expect(signature).toEqual(Buffer.from(ed25519.sign(bytes, seed)));
  });

  it('is refused where it is open to others, and not made anew where seals were signed', async () => {
    await sealKey(file, false);
    await chmod(file, 0o644);
    await expect(sealKey(file, true)).rejects.toMatchObject({ code: 'SEAL_KEY' });
    await rm(file);
    await expect(sealKey(file, true)).rejects.toThrow(`${file} is missing`);
    expect(await readdir(path)).toEqual([]);
  });
});
