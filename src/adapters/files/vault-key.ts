// The file that holds the master key of the vault.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '../../events/coded-error.js';
import { VAULT_LIMITS } from '../../events/store-limits.js';
import { syncFolder } from './sync-folder.js';

/**
 * Reads the master key, 64 hex digits in a file such as `<data>/vault.key`. Whoever has this file and the data folder
 * reads the vault: keep copies of the two apart.
 * @param begun whether a vault was written with it before; else one is made, of mode 0600, where there is no file
 * @throws CodedError VAULT_KEY where the file is no key, or others than its owner may read it, or where it is missing
 *   although a vault was begun; nothing is written then.
 */
export async function vaultKey(path: string, begun: boolean): Promise<Uint8Array> {
  const key = await readKey(path);
  if (key !== undefined) return key;
  if (begun) {
    const advice = 'put it back from its copy; without it the clear values are lost for good';
    throw new CodedError('VAULT_KEY', `${path} is missing, and the vault was written with it: ${advice}.`);
  }
  return createKey(path);
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CodedError('VAULT_KEY', `The file is ${path}.`, error);
  }
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CodedError('VAULT_KEY', `Others may read ${path}; set its mode to 0600.`);
    }
    const text = size > 200 ? '' : (await file.readFile('utf8')).trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw new CodedError('VAULT_KEY', `${path} must hold 64 hex digits.`);
    return Buffer.from(text, 'hex');
  } finally {
    await file.close();
  }
}

async function createKey(path: string): Promise<Uint8Array> {
  const key = randomBytes(VAULT_LIMITS.keyBytes);
  // Written aside and linked, so that a crash leaves no half key and of two processes one wins.
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(`${key.toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(aside, path);
    await syncFolder(dirname(path));
    return key;
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readKey(path) : undefined;
    if (other === undefined) throw error;
    return other;
  } finally {
    await rm(aside, { force: true });
  }
}
