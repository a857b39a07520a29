// A secret of 32 bytes in a file of its own, as 64 hex digits that nobody but its owner may read.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '../../events/coded-error.js';
import type { Code } from '../../events/codes.js';
import { syncFolder } from './sync-folder.js';

/**
 * Reads a key; undefined where there is no file.
 * @throws CodedError of the code given where the file is no key, or others than its owner may read it
 */
export async function readKeyFile(path: string, code: Code): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CodedError(code, `The file is ${path}.`, error);
  }
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CodedError(code, `Others may read ${path}; set its mode to 0600.`);
    }
    const text = size > 200 ? '' : (await file.readFile('utf8')).trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw new CodedError(code, `${path} must hold 64 hex digits.`);
    return Buffer.from(text, 'hex');
  } finally {
    await file.close();
  }
}

/** Writes a key to a new file, of mode 0600. @returns it, or the one that was there already */
export async function createKeyFile(path: string, key: Uint8Array, code: Code): Promise<Uint8Array> {
  // Written aside and linked, so that a crash leaves no half key and of two processes one wins.
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(`${Buffer.from(key).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(aside, path);
    await syncFolder(dirname(path));
    return key;
  } catch (error) {
    const other =
      (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readKeyFile(path, code) : undefined;
    if (other === undefined) throw error;
    return other;
  } finally {
    await rm(aside, { force: true });
  }
}
