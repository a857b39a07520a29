// Seals: what all chains and the index were at one instant, signed, and naming the seal before.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalForm } from './canonical-form.js';
import type { ChainHead } from './chain.js';

export const SEAL_FORMAT = 'fenghuo-seal/1';
/** What the first seal names as the one before it. */
export const NO_SEAL = '0'.repeat(64);

export interface Seal {
  readonly format: typeof SEAL_FORMAT;
  /** Counted from 0, without holes. */
  readonly number: number;
  /** Instant of the log's clock, epoch ms. */
  readonly time: number;
  /** Id of the seal before; 64 zeros for the first. */
  readonly previous: string;
  /** The end of every chain, by its name: `<stratum>/<partition>`. */
  readonly heads: { readonly [chain: string]: ChainHead };
  /** Root of the index of warnings and subjects, see subject-index.ts. */
  readonly index: string;
  /** By revision, of the records since the seal before: SHA-256 of the list of its files, see manifest.ts. */
  readonly rules: { readonly [revision: string]: string };
}

/** A seal as its holders have it. All fields but the seal are hex. */
export interface SignedSeal {
  /** SHA-256 over the canonical form of the seal. */
  readonly id: string;
  readonly seal: Seal;
  /** The public key, Ed25519 (RFC 8032), 32 bytes. */
  readonly key: string;
  /** Ed25519 over the canonical form of the seal, 64 bytes. */
  readonly signature: string;
}

/** The bytes that are signed. */
export function sealBytes(seal: Seal): Uint8Array {
  return utf8ToBytes(canonicalForm(seal));
}

export function sealId(seal: Seal): string {
  return bytesToHex(sha256(sealBytes(seal)));
}

/** Whether the id is the seal's, and the signature that of the key which the seal itself names. */
export function isSigned({ id, seal, key, signature }: SignedSeal): boolean {
  if (sealId(seal) !== id) return false;
  try {
    return ed25519.verify(hexToBytes(signature), sealBytes(seal), hexToBytes(key), { zip215: false });
  } catch {
    // A key that is no point of the curve.
    return false;
  }
}
