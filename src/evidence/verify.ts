// Verification of a bundle, by nothing but itself, the keys that the verifier trusts, and seals that a holder has.
import {
  BUNDLE_FORMAT,
  BUNDLE_SCHEMA,
  CATALOGUE,
  modelFile,
  type Bundle,
  type BundleRecord,
  type Span,
} from './bundle.js';
import { canonicalForm } from './canonical-form.js';
import { digestOf, nextHead } from './chain.js';
import { expectSame, fail, FaultFound, MEANINGS, type Fault } from './fault.js';
import { manifestDigest, textDigest } from './manifest.js';
import type { SignedSeal } from './seal.js';
import { compareHeld, verifySeals, verifySignatures, type Compared } from './seal-check.js';
import { headOf, provenRoot, subjectName, warningName } from './subject-index.js';

export interface Trust {
  /** Public keys, hex; null trusts those of the bundle. */
  readonly keys: readonly string[] | null;
  /** Seals as a holder has them; null trusts those of the bundle. */
  readonly held: readonly SignedSeal[] | null;
}

/** What holds. */
export interface Verified {
  readonly bundle: Bundle;
  /** The last seal: nothing is missing up to its time, and nothing is said of later. */
  readonly last: SignedSeal;
  /** Null where no holder's seals were given. */
  readonly compared: Compared | null;
}

export type Verification =
  { readonly ok: true; readonly verified: Verified } | { readonly ok: false; readonly fault: Fault };

/** Verifies a parsed file, and names the first thing that does not hold. */
export function verifyBundle(value: unknown, trust: Trust): Verification {
  try {
    // What was parsed is read on, not what the schema makes of it: nothing of it may be left out of a hash.
    const parsed = BUNDLE_SCHEMA.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return unreadable(issue?.path.map(String).join('.') ?? '', issue?.message ?? '');
    }
    const bundle = value as Bundle;
    verifySeals(bundle.seals, bundle.keys, trust.keys);
    const compared = trust.held === null ? null : compareHeld(bundle.seals, trust.held);
    for (const record of bundle.records) verifyRecord(bundle, record);
    verifyOrdinals(bundle);
    for (const span of bundle.spans) verifySpan(bundle, span);
    verifyIndex(bundle);
    verifyRules(bundle);
    verifySignatures(bundle.seals);
    return { ok: true, verified: { bundle, last: lastSeal(bundle), compared } };
  } catch (error) {
    if (error instanceof FaultFound) return { ok: false, fault: error.fault };
    // What has no canonical form: half a surrogate pair, or nesting without end.
    return unreadable('', error instanceof Error ? error.message : String(error));
  }
}

function unreadable(part: string, reason: string): Verification {
  const meaning = MEANINGS.BUNDLE_FORMAT;
  const place = { part: part === '' ? '/' : part };
  const expected = `a bundle of ${BUNDLE_FORMAT}`;
  return { ok: false, fault: { code: 'BUNDLE_FORMAT', ...place, expected, found: reason, meaning } };
}

function verifyRecord({ about, spans }: Bundle, { chain, link, transition, sample }: BundleRecord): void {
  const place = { chain, sequence: link.sequence };
  expectSame(
    'RECORD_CHANGED',
    place,
    link.digest,
    digestOf(link.salt, canonicalForm({ sample, transition })),
  );
  const before = { sequence: link.sequence - 1, hash: link.previous };
  expectSame('RECORD_CHANGED', place, link.hash, nextHead(before, link.digest).hash);
  if ('warning' in about) expectSame('RECORD_FOREIGN', place, about.warning, transition.warning);
  else expectSame('RECORD_FOREIGN', place, about.subject, `${transition.scope}:${transition.key}`);
  const covering = spans.filter((span) => covers(span, chain, link.sequence));
  if (covering.length !== 1) fail('CHAIN_BROKEN', place, '1 span', `${covering.length} spans`);
}

function covers(span: Span, chain: string, sequence: number): boolean {
  const { after, digests } = span;
  return span.chain === chain && sequence > after.sequence && sequence <= after.sequence + digests.length;
}

/** The transitions of a warning are numbered from 0 without holes. */
function verifyOrdinals({ records }: Bundle): void {
  const next = new Map<string, number>();
  for (const { chain, link, transition } of records) {
    const { warning, ordinal } = transition;
    const expected = next.get(warning) ?? 0;
    const [wanted, found] = [`${warning} transition ${expected}`, `${warning} transition ${ordinal}`];
    expectSame('RECORD_MISSING', { chain, sequence: link.sequence }, wanted, found);
    next.set(warning, expected + 1);
  }
}

/** Walks a part of a chain from the record before it to the head in its seal. */
function verifySpan(bundle: Bundle, { chain, seal, after, digests }: Span): void {
  const own = bundle.records.filter(
    (record) => record.chain === chain && record.link.sequence > after.sequence,
  );
  const bySequence = new Map(own.map((record) => [record.link.sequence, record.link]));
  let head = after;
  let count = 0;
  for (const digest of digests) {
    const link = bySequence.get(head.sequence + 1);
    const place = { chain, sequence: head.sequence + 1 };
    if (link !== undefined) {
      expectSame('CHAIN_BROKEN', place, link.previous, head.hash);
      expectSame('CHAIN_BROKEN', place, link.digest, digest);
      count++;
    }
    head = nextHead(head, digest);
  }
  const place = { chain, sequence: head.sequence };
  if (count === 0 || !bySequence.has(after.sequence + 1)) {
    fail('CHAIN_BROKEN', { chain, sequence: after.sequence + 1 }, 'a record of the bundle', 'none');
  }
  const first = bundle.seals.find((one) => (one.seal.heads[chain]?.sequence ?? 0) > after.sequence)?.seal;
  expectSame('CHAIN_BROKEN', place, `seal ${first?.number ?? '-'}`, `seal ${seal}`);
  const sealed = first?.heads[chain];
  expectSame('CHAIN_BROKEN', { ...place, seal }, sealed?.sequence ?? 0, head.sequence);
  expectSame('CHAIN_BROKEN', { ...place, seal }, sealed?.hash ?? '', head.hash);
}

/** The last seal says how many records there are, and which. */
function verifyIndex(bundle: Bundle): void {
  const { about, index, records } = bundle;
  const { seal } = lastSeal(bundle);
  const place = { seal: seal.number, part: 'index' };
  expectSame('INDEX_BROKEN', place, seal.index, provenRoot(index, index.tag));
  const entry = index.bucket.find(({ tag }) => tag === index.tag);
  if (entry === undefined) fail('INDEX_BROKEN', place, index.tag, 'none');
  const last = records[records.length - 1] as BundleRecord;
  const end = { chain: last.chain, sequence: last.link.sequence, seal: seal.number };
  expectSame('RECORD_MISSING', end, `${entry.count} records`, `${records.length} records`);
  const name = 'warning' in about ? warningName(about.warning) : subjectName(about.subject);
  const hashes = records.map(({ link }) => link.hash);
  expectSame('RECORD_MISSING', end, entry.head, headOf(name, hashes));
}

/** Each record's revision is what its covering seal says, and the file of its model is shown. */
function verifyRules({ records, rules, spans, seals }: Bundle): void {
  const needed = new Set<string>();
  for (const { chain, link, transition } of records) {
    const place = { chain, sequence: link.sequence };
    const span = spans.find((one) => covers(one, chain, link.sequence));
    const sealed = seals.find(({ seal }) => seal.number === span?.seal)?.seal.rules[transition.revision];
    const shown = rules.filter(({ revision }) => revision === transition.revision);
    const [one] = shown;
    if (one === undefined || shown.length > 1) fail('RULES_DIFFER', place, transition.revision, shown.length);
    expectSame('RULES_DIFFER', place, sealed ?? '', manifestDigest(one.files));
    const file = modelFile(transition.model);
    if (!Object.hasOwn(one.texts, file)) fail('RULES_DIFFER', place, file, 'none');
    needed.add(transition.revision);
  }
  for (const { revision, files, texts } of rules) {
    if (!needed.has(revision)) fail('RULES_DIFFER', { part: `rules ${revision}` }, 'a record', 'none');
    for (const path of Object.keys(files)) {
      if (!path.startsWith(CATALOGUE) || Object.hasOwn(texts, path)) continue;
      fail('RULES_DIFFER', { part: `rules ${revision}` }, path, 'none');
    }
    for (const [path, text] of Object.entries(texts)) {
      const expected = Object.hasOwn(files, path) ? (files[path] as string) : 'none';
      expectSame('RULES_DIFFER', { part: `rules ${revision} ${path}` }, expected, textDigest(text));
    }
  }
}

function lastSeal({ seals }: Bundle): SignedSeal {
  return seals[seals.length - 1] as SignedSeal;
}
