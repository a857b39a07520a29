// The highest scores at an instant, against reckonings that are slower and simpler.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstAtInstant, precisionOfFirst } from '../../../src/pipeline/measures/first-scores.js';
import { OutcomeBook } from '../../../src/pipeline/measures/outcomes.js';

const OBSERVED = { fromMs: 0, endMs: 100, untilMs: 100, horizonMs: 30 };
const OPTIONS = { seed: 1, replicates: 200 };

interface Copy {
  readonly score: number;
  readonly happened: boolean;
}

/** The chance of each to be among the first k in a random order of equal scores, one by one. */
function naive(k: number, copies: readonly Copy[]): number | null {
  if (copies.length === 0) return null;
  let right = 0;
  for (const { score, happened } of copies) {
    const higher = copies.filter((other) => other.score > score).length;
    const equal = copies.filter((other) => other.score === score).length;
    if (happened) right += Math.min(1, Math.max(0, (k - higher) / equal));
  }
  return right / Math.min(k, copies.length);
}

const cases = fc.array(
  fc.record({
    score: fc.integer({ min: 0, max: 5 }),
    happened: fc.boolean(),
    drawn: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 25 },
);

describe('precision of the k highest scores', () => {
  it('is that of a reckoning that asks each key for its chance, in any resample', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 30 }), (keys, k) => {
        const copies = keys.flatMap((key) => Array.from({ length: key.drawn }, () => key));
        const numbered = keys.map((key, cluster) => ({ ...key, cluster }));
        const found = precisionOfFirst(k, numbered)(Uint32Array.from(keys, ({ drawn }) => drawn));
        const expected = naive(k, copies);
        if (expected === null) expect(found).toBeNull();
        else expect(found).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('counts outcomes after the instant up to the end of the horizon, and compares with the baseline pair by pair', () => {
    const outcomes = [10, 11, 40, 41].map((time, index) => {
      return { scope: 'subject', key: 'abcd'[index] ?? '', time, kind: 'fire', event: null };
    });
    const book = new OutcomeBook(outcomes, OBSERVED);
    const keys = ['a', 'b', 'c', 'd'].map((key) => `subject:${key}`);
    const scored = (model: string, ...scores: number[]) => {
      return { model, scores: new Map(scores.map((score, index) => [keys[index] ?? '', score])) };
    };
    const models = [
      scored('good', 1, 9, 8, 2),
      scored('bad', 9, 1, 2, 8),
      scored('same', 1, 9, 8, 2),
      scored('none'),
    ];
    const found = firstAtInstant(10, models, [2, 9], 'good', book, OBSERVED, OPTIONS);
    // a happened at the instant itself, d a moment after the horizon.
    expect(found).toMatchObject({ keys: 4, happened: 2, baseline: 'good' });
    const shown = found.first.map(({ model, k, scored: count, precision, gain }) => {
      return [model, k, count, precision?.value ?? null, gain?.value ?? null];
    });
    expect(shown).toEqual([
      ...[
        ['good', 2, 4, 1, null],
        ['good', 9, 4, 0.5, null],
      ],
      ...[
        ['bad', 2, 4, 0, -1],
        ['bad', 9, 4, 0.5, 0],
      ],
      ...[
        ['same', 2, 4, 1, 0],
        ['same', 9, 4, 0.5, 0],
      ],
      ...[
        ['none', 2, 0, null, null],
        ['none', 9, 0, null, null],
      ],
    ]);
    // Resampled apart, two equal scores would seem to differ.
    expect(found.first[4]?.gain).toEqual({ value: 0, low: 0, high: 0 });
    expect(found.first[4]?.precision?.low).toBeLessThan(1);
  });

  it('is not told before the horizon is over', () => {
    const book = new OutcomeBook(
      [{ scope: 'subject', key: 'a', time: 90, kind: 'fire', event: null }],
      OBSERVED,
    );
    const model = { model: 'one', scores: new Map([['subject:a', 1]]) };
    const at = (instant: number) => firstAtInstant(instant, [model], [1], null, book, OBSERVED, OPTIONS);
    expect(at(70).first[0]?.precision?.value).toBe(1);
    expect(at(71).first[0]?.precision).toBeNull();
  });
});
