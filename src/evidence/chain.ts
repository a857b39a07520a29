// Evidence: canonical form, hashes, and the chain in which each record names the one before it.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalForm } from './canonical-form.js';

/** The end of a chain: how many records it has, and the hash of the last. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Where a record stands in its chain. */
export interface ChainLink extends ChainHead {
  /** Hash of the record before it; 64 zeros for the first. */
  readonly previous: string;
}

export const CHAIN_START: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/** The link of the next record: SHA-256 over the previous hash (32 bytes) and the record's canonical form. */
export function linkRecord(head: ChainHead, record: unknown): ChainLink {
  return linkText(head, canonicalForm(record));
}

/** As `linkRecord`, of a record whose canonical form is at hand. */
export function linkText(head: ChainHead, canonical: string): ChainLink {
  const hash = bytesToHex(sha256(concatBytes(hexToBytes(head.hash), utf8ToBytes(canonical))));
  return { sequence: head.sequence + 1, previous: head.hash, hash };
}

/** Whether a record is what its link says. */
export function verifyLink(link: ChainLink, record: unknown): boolean {
  return linkRecord({ sequence: link.sequence - 1, hash: link.previous }, record).hash === link.hash;
}
