// The hashes that evidence is made with: in JavaScript, or by the machine where the composition hands in its own.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Both as 64 hex digits. Whoever reckons them, they are the same. */
export interface Hashing {
  /** SHA-256 (FIPS 180-4). */
  sha256(bytes: Uint8Array): string;
  /** HMAC with SHA-256 (RFC 2104). */
  hmac(key: Uint8Array, bytes: Uint8Array): string;
}

export const PURE_HASHING: Hashing = {
  sha256: (bytes) => bytesToHex(sha256(bytes)),
  hmac: (key, bytes) => bytesToHex(hmac(sha256, key, bytes)),
};
