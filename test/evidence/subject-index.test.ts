import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textDigest } from '../../src/evidence/manifest.js';
import {
  headOf,
  nextEntryHead,
  proofOf,
  provenRoot,
  putEntries,
  rootOf,
  type IndexEntry,
  type IndexNode,
  type IndexTree,
} from '../../src/evidence/subject-index.js';

class Tree implements IndexTree {
  private readonly nodes = new Map<string, IndexNode>();
  private readonly buckets = new Map<string, readonly IndexEntry[]>();

  node(path: string) {
    return this.nodes.get(path);
  }
  setNode(path: string, node: IndexNode) {
    this.nodes.set(path, node);
  }
  bucket(path: string) {
    return this.buckets.get(path) ?? [];
  }
  setBucket(path: string, entries: readonly IndexEntry[]) {
    this.buckets.set(path, entries);
  }
}

/** Few tags share their first digits by chance, so some are made to. */
const entryOf = (serial: number, count = 1): IndexEntry => ({
  tag: (serial % 3 === 0 ? 'abcd' : '') + textDigest(`t${serial}`).slice(serial % 3 === 0 ? 4 : 0),
  count,
  head: textDigest(`h${serial} ${count}`),
});
const treeOf = (entries: readonly IndexEntry[]) => {
  const tree = new Tree();
  putEntries(tree, entries);
  return tree;
};

describe('the index of warnings and subjects', () => {
  it('has one root for what stands in it, however it came in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 40 }), fc.nat(40), (serials, cut) => {
        const once = treeOf(serials.map((serial) => entryOf(serial)));
        const twice = treeOf(serials.slice(cut).map((serial) => entryOf(serial)));
        putEntries(
          twice,
          serials.slice(0, cut).map((serial) => entryOf(serial, 7)),
        );
        const root = putEntries(
          twice,
          serials.slice(0, cut).map((serial) => entryOf(serial)),
        );
        expect(rootOf(twice)).toBe(rootOf(once));
        expect(root).toBe(rootOf(once));
      }),
    );
  });

  it('leads from each entry to the root, and says of a tag that is not there that it is not', () => {
    const entries = Array.from({ length: 60 }, (_, serial) => entryOf(serial));
    const tree = treeOf(entries);
    for (const { tag } of [...entries, entryOf(1_000), entryOf(999)]) {
      const proof = proofOf(tree, tag);
      expect(provenRoot(proof, tag)).toBe(rootOf(tree));
      expect(proof.bucket.some((entry) => entry.tag === tag)).toBe(
        entries.some((entry) => entry.tag === tag),
      );
    }
  });

  it('has another root after any change of an entry', () => {
    const entries = Array.from({ length: 20 }, (_, serial) => entryOf(serial));
    const root = rootOf(treeOf(entries));
    const others = [
      entries.slice(1),
      [...entries, entryOf(77)],
      entries.map((entry, index) => (index === 3 ? { ...entry, count: 2 } : entry)),
      entries.map((entry, index) => (index === 3 ? { ...entry, head: textDigest('x') } : entry)),
    ];
    for (const other of others) expect(rootOf(treeOf(other))).not.toBe(root);
  });

  it('leads nowhere where the parts of a proof do not fit together', () => {
    const tree = treeOf([entryOf(0), entryOf(1)]);
    const { tag } = entryOf(0);
    const proof = proofOf(tree, tag);
    expect(provenRoot({ ...proof, bucket: [] }, tag)).toBe('');
    expect(provenRoot({ ...proof, nodes: proof.nodes.slice(1) }, tag)).toBe('');
  });

  it('heads are bound to their name and their order', () => {
    const [a, b] = [textDigest('a'), textDigest('b')];
    expect(headOf('warning 1', [a, b])).toBe(nextEntryHead(headOf('warning 1', [a]), b));
    expect(headOf('warning 1', [a, b])).not.toBe(headOf('warning 1', [b, a]));
    expect(headOf('warning 1', [])).not.toBe(headOf('warning 2', []));
  });
});
