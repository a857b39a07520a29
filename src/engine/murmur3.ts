// A named hash that is fast and spreads well; not for secrets.
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** MurmurHash3_x86_32 (Austin Appleby, public domain) over the UTF-8 bytes of a text: a whole number below 2^32. */
export function murmur3(text: string, seed: number): number {
  return murmur3Bytes(utf8ToBytes(text), seed);
}

export function murmur3Bytes(bytes: Uint8Array, seed: number): number {
  const { length } = bytes;
  const blocks = length & ~3;
  let hash = seed | 0;
  for (let index = 0; index < blocks; index += 4) {
    hash ^= scramble(
      byteAt(bytes, index) |
        (byteAt(bytes, index + 1) << 8) |
        (byteAt(bytes, index + 2) << 16) |
        (byteAt(bytes, index + 3) << 24),
    );
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let index = length - 1; index >= blocks; index--) tail = (tail << 8) | byteAt(bytes, index);
  if (length > blocks) hash ^= scramble(tail);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}
