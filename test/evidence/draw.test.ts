// Random draws: anyone with seed and candidates finds the same, shares are right, and every change shows.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countOf,
  drawFrom,
  sealedDraw,
  verifyDraw,
  type Candidate,
  type Draw,
} from '../../src/evidence/draw.js';

const CLASSES = ['A', 'B', 'C', 'D', 'unknown'] as const;
const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
const shares = fc
  .array(percent, { minLength: 5, maxLength: 5 })
  .map((all) => CLASSES.map((credit, index) => [credit, all[index] ?? 0] as const));
const seeds = fc.stringMatching(/^[!-{}~]{1,20}$/);
const candidates = fc
  .uniqueArray(fc.record({ number: fc.nat(100_000), credit: fc.constantFrom(...CLASSES) }), {
    selector: ({ number }) => number,
    maxLength: 60,
  })
  .map((all): Candidate[] =>
    all
      .map(({ number, credit }) => ({
        subject: `s${String(number).padStart(6, '0')}`,
        name: null,
        credit,
        region: null,
        departments: ['a', 'b'],
        items: ['x', 'y'],
      }))
      .sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  );

function drawn(seed: string, all: readonly Candidate[], by: readonly (readonly [string, number])[]): Draw {
  const { strata, drawn: found } = drawFrom(seed, all, by);
  return sealedDraw({
    seed,
    at: '2026-11-20T02:00:00.000Z',
    revision: '0'.repeat(16),
    tags: 'A && B',
    due: '20 workdays',
    candidates: [...all],
    strata,
    drawn: found,
    tasks: found.map(({ subject }) => ({
      subject,
      name: null,
      region: null,
      departments: ['a', 'b'].map((id) => ({ id, name: id })),
      items: ['x', 'y'].map((id) => ({ id, title: id, department: 'a', checklist: ['查'], legal: [] })),
      due: null,
      reason: '抽中',
    })),
  });
}

describe('a draw', () => {
  it('is that of the least SHA-256 of seed|subject in each class', () => {
    fc.assert(
      fc.property(seeds, candidates, shares, (seed, all, by) => {
        const { drawn: found } = drawFrom(seed, all, by);
        const hashOf = (subject: string) => createHash('sha256').update(`${seed}|${subject}`).digest('hex');
        for (const [credit, share] of by) {
          const own = all.filter((one) => one.credit === credit).map(({ subject }) => subject);
          const expected = own
            .sort((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1))
            .slice(0, countOf(own.length, share));
          const here = found.filter((one) => one.credit === credit);
          expect(here.map(({ subject }) => subject)).toEqual(expected);
          expect(here.map(({ hash }) => hash)).toEqual(expected.map(hashOf));
        }
      }),
    );
  });

  it('does not depend on the order of the candidates, and draws nobody twice', () => {
    fc.assert(
      fc.property(seeds, candidates, shares, (seed, all, by) => {
        const found = drawFrom(seed, all, by);
        expect(drawFrom(seed, [...all].reverse(), by)).toEqual(found);
        expect(new Set(found.drawn.map(({ subject }) => subject)).size).toBe(found.drawn.length);
      }),
    );
  });

  it('takes the share of each class, rounded up', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 0, max: 10_000 }), (of, hundredths) => {
        const count = countOf(of, hundredths / 100);
        const exact = BigInt(of) * BigInt(hundredths);
        expect(BigInt(count) * 10_000n >= exact && BigInt(count - 1) * 10_000n < exact).toBe(true);
        expect(count).toBeLessThanOrEqual(of);
      }),
    );
    expect([countOf(22, 1), countOf(100, 5), countOf(0, 50), countOf(7, 0), countOf(3, 100)]).toEqual([
      1, 5, 0, 0, 3,
    ]);
  });

  it('draws each candidate about as often as its share says, over many seeds', () => {
    const all = Array.from({ length: 40 }, (_, index) => ({
      subject: `s${100 + index}`,
      name: null,
      credit: 'C',
      region: null,
      departments: ['a', 'b'],
      items: [],
    }));
    const times = new Map<string, number>();
    for (let seed = 0; seed < 500; seed++) {
      for (const { subject } of drawFrom(`seed-${seed}`, all, [['C', 25]]).drawn)
        times.set(subject, (times.get(subject) ?? 0) + 1);
    }
    // 125 expected of 500; five standard deviations of a quarter are 48.
    for (const { subject } of all) expect(Math.abs((times.get(subject) ?? 0) - 125)).toBeLessThan(49);
  });
});

describe('the check of a draw', () => {
  it('holds for what was drawn', () => {
    fc.assert(
      fc.property(seeds, candidates, shares, (seed, all, by) => {
        expect(verifyDraw(drawn(seed, all, by))).toBeNull();
      }),
    );
  });

  const all = Array.from({ length: 12 }, (_, index): Candidate => ({
    subject: `s${100 + index}`,
    name: null,
    credit: index < 6 ? 'C' : 'D',
    region: null,
    departments: ['a', 'b'],
    items: ['x', 'y'],
  }));
  const by = [
    ['C', 50],
    ['D', 50],
  ] as const;
  const right = drawn('seed', all, by);
  /** As somebody would write it who makes the digest anew. */
  const again = (change: Partial<Draw>): Draw => {
    const { format: _f, rounding: _r, digest: _d, ...rest } = right;
    return sealedDraw({ ...rest, ...change });
  };
  const [first, ...others] = right.drawn;
  const left = all.find(({ subject }) => !right.drawn.some((one) => one.subject === subject));
  it.each([
    ['a change without a new digest', { ...right, seed: 'other' }, 'digest'],
    ['another seed', again({ seed: 'other' }), 'drawn/0'],
    [
      'a subject exchanged for another',
      again({ drawn: [{ ...first!, subject: left!.subject }, ...others] }),
      'drawn/0',
    ],
    ['a candidate left out', again({ candidates: all.slice(1) }), 'strata/0'],
    ['a candidate twice', again({ candidates: [all[0]!, ...all] }), 'candidates/1'],
    [
      'a class that nobody draws from',
      again({ candidates: [{ ...all[0]!, credit: 'A' }, ...all.slice(1)] }),
      'strata',
    ],
    [
      'a share other than the one drawn by',
      again({ strata: [{ ...right.strata[0]!, share: 20 }, right.strata[1]!] }),
      'strata/0',
    ],
    ['a task left out', again({ tasks: right.tasks.slice(1) }), 'tasks'],
    [
      'a task without one of its departments',
      again({ tasks: [{ ...right.tasks[0]!, departments: [] }, ...right.tasks.slice(1)] }),
      'tasks/0',
    ],
  ])('finds %s', (_what, draw, place) => {
    expect(verifyDraw(draw)?.place).toBe(place);
  });
});
