// The file that holds the key of the seals.
import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { CodedError } from '../../events/coded-error.js';
import type { SealSigner } from '../../ports/seal-signer.js';
import { createKeyFile, readKeyFile } from './key-file.js';

/** Before the 32 bytes of an Ed25519 private key in PKCS 8 (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Opens the key, 64 hex digits in a file such as `<data>/seal.key`. Whoever has it can sign seals as this system; what
 * was signed before is safe with its holders.
 * @param begun whether seals were signed with it before; else one is made, of mode 0600, where there is no file
 * @throws CodedError SEAL_KEY where the file is no key, or others than its owner may read it, or where it is missing
 *   although seals were signed; nothing is written then.
 */
export async function sealKey(path: string, begun: boolean): Promise<SealSigner> {
  const seed = await readKeyFile(path, 'SEAL_KEY');
  if (seed !== undefined) return signerOf(seed);
  if (begun) {
    const advice =
      'put it back from its copy, or begin another one with fenghuo seal-key --new and tell those who verify';
    throw new CodedError('SEAL_KEY', `${path} is missing, and seals were signed with it: ${advice}.`);
  }
  return newSealKey(path);
}

/** Makes a key where there is none; one that is there stays. */
export async function newSealKey(path: string): Promise<SealSigner> {
  const known = await readKeyFile(path, 'SEAL_KEY');
  return signerOf(known ?? (await createKeyFile(path, randomBytes(32), 'SEAL_KEY')));
}

function signerOf(seed: Uint8Array): SealSigner {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  return {
    publicKey: publicKeyOf(key),
    sign: async (bytes) => sign(null, bytes, key),
  };
}

function publicKeyOf(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url').toString('hex');
}
