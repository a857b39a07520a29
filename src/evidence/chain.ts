// Evidence: canonical form, hashes, and the chain in which each record names the one before it.
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalForm } from './canonical-form.js';
import { PURE_HASHING, type Hashing } from './hashing.js';

/** The end of a chain: how many records it has, and the hash of the last. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Where a record stands in its chain. All but the sequence is hex. */
export interface ChainLink extends ChainHead {
  /** Hash of the record before it; 64 zeros for the first. */
  readonly previous: string;
  /** 16 bytes that nobody can guess, so that a digest tells nothing to whom the record was not given. */
  readonly salt: string;
  /** SHA-256 over the salt's bytes and the record's canonical form. */
  readonly digest: string;
}

export const CHAIN_START: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/** The link of the next record. */
export function linkRecord(head: ChainHead, salt: string, record: unknown): ChainLink {
  return linkText(head, salt, canonicalForm(record));
}

/** As `linkRecord`, of a record whose canonical form is at hand. */
export function linkText(
  head: ChainHead,
  salt: string,
  canonical: string,
  hashing: Hashing = PURE_HASHING,
): ChainLink {
  const digest = digestOf(salt, canonical, hashing);
  return { ...nextHead(head, digest, hashing), previous: head.hash, salt, digest };
}

/** What stands for a record where the record itself is not shown. */
export function digestOf(salt: string, canonical: string, hashing: Hashing = PURE_HASHING): string {
  return hashing.sha256(concatBytes(hexToBytes(salt), utf8ToBytes(canonical)));
}

/** The end of a chain after one more record: SHA-256 over the previous hash and the record's digest, 32 bytes each. */
export function nextHead(head: ChainHead, digest: string, hashing: Hashing = PURE_HASHING): ChainHead {
  const hash = hashing.sha256(hexToBytes(head.hash + digest));
  return { sequence: head.sequence + 1, hash };
}

/** Whether a record is what its link says. */
export function verifyLink(link: ChainLink, record: unknown): boolean {
  const { sequence, hash, digest } = linkRecord(
    { sequence: link.sequence - 1, hash: link.previous },
    link.salt,
    record,
  );
  return sequence === link.sequence && hash === link.hash && digest === link.digest;
}
