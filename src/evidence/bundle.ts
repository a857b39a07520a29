// A bundle of evidence: all that is needed to check warnings without the system that raised them. Its format, version 1.
import { z } from 'zod';
import { DRAWN_MODEL } from './draw.js';
import type { SignedSeal } from './seal.js';
import type { IndexProof } from './subject-index.js';

/*
 * How to check one, for whoever writes a verifier of their own. "Canonical form" is RFC 8785, hashes are SHA-256, texts
 * are UTF-8, hex is lower case, instants are epoch milliseconds.
 *
 *  1 Each seal: id = hash(canonical form of seal); signature is Ed25519 (RFC 8032) over the canonical form, by key; all
 *    keys are in keys. Numbers ascend; where two follow each other, previous of the later is the id of the earlier.
 *    Compare ids with those that a holder outside has: nobody but the holder keeps the owner of the key from signing
 *    another history.
 *  2 Each record: digest = hash(salt bytes | canonical form of { "sample": ..., "transition": ... });
 *    hash = hash(previous bytes | digest bytes). It belongs to what the bundle is about. Ordinals of a warning count
 *    from 0 without holes.
 *  3 Each span: from the end `after` of a chain, digest by digest, sequence + 1 and hash = hash(hash bytes | digest
 *    bytes) each time, to the head of its chain in its seal, which is the first of the bundle that covers the records
 *    of the span. The records stand in it at their sequence. Digests of records of others stand for these; their salts,
 *    which are not given, keep anybody from guessing at the record.
 *  4 The index: see subject-index.ts for the tree. The proof leads from the bucket of the tag to the root in the last
 *    seal of the bundle; the entry of the tag has as many records as the bundle, and their hashes in its head. So none
 *    is missing up to the time of that seal.
 *  5 The rules: hash(canonical form of files) is what the covering seal says of the revision; each text given has the
 *    hash that files says. The file of each record's model and all under catalogue/ are among them; a record of the
 *    model catalogue/draws was called for by a random draw, and has no file but catalogue/items.yaml.
 */

export const BUNDLE_FORMAT = 'fenghuo-evidence/1';

/** Records of one bundle; a span has digests of others besides. */
export const BUNDLE_RECORDS_MAX = 10_000;
const SPAN_DIGESTS_MAX = 30_000;
const SEALS_MAX = BUNDLE_RECORDS_MAX + 1;
const FILES_MAX = 10_000;

const hexOf = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const hash = hexOf(32);
const count = z.int().min(0);
const text = z.string().max(4_096);

const head = z.strictObject({ sequence: count, hash });

/** A signed seal, in a bundle and as a line of a holder's file. */
export const SIGNED_SEAL_SCHEMA = z
  .strictObject({
    id: hash,
    seal: z.strictObject({
      format: z.literal('fenghuo-seal/1'),
      number: count,
      time: z.int(),
      previous: hash,
      heads: z.record(z.string(), head),
      index: hash,
      rules: z.record(z.string(), hash),
    }),
    key: hash,
    signature: hexOf(64),
  })
  .meta({ description: 'The end of every chain at one instant, signed.' });

const record = z
  .strictObject({
    chain: text.meta({ description: '<stratum>/<partition>, or draws/0 of what was drawn' }),
    link: z.strictObject({ sequence: count, hash, previous: hash, salt: hexOf(16), digest: hash }),
    transition: z.looseObject({
      warning: text,
      ordinal: count,
      model: text,
      scope: text,
      key: text,
      clock: z.int(),
      revision: text,
    }),
    sample: z.array(z.looseObject({})),
  })
  .meta({ description: 'A change of the level of a warning, with events that it rests on, and its link.' });

const span = z
  .strictObject({
    chain: text,
    seal: count.meta({ description: 'Number of the seal to which it leads.' }),
    after: head.meta({ description: 'The end of the chain before the first record.' }),
    digests: z.array(hash).min(1).max(SPAN_DIGESTS_MAX),
  })
  .meta({ description: 'A part of a chain, by the digests of its records.' });

const index = z
  .strictObject({
    tag: hash,
    nodes: z.array(z.array(hash).length(16)).length(4),
    bucket: z.array(z.strictObject({ tag: hash, count, head: hash })).max(1_000_000),
  })
  .meta({ description: 'Shows that no record is missing, up to the last seal.' });

const rules = z
  .strictObject({
    revision: text,
    files: z.record(z.string(), hash).meta({ description: 'All files of the revision: SHA-256 by path.' }),
    texts: z.record(z.string(), z.string()).meta({ description: 'Those that the records rest on, whole.' }),
  })
  .meta({ description: 'Rules that were in force.' });

export const BUNDLE_SCHEMA = z
  .strictObject({
    format: z.literal(BUNDLE_FORMAT),
    about: z.union([z.strictObject({ warning: text }), z.strictObject({ subject: text })]),
    keys: z.array(hash).min(1).max(100).meta({ description: 'Public keys of the seals, Ed25519.' }),
    records: z.array(record).min(1).max(BUNDLE_RECORDS_MAX).meta({ description: 'Oldest first.' }),
    spans: z.array(span).min(1).max(BUNDLE_RECORDS_MAX),
    seals: z.array(SIGNED_SEAL_SCHEMA).min(1).max(SEALS_MAX),
    index,
    rules: z.array(rules).min(1).max(FILES_MAX),
  })
  .meta({
    title: 'fenghuo-evidence/1',
    description: 'A bundle of evidence. How to check one is written in src/evidence/bundle.ts.',
  });

/** What a bundle tells of a transition; the whole of it is covered by the hash. */
type Parsed = z.infer<typeof BUNDLE_SCHEMA>;
export type BundleRecord = Parsed['records'][number];
export type Span = Parsed['spans'][number];
export type BundleRules = Parsed['rules'][number];
/** What a bundle is about: one warning, or a subject by its key with scope, `subject:91110000802100433B`. */
export type About = { readonly warning: string } | { readonly subject: string };

export interface Bundle {
  readonly format: typeof BUNDLE_FORMAT;
  readonly about: About;
  readonly keys: readonly string[];
  readonly records: readonly BundleRecord[];
  readonly spans: readonly Span[];
  readonly seals: readonly SignedSeal[];
  readonly index: IndexProof & { readonly tag: string };
  readonly rules: readonly BundleRules[];
}

/** Before the paths of the files to which models refer; all of them are in a bundle. */
export const CATALOGUE = 'catalogue/';

/**
 * The file of a rule set in which a model is defined; the watcher of its sources, `a/b:source`, is in the same. A draw
 * rests on what the items are about.
 */
export function modelFile(model: string): string {
  if (model === DRAWN_MODEL) return `${CATALOGUE}items.yaml`;
  return `${model.replace(/:.*$/, '')}.yaml`;
}

/** The generated JSON Schema (2020-12) of the format. */
export function bundleSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(BUNDLE_SCHEMA);
  const note =
    'Generated from src/evidence/bundle.ts; do not edit. To write it anew: ' +
    'UPDATE=1 npx vitest run --config test/vitest.config.ts test/evidence/bundle.test.ts';
  return { $schema, $comment: note, ...rest };
}
