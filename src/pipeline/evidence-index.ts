// The index of evidence in its store: the tree under one root, and where in the inbox the records of each name lie.
//
//   n/<path>  a node: the bytes that its hash covers; of a build before this, its children as JSON
//   b/<path>  a bucket: its entries as JSON
//   o/<tag>   where the records of a name lie: their offsets in the alert inbox as JSON
import { PURE_HASHING, type Hashing } from '../evidence/hashing.js';
import {
  bucketPath,
  headOf,
  nextEntryHead,
  nodeOf,
  nodePaths,
  proofOf,
  putEntries,
  type IndexEntry,
  type IndexNode,
  type IndexProof,
  type IndexTree,
} from '../evidence/subject-index.js';
import type { StateStore } from '../ports/state.js';
import { decodeJson, encodeJson } from './checkpoint.js';

/** A record under one of its names. */
export interface Named {
  readonly name: string;
  readonly tag: string;
  /** Hash of its link. */
  readonly hash: string;
  /** Offset in the alert inbox. */
  readonly offset: number;
}

const OPENING_BRACKET = 0x5b;

/** The tree as far as it was loaded, with what was changed since. */
export class EvidenceIndex {
  /** Of these there are 4,369 at most. */
  private readonly nodes = new Map<string, IndexNode | undefined>();
  private readonly kept = new Map<string, Uint8Array | undefined>();
  private readonly written = new Map<string, Uint8Array>();

  constructor(
    private readonly state: StateStore,
    private readonly namespace: string,
    private readonly hashing: Hashing = PURE_HASHING,
  ) {}

  /** What was changed, for the checkpoint. */
  get changes(): ReadonlyMap<string, Uint8Array> {
    return this.written;
  }

  /** The checkpoint with the changes stands; the nodes stay at hand. */
  committed(): void {
    this.written.clear();
    this.kept.clear();
  }

  /** Enters records, oldest first. @returns the root after them */
  async enter(records: readonly Named[]): Promise<string> {
    const tags = [...new Set(records.map(({ tag }) => tag))];
    await this.load(['', ...tags.flatMap(pathsOf)], [...tags.map(bucketOf), ...tags.map(offsetsRecord)]);
    const entries = new Map<string, IndexEntry>();
    const offsets = new Map<string, number[]>();
    for (const { name, tag, hash, offset } of records) {
      const known = entries.get(tag) ?? this.entryOf(tag);
      const head = nextEntryHead(known?.head ?? headOf(name, []), hash, this.hashing);
      entries.set(tag, { tag, count: (known?.count ?? 0) + 1, head });
      const list = offsets.get(tag) ?? this.read<number[]>(offsetsRecord(tag)) ?? [];
      list.push(offset);
      offsets.set(tag, list);
    }
    for (const [tag, list] of offsets) this.write(offsetsRecord(tag), encodeJson(list));
    return putEntries(this.tree, [...entries.values()], this.hashing);
  }

  /** Offsets in the alert inbox of the records of a tag, oldest first. */
  async offsetsOf(tag: string): Promise<readonly number[]> {
    await this.load([], [offsetsRecord(tag)]);
    return this.read<number[]>(offsetsRecord(tag)) ?? [];
  }

  async proofOf(tag: string): Promise<IndexProof> {
    await this.load(pathsOf(tag), [bucketOf(tag)]);
    return proofOf(this.tree, tag);
  }

  private entryOf(tag: string): IndexEntry | undefined {
    return this.tree.bucket(bucketPath(tag)).find((entry) => entry.tag === tag);
  }

  private readonly tree: IndexTree = {
    node: (path) => this.nodes.get(path),
    setNode: (path, node) => {
      this.nodes.set(path, node);
      this.written.set(nodeRecord(path), node);
    },
    bucket: (path) => this.read(bucketRecord(path)) ?? [],
    setBucket: (path, entries) => this.write(bucketRecord(path), encodeJson(entries)),
  };

  private async load(paths: readonly string[], names: readonly string[]): Promise<void> {
    const nodes = [...new Set(paths)].filter((path) => !this.nodes.has(path));
    const others = [...new Set(names)].filter((name) => !this.kept.has(name));
    const stored = await this.state.load(this.namespace, [...nodes.map(nodeRecord), ...others]);
    for (const [index, path] of nodes.entries()) this.nodes.set(path, storedNode(stored[index]));
    for (const [index, name] of others.entries()) this.kept.set(name, stored[nodes.length + index]);
  }

  private read<T>(name: string): T | undefined {
    const bytes = this.kept.get(name);
    return bytes === undefined ? undefined : decodeJson<T>(bytes);
  }

  private write(name: string, bytes: Uint8Array): void {
    this.kept.set(name, bytes);
    this.written.set(name, bytes);
  }
}

function storedNode(bytes: Uint8Array | undefined): IndexNode | undefined {
  return bytes?.[0] === OPENING_BRACKET ? nodeOf(decodeJson<string[]>(bytes)) : bytes;
}

/** The nodes on the way to a tag. */
function pathsOf(tag: string): string[] {
  return nodePaths(bucketPath(tag));
}

function bucketOf(tag: string): string {
  return bucketRecord(bucketPath(tag));
}

function nodeRecord(path: string): string {
  return `n/${path}`;
}

function bucketRecord(path: string): string {
  return `b/${path}`;
}

function offsetsRecord(tag: string): string {
  return `o/${tag}`;
}
