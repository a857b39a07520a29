// The index of warnings and subjects: how many records each has and which, under one root, so that a missing one shows.
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalForm } from './canonical-form.js';
import { PURE_HASHING, type Hashing } from './hashing.js';

/*
 * A tree of fixed shape: four levels of nodes with sixteen children each, buckets of entries below. The first four hex
 * digits of a tag lead from the root to its bucket.
 *
 *   node    SHA-256( 1 | hash of child 0 | ... | hash of child 15 )
 *   bucket  SHA-256( 0 | canonical form of [[tag, count, head], ...], ascending by tag )
 *   empty   32 bytes of zero, for a bucket without entries and a node without any below it
 */
const DEPTH = 4;
const CHILDREN = 16;
const HASH_BYTES = 32;
const EMPTY = '0'.repeat(2 * HASH_BYTES);
const BUCKET = new Uint8Array([0]);
const NODE = new Uint8Array([1]);
const NODE_BYTES = NODE.length + CHILDREN * HASH_BYTES;

/** What the index says of one name. */
export interface IndexEntry {
  /** Stands for the name, which it does not give away; 64 hex digits. */
  readonly tag: string;
  /** How many records there are. */
  readonly count: number;
  /** SHA-256 over the head before and the hash of the record, 32 bytes each; before the first record, of the name. */
  readonly head: string;
}

/** The way from the root to a bucket. */
export interface IndexProof {
  /** The children of the nodes on it, root first. */
  readonly nodes: readonly (readonly string[])[];
  readonly bucket: readonly IndexEntry[];
}

/** How the index calls a warning. */
export function warningName(warning: string): string {
  return `warning ${warning}`;
}

/** How the index calls what is supervised. @param key with its scope, `scope:id` */
export function subjectName(key: string): string {
  return `subject ${key}`;
}

/** The head of a name with these records, by their hashes, oldest first. */
export function headOf(name: string, hashes: readonly string[]): string {
  return hashes.reduce((head, hash) => nextEntryHead(head, hash), PURE_HASHING.sha256(utf8ToBytes(name)));
}

export function nextEntryHead(head: string, hash: string, hashing: Hashing = PURE_HASHING): string {
  return hashing.sha256(hexToBytes(head + hash));
}

/** The bytes that the hash of a node covers: 1, then the hashes of its children. */
export type IndexNode = Uint8Array;

/** The nodes of a tree that is kept somewhere; a node that was never set has no children. */
export interface IndexTree {
  node(path: string): IndexNode | undefined;
  /** Takes a node that is not changed any more. */
  setNode(path: string, node: IndexNode): void;
  bucket(path: string): readonly IndexEntry[];
  setBucket(path: string, entries: readonly IndexEntry[]): void;
}

/** The hex digits that lead to the bucket of a tag. */
export function bucketPath(tag: string): string {
  return tag.slice(0, DEPTH);
}

/** The paths of the nodes above a bucket, root first. */
export function nodePaths(bucket: string): string[] {
  return Array.from({ length: DEPTH }, (_, length) => bucket.slice(0, length));
}

/** Puts entries into a tree, in the place of those of the same tag. @returns the root */
export function putEntries(
  tree: IndexTree,
  entries: readonly IndexEntry[],
  hashing: Hashing = PURE_HASHING,
): string {
  const changed = new Map<string, string>();
  for (const [path, put] of byBucket(entries)) {
    const tags = new Set(put.map(({ tag }) => tag));
    const kept = tree.bucket(path).filter(({ tag }) => !tags.has(tag));
    const all = [...kept, ...put].sort((a, b) => (a.tag < b.tag ? -1 : 1));
    tree.setBucket(path, all);
    changed.set(path, bucketHash(all, hashing));
  }
  let below = changed;
  for (let level = DEPTH - 1; level >= 0; level--) {
    const above = new Map<string, IndexNode>();
    for (const [path, hash] of below) {
      const parent = path.slice(0, level);
      const node = above.get(parent) ?? Uint8Array.from(tree.node(parent) ?? emptyNode());
      node.set(hexToBytes(hash), placeOf(path[level] as string));
      above.set(parent, node);
    }
    for (const [path, node] of above) tree.setNode(path, node);
    below = new Map([...above].map(([path, node]) => [path, nodeHash(node, hashing)]));
  }
  return below.get('') ?? rootOf(tree);
}

export function rootOf(tree: IndexTree): string {
  return nodeHash(tree.node('') ?? emptyNode(), PURE_HASHING);
}

/** The way to the bucket of a tag. */
export function proofOf(tree: IndexTree, tag: string): IndexProof {
  const path = bucketPath(tag);
  return {
    nodes: nodePaths(path).map((node) => childrenOf(tree.node(node) ?? emptyNode())),
    bucket: tree.bucket(path),
  };
}

/** The root that a proof leads to; empty text where its own parts do not fit together. */
export function provenRoot({ nodes, bucket }: IndexProof, tag: string): string {
  const path = bucketPath(tag);
  let hash = bucketHash(bucket, PURE_HASHING);
  for (let level = DEPTH - 1; level >= 0; level--) {
    const children = nodes[level] ?? [];
    if (children[Number.parseInt(path[level] as string, CHILDREN)] !== hash) return '';
    hash = nodeHash(nodeOf(children), PURE_HASHING);
  }
  return hash;
}

/** A node by the hashes of its children, each as 64 hex digits. */
export function nodeOf(children: readonly string[]): IndexNode {
  return concatBytes(NODE, ...children.map(hexToBytes));
}

function childrenOf(node: IndexNode): string[] {
  const hashes = bytesToHex(node.subarray(NODE.length));
  return Array.from({ length: CHILDREN }, (_, child) =>
    hashes.slice(2 * HASH_BYTES * child, 2 * HASH_BYTES * (child + 1)),
  );
}

function emptyNode(): IndexNode {
  const node = new Uint8Array(NODE_BYTES);
  node.set(NODE);
  return node;
}

/** Where in a node the hash of a child lies. */
function placeOf(digit: string): number {
  return NODE.length + Number.parseInt(digit, CHILDREN) * HASH_BYTES;
}

function nodeHash(node: IndexNode, hashing: Hashing): string {
  const isEmpty = node.every((byte, index) => byte === 0 || index < NODE.length);
  return isEmpty ? EMPTY : hashing.sha256(node);
}

function bucketHash(entries: readonly IndexEntry[], hashing: Hashing): string {
  if (entries.length === 0) return EMPTY;
  const rows = entries.map(({ tag, count, head }) => [tag, count, head]);
  return hashing.sha256(concatBytes(BUCKET, utf8ToBytes(canonicalForm(rows))));
}

function byBucket(entries: readonly IndexEntry[]): Map<string, IndexEntry[]> {
  const buckets = new Map<string, IndexEntry[]>();
  for (const entry of entries) {
    const path = bucketPath(entry.tag);
    const bucket = buckets.get(path);
    if (bucket === undefined) buckets.set(path, [entry]);
    else bucket.push(entry);
  }
  return buckets;
}
