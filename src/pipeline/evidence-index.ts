// The index of evidence in its store: the tree under one root, and where in the inbox the records of each name lie.
import {
  bucketPath,
  headOf,
  nextEntryHead,
  nodePaths,
  proofOf,
  putEntries,
  type IndexEntry,
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

/** The tree as far as it was loaded, with what was changed since. */
export class EvidenceIndex {
  private readonly kept = new Map<string, Uint8Array | undefined>();
  private readonly written = new Map<string, Uint8Array>();

  constructor(
    private readonly state: StateStore,
    private readonly namespace: string,
  ) {}

  /** What was changed, for the checkpoint. */
  get changes(): ReadonlyMap<string, Uint8Array> {
    return this.written;
  }

  /** Enters records, oldest first. @returns the root after them */
  async enter(records: readonly Named[]): Promise<string> {
    const tags = [...new Set(records.map(({ tag }) => tag))];
    await this.load([nodeRecord(''), ...tags.flatMap(pathRecords), ...tags.map(offsetsRecord)]);
    const entries = new Map<string, IndexEntry>();
    const offsets = new Map<string, number[]>();
    for (const { name, tag, hash, offset } of records) {
      const known = entries.get(tag) ?? this.entryOf(tag);
      const head = nextEntryHead(known?.head ?? headOf(name, []), hash);
      entries.set(tag, { tag, count: (known?.count ?? 0) + 1, head });
      const list = offsets.get(tag) ?? this.read<number[]>(offsetsRecord(tag)) ?? [];
      list.push(offset);
      offsets.set(tag, list);
    }
    for (const [tag, list] of offsets) this.write(offsetsRecord(tag), list);
    return putEntries(this.tree, [...entries.values()]);
  }

  /** Offsets in the alert inbox of the records of a tag, oldest first. */
  async offsetsOf(tag: string): Promise<readonly number[]> {
    await this.load([offsetsRecord(tag)]);
    return this.read<number[]>(offsetsRecord(tag)) ?? [];
  }

  async proofOf(tag: string): Promise<IndexProof> {
    await this.load(pathRecords(tag));
    return proofOf(this.tree, tag);
  }

  private entryOf(tag: string): IndexEntry | undefined {
    return this.tree.bucket(bucketPath(tag)).find((entry) => entry.tag === tag);
  }

  private readonly tree: IndexTree = {
    node: (path) => this.read(nodeRecord(path)),
    setNode: (path, children) => this.write(nodeRecord(path), children),
    bucket: (path) => this.read(bucketRecord(path)) ?? [],
    setBucket: (path, entries) => this.write(bucketRecord(path), entries),
  };

  private async load(names: readonly string[]): Promise<void> {
    const missing = [...new Set(names)].filter((name) => !this.kept.has(name));
    const stored = await this.state.load(this.namespace, missing);
    for (const [index, name] of missing.entries()) this.kept.set(name, stored[index]);
  }

  private read<T>(name: string): T | undefined {
    const bytes = this.kept.get(name);
    return bytes === undefined ? undefined : decodeJson<T>(bytes);
  }

  private write(name: string, value: unknown): void {
    const bytes = encodeJson(value);
    this.kept.set(name, bytes);
    this.written.set(name, bytes);
  }
}

/** The records of the nodes and the bucket on the way to a tag. */
function pathRecords(tag: string): string[] {
  const bucket = bucketPath(tag);
  return [...nodePaths(bucket).map(nodeRecord), bucketRecord(bucket)];
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
