// The merge of logs: nothing early, everything in order, whatever came when.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareDerived, type Ordered } from '../../src/engine/derived.js';
import { Merge } from '../../src/engine/merge.js';

const SOURCES = ['0/0', '0/1'] as const;

type Act =
  | { readonly act: 'push'; readonly at: number; readonly name: string }
  | { readonly act: 'mark'; readonly source: (typeof SOURCES)[number]; readonly clock: number }
  | { readonly act: 'release'; readonly end: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constant('push' as const), at: fc.nat(20), name: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ act: fc.constant('mark' as const), source: fc.constantFrom(...SOURCES), clock: fc.nat(25) }),
  fc.record({ act: fc.constant('release' as const), end: fc.constantFrom(5, 10, 15, Infinity) }),
);

it('releases what every source has passed, in the total order, and keeps the rest', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const merge = new Merge<Ordered>(SOURCES);
      const marks = new Map<string, number>(SOURCES.map((source) => [source, -Infinity]));
      let held: Ordered[] = [];
      let ordinal = 0;
      for (const one of acts) {
        if (one.act === 'push') {
          const record: Ordered = { at: one.at, cause: { kind: 1, name: one.name, ordinal: ordinal++ } };
          merge.push(record);
          held.push(record);
        } else if (one.act === 'mark') {
          merge.mark(one.source, one.clock);
          marks.set(one.source, Math.max(marks.get(one.source) as number, one.clock));
        } else {
          const least = Math.min(one.end, ...marks.values());
          const expected = held.filter(({ at }) => at < least).sort(compareDerived);
          held = held.filter(({ at }) => at >= least);
          expect(merge.release(one.end)).toEqual(expected);
        }
      }
      expect(merge.waiting).toHaveLength(held.length);
      expect(merge.drain()).toEqual([...held].sort(compareDerived));
      expect(merge.release()).toEqual([]);
    }),
  );
});
