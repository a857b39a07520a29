// What somebody could do who wants evidence to say something else, up to one who holds a key and has all the time.
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Bundle, BundleRecord, Span } from '../../src/evidence/bundle.js';
import { linkRecord, nextHead, type ChainHead } from '../../src/evidence/chain.js';
import { sealBytes, sealId, type SignedSeal } from '../../src/evidence/seal.js';
import {
  bucketPath,
  headOf,
  nodeOf,
  nodePaths,
  proofOf,
  putEntries,
  subjectName,
  warningName,
  type IndexEntry,
  type IndexTree,
} from '../../src/evidence/subject-index.js';
import type { SealSigner } from '../../src/ports/seal-signer.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Path = readonly (string | number)[];

/** The paths of all values that hold no others. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.map((one, index) => [index, one] as const)
    : Object.entries(value);
  return inner.flatMap(([name, one]) => leavesOf(one, [...path, name]));
}

/** A copy in which the value at a path is another one of its kind. */
export function changed(bundle: Bundle, path: Path): Bundle {
  return replaced(bundle as unknown as Json, path, (value) => {
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'boolean') return !value;
    if (typeof value !== 'string') return 0;
    const last = value.slice(-1);
    return value.slice(0, -1) + (last === '0' ? '1' : '0');
  }) as unknown as Bundle;
}

/** A copy without the value at a path. */
export function without(bundle: Bundle, path: Path): Bundle {
  const copy = structuredClone(bundle) as unknown as Json;
  const holder = path
    .slice(0, -1)
    .reduce<Json>((value, name) => (value as { [name: string]: Json })[name]!, copy);
  const name = path[path.length - 1]!;
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete (holder as { [name: string]: Json })[name];
  return copy as unknown as Bundle;
}

function replaced(value: Json, path: Path, replace: (value: Json) => Json): Json {
  const [name, ...rest] = path;
  if (name === undefined) return replace(value);
  if (Array.isArray(value)) {
    return value.map((one, index) => (index === name ? replaced(one, rest, replace) : one));
  }
  const object = value as { [name: string]: Json };
  return { ...object, [name]: replaced(object[name]!, rest, replace) };
}

/** Changes records, and reckons every hash of their chains anew; the seals stay. */
export function rewriteChains(bundle: Bundle, change: (record: BundleRecord) => BundleRecord): Bundle {
  const records = bundle.records.map(change);
  const spans: Span[] = [];
  for (const span of bundle.spans) {
    let head: ChainHead = span.after;
    const digests = span.digests.map((digest) => {
      const index = records.findIndex(
        ({ chain, link }) => chain === span.chain && link.sequence === head.sequence + 1,
      );
      const record = records[index];
      if (record === undefined) {
        head = nextHead(head, digest);
        return digest;
      }
      const { transition, sample } = record;
      const link = linkRecord(head, record.link.salt, { transition, sample });
      records[index] = { ...record, link };
      head = { sequence: link.sequence, hash: link.hash };
      return link.digest;
    });
    spans.push({ ...span, digests });
  }
  return { ...bundle, records, spans };
}

/** As `rewriteChains`, with an index and seals that agree, signed by whoever forges. */
export async function forge(
  bundle: Bundle,
  change: (record: BundleRecord) => BundleRecord,
  signer: SealSigner,
): Promise<Bundle> {
  const rewritten = rewriteChains(bundle, change);
  const { index, root } = indexOf(rewritten);
  const ends = new Map(
    rewritten.spans.map((span) => [`${span.chain} ${endOf(span).sequence}`, endOf(span).hash]),
  );
  const seals: SignedSeal[] = [];
  for (const [at, { seal }] of rewritten.seals.entries()) {
    const heads = Object.fromEntries(
      Object.entries(seal.heads).map(([chain, head]) => [
        chain,
        { ...head, hash: ends.get(`${chain} ${head.sequence}`) ?? head.hash },
      ]),
    );
    const before = seals[seals.length - 1];
    const previous = before?.seal.number === seal.number - 1 ? before.id : seal.previous;
    const isLast = at === rewritten.seals.length - 1;
    const forged = { ...seal, heads, previous, index: isLast ? root : seal.index };
    const signature = bytesToHex(await signer.sign(sealBytes(forged)));
    seals.push({ id: sealId(forged), seal: forged, key: signer.publicKey, signature });
  }
  return { ...rewritten, keys: [signer.publicKey], seals, index };
}

function endOf({ after, digests }: Span): ChainHead {
  return digests.reduce<ChainHead>((head, digest) => nextHead(head, digest), after);
}

function indexOf({ about, index, records }: Bundle) {
  const nodes = new Map(
    nodePaths(bucketPath(index.tag)).map((path, level) => [path, nodeOf(index.nodes[level] ?? [])]),
  );
  let bucket: readonly IndexEntry[] = index.bucket;
  const tree: IndexTree = {
    node: (path) => nodes.get(path),
    setNode: (path, node) => void nodes.set(path, node),
    bucket: () => bucket,
    setBucket: (_, entries) => void (bucket = entries),
  };
  const name = 'warning' in about ? warningName(about.warning) : subjectName(about.subject);
  const head = headOf(
    name,
    records.map(({ link }) => link.hash),
  );
  const root = putEntries(tree, [{ tag: index.tag, count: records.length, head }]);
  return { root, index: { tag: index.tag, ...proofOf(tree, index.tag) } };
}
