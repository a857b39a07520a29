// What keeps evidence of one subject from telling of another: salts and tags that only the holder of a key can reckon.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { PURE_HASHING, type Hashing } from './hashing.js';

const SALT_DIGITS = 32;

/** The key of salts and tags, from the key of the pseudonyms; one does not lead to the other. */
export function evidenceKeyOf(siteKey: Uint8Array): Uint8Array {
  return hmac(sha256, siteKey, utf8ToBytes('fenghuo evidence'));
}

/** The salt of one record, 32 hex digits: the same however often its step is repeated after a crash. */
export function saltOf(
  key: Uint8Array,
  chain: string,
  sequence: number,
  hashing: Hashing = PURE_HASHING,
): string {
  return hashing.hmac(key, utf8ToBytes(`salt ${chain} ${sequence}`)).slice(0, SALT_DIGITS);
}

/** What stands in the index for a name, 64 hex digits. */
export function tagOf(key: Uint8Array, name: string, hashing: Hashing = PURE_HASHING): string {
  return hashing.hmac(key, utf8ToBytes(`tag ${name}`));
}
