// fenghuo verify, composed: a bundle from a file, seals from the files of a holder, keys from the command line.
import { fileBytes, openTable } from '../adapters/tabular/tabular.js';
import { SIGNED_SEAL_SCHEMA } from '../evidence/bundle.js';
import type { SignedSeal } from '../evidence/seal.js';
import { verifyBundle, type Verification } from '../evidence/verify.js';
import { CodedError } from '../events/coded-error.js';
import type { TableFormat } from '../ports/rows.js';
import { keyOf, readJsonFile } from './record-files.js';

export interface VerifyRequest {
  readonly bundle: string;
  /** Public keys, 64 hex digits each, or files that hold one; none trusts those of the bundle. */
  readonly keys: readonly string[];
  /** Files of seals as their holder has them, oldest first; none trusts those of the bundle. */
  readonly seals: readonly string[];
}

export interface VerifyResult {
  readonly verification: Verification;
  /** Lines of the holder's files that are no seals, such as one that a crash cut off. */
  readonly skippedLines: number;
}

/** Above what the export writes. */
const BUNDLE_BYTES_MAX = 256 * 1024 * 1024;
/** Of an hour each, the seals of more than a century. */
const HELD_MAX = 1_000_000;
const NDJSON: TableFormat = { format: 'ndjson', encoding: 'utf-8', delimiter: ',' };

/** Verifies with nothing but the files named. @throws CodedError FILE_READ, BUNDLE_FORMAT, SEALS_FORMAT or USAGE */
export async function verifyFile(request: VerifyRequest): Promise<VerifyResult> {
  const value = await readJsonFile(request.bundle, BUNDLE_BYTES_MAX, 'BUNDLE_FORMAT');
  const keys = await Promise.all(request.keys.map(keyOf));
  const held: SignedSeal[] = [];
  let skippedLines = 0;
  for (const file of request.seals) skippedLines += await readSeals(file, held);
  const trust = {
    keys: keys.length === 0 ? null : keys,
    held: request.seals.length === 0 ? null : held,
  };
  return { verification: verifyBundle(value, trust), skippedLines };
}

async function readSeals(file: string, held: SignedSeal[]): Promise<number> {
  const table = await openTable(fileBytes(file), NDJSON, file);
  let skipped = 0;
  for await (const batch of table.batches()) {
    for (const read of batch) {
      const parsed = read.ok ? SIGNED_SEAL_SCHEMA.safeParse(read.row) : null;
      if (parsed?.success !== true) skipped++;
      else held.push(parsed.data);
      if (held.length > HELD_MAX) throw new CodedError('SEALS_FORMAT', `Over ${HELD_MAX} seals.`);
    }
  }
  return skipped;
}
