// The file that holds the master key of the vault.
import { randomBytes } from 'node:crypto';
import { CodedError } from '../../events/coded-error.js';
import { VAULT_LIMITS } from '../../events/store-limits.js';
import { createKeyFile, readKeyFile } from './key-file.js';

/**
 * Reads the master key, 64 hex digits in a file such as `<data>/vault.key`. Whoever has this file and the data folder
 * reads the vault: keep copies of the two apart.
 * @param begun whether a vault was written with it before; else one is made, of mode 0600, where there is no file
 * @throws CodedError VAULT_KEY where the file is no key, or others than its owner may read it, or where it is missing
 *   although a vault was begun; nothing is written then.
 */
export async function vaultKey(path: string, begun: boolean): Promise<Uint8Array> {
  const key = await readKeyFile(path, 'VAULT_KEY');
  if (key !== undefined) return key;
  if (begun) {
    const advice = 'put it back from its copy; without it the clear values are lost for good';
    throw new CodedError('VAULT_KEY', `${path} is missing, and the vault was written with it: ${advice}.`);
  }
  return createKeyFile(path, randomBytes(VAULT_LIMITS.keyBytes), 'VAULT_KEY');
}
