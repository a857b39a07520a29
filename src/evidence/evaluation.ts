// A quarterly evaluation of credit, frozen: every subject with its score and class, signed so that others can check it.
import { ed25519 } from '@noble/curves/ed25519.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { canonicalForm } from './canonical-form.js';
import { textDigest } from './manifest.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const grade = z.enum(['A', 'B', 'C', 'D']);

const line = z.strictObject({
  name: z.string(),
  weight: z.number(),
  /** An error where it could not be computed. */
  contribution: z.union([z.number(), z.looseObject({ error: z.string() })]),
  missing: z.boolean(),
});

const subject = z.strictObject({
  subject: z.string(),
  name: z.string().nullable(),
  /** Null where a line of the score could not be computed. */
  score: z.number().nullable(),
  class: grade.nullable(),
  lines: z.array(line),
  indicators: z.record(z.string(), z.unknown()),
  /** The events that the figures rest on: how many, the latest ids, and a hash over all ids. */
  contributions: z.strictObject({ total: z.int().min(0), hash: z.string(), events: z.array(z.string()) }),
});

const EVALUATION_FORMAT = 'fenghuo-evaluation/1';

export const EVALUATION_RECORD = z.strictObject({
  format: z.literal(EVALUATION_FORMAT),
  /** For example 2026Q3. */
  quarter: z.string(),
  /** Its beginning, and the instant just before the next one, RFC 3339: what arrived after it does not count. */
  from: z.iso.datetime(),
  at: z.iso.datetime(),
  revision: z.string(),
  model: z.string(),
  /** Which scores are below which class; D is the rest. */
  bounds: z.strictObject({ A: z.number(), B: z.number(), C: z.number() }),
  /** In the order of their ids. */
  subjects: z.array(subject).max(2_000_000),
  /** SHA-256 of the canonical form (RFC 8785) of all before. */
  digest: hash,
  /** Ed25519 (RFC 8032), hex, over `fenghuo-evaluation/1 <digest>`. */
  key: hash,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});
export type EvaluationRecord = z.output<typeof EVALUATION_RECORD>;
export type EvaluatedSubject = z.output<typeof subject>;
export type EvaluationDraft = Omit<EvaluationRecord, 'format' | 'digest' | 'key' | 'signature'>;

/** The class of a score. */
export function classOf(score: number, { A, B, C }: EvaluationRecord['bounds']): z.output<typeof grade> {
  return score < A ? 'A' : score < B ? 'B' : score < C ? 'C' : 'D';
}

export function evaluationDigest(draft: EvaluationDraft): string {
  return textDigest(canonicalForm({ format: EVALUATION_FORMAT, ...draft }));
}

/** What is signed. */
export function signedBytes(digest: string): Uint8Array {
  return utf8ToBytes(`${EVALUATION_FORMAT} ${digest}`);
}

/** The record as its file has it. */
export function sealedEvaluation(
  draft: EvaluationDraft,
  signed: Pick<EvaluationRecord, 'digest' | 'key' | 'signature'>,
): EvaluationRecord {
  return { format: EVALUATION_FORMAT, ...draft, ...signed };
}

export interface EvaluationFault {
  readonly place: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Checks digest, signature, sums and classes. @returns null where all holds
 * @param keys public keys that are trusted, hex; null trusts that of the record
 */
export function verifyEvaluation(
  record: EvaluationRecord,
  keys: readonly string[] | null,
): EvaluationFault | null {
  const { format: _format, digest, key, signature, ...draft } = record;
  const again = evaluationDigest(draft);
  if (again !== digest) return { place: 'digest', expected: again, found: digest };
  if (keys !== null && !keys.includes(key)) return { place: 'key', expected: keys.join(' '), found: key };
  if (!isSigned(signature, digest, key)) {
    return { place: 'signature', expected: `a signature by ${key}`, found: signature };
  }
  const seen = new Set<string>();
  for (const one of draft.subjects) {
    const place = `subjects/${one.subject}`;
    if (seen.has(one.subject)) return { place, expected: 'each subject once', found: 'it stands twice' };
    seen.add(one.subject);
    const score = sumOf(one);
    if (score !== one.score) return { place, expected: `score ${score}`, found: `score ${one.score}` };
    const grade = score === null ? null : classOf(score, draft.bounds);
    if (grade !== one.class) return { place, expected: `class ${grade}`, found: `class ${one.class}` };
  }
  return null;
}

/** Contributions have six decimals, so that the sum is that of what is shown. */
const DECIMALS = 1_000_000;

/** The score that the lines give; null where one of them is an error. */
function sumOf({ lines }: EvaluatedSubject): number | null {
  let millionths = 0;
  for (const { contribution } of lines) {
    if (typeof contribution !== 'number') return null;
    millionths += Math.round(contribution * DECIMALS);
  }
  return millionths / DECIMALS;
}

function isSigned(signature: string, digest: string, key: string): boolean {
  try {
    return ed25519.verify(hexToBytes(signature), signedBytes(digest), hexToBytes(key), { zip215: false });
  } catch {
    // A key that is no point of the curve.
    return false;
  }
}
