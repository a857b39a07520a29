// fenghuo seal-key, composed: the key file of a data folder, whether it is in use or not.
import { resolve } from 'node:path';
import { newSealKey, sealKey } from '../adapters/files/seal-key.js';
import { sealKeyPath } from './stores.js';

/** The public key, hex. @throws CodedError SEAL_KEY where there is none, unless one is to be made */
export async function publicSealKey(dataDir: string, make: boolean): Promise<string> {
  const path = sealKeyPath(resolve(dataDir));
  const { publicKey } = make ? await newSealKey(path) : await sealKey(path, true);
  return publicKey;
}
