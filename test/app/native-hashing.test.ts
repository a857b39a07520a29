// The hashes of Node are those in JavaScript, and evidence made with either is the same.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NATIVE_HASHING } from '../../src/app/native-hashing.js';
import { saltOf, tagOf } from '../../src/evidence/blinding.js';
import { CHAIN_START, linkText } from '../../src/evidence/chain.js';
import { PURE_HASHING } from '../../src/evidence/hashing.js';
import {
  nextEntryHead,
  putEntries,
  type IndexEntry,
  type IndexNode,
} from '../../src/evidence/subject-index.js';

const bytes = fc.uint8Array({ maxLength: 300 });
const BOTH = [PURE_HASHING, NATIVE_HASHING];

describe('native hashing', () => {
  it('knows the examples of FIPS 180-4 and RFC 4231', () => {
    for (const hashing of BOTH) {
      expect(hashing.sha256(Buffer.from('abc'))).toBe(
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      );
      expect(hashing.hmac(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'))).toBe(
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
    }
  });

  it('gives what the library in JavaScript gives, whatever the key and the bytes, a part of larger memory too', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(20), (key, text, skipped) => {
        const part = text.subarray(Math.min(skipped, text.length));
        for (const hashing of BOTH) {
          expect(hashing.sha256(part)).toBe(bytesToHex(sha256(part)));
          expect(hashing.hmac(key, part)).toBe(bytesToHex(hmac(sha256, key, part)));
        }
      }),
    );
  });

  it('makes the same links, salts, tags and roots', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(bytes, texts, fc.array(texts, { minLength: 1, maxLength: 12 }), (key, text, names) => {
        const [pure, native] = BOTH.map((hashing) => {
          const salt = saltOf(key, '0/0', 7, hashing);
          const link = linkText(CHAIN_START, salt, JSON.stringify(text), hashing);
          const entries = [...new Set(names)].map((name): IndexEntry => {
            const head = nextEntryHead(CHAIN_START.hash, link.hash, hashing);
            return { tag: tagOf(key, name, hashing), count: 1, head };
          });
          const nodes = new Map<string, IndexNode>();
          const buckets = new Map<string, readonly IndexEntry[]>();
          const tree = {
            node: (path: string) => nodes.get(path),
            setNode: (path: string, node: IndexNode) => void nodes.set(path, node),
            bucket: (path: string) => buckets.get(path) ?? [],
            setBucket: (path: string, put: readonly IndexEntry[]) => void buckets.set(path, put),
          };
          return { link, root: putEntries(tree, entries, hashing), nodes, buckets };
        });
        expect(native).toEqual(pure);
      }),
    );
  });
});
