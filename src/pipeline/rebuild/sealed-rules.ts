// The files of rules that seals name: a rebuild must have them as they ran, down to the last comment.
import type { SignedSeal } from '../../evidence/seal.js';
import type { Log } from '../../ports/log.js';
import { decodeJson } from '../checkpoint.js';
import { recordsFrom } from './standing-log.js';

/** By revision, the digest of the list of its files. */
export async function sealedRules(seals: Log): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for await (const { value } of recordsFrom(seals, 0, 0)) {
    const { rules } = decodeJson<SignedSeal>(value).seal;
    for (const [revision, digest] of Object.entries(rules)) digests.set(revision, digest);
  }
  return digests;
}
