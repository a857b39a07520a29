import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaUnderCurve } from '../../../src/pipeline/measures/area-under-curve.js';
import { bootstrap, medianOf, shareOf } from '../../../src/pipeline/measures/bootstrap.js';
import { quantile, weightedQuantile } from '../../../src/pipeline/measures/quantile.js';

const OPTIONS = { seed: 7, replicates: 1_000 };
const ones = (clusters: number) => new Uint32Array(clusters).fill(1);

describe('quantiles', () => {
  it('are those of R, type 7', () => {
    // quantile(c(1, 2, 3, 4), c(.25, .5, .9)) and quantile(c(10, 20), .975) of R 4.
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.9)).toBeCloseTo(3.7, 12);
    expect(quantile([10, 20], 0.975)).toBeCloseTo(19.75, 12);
    expect(quantile([5], 0.3)).toBe(5);
    expect(quantile([], 0.5)).toBeNull();
  });

  it('of a weighted sample are those of the sample written out', () => {
    const weighted = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat({ max: 4 })), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(weighted, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
        const sorted = [...drawn].sort(([a], [b]) => a - b);
        const written = sorted.flatMap(([value, times]) => Array<number>(times).fill(value));
        const [values, weights] = [sorted.map(([value]) => value), sorted.map(([, times]) => times)];
        const [ours, expected] = [weightedQuantile(values, weights, share), quantile(written, share)];
        if (expected === null) expect(ours).toBeNull();
        else expect(ours).toBeCloseTo(expected, 10);
      }),
    );
  });
});

describe('the area under the curve', () => {
  const plain = (scores: readonly (readonly [score: number, happened: boolean])[]) =>
    areaUnderCurve(scores.map(([score, happened], cluster) => ({ cluster, instant: 0, score, happened })))(
      ones(scores.length),
    );

  it('is 1 where every score ranks right, 0 where none does, a half for equal scores', () => {
    expect(
      plain([
        [1, false],
        [2, false],
        [3, true],
      ]),
    ).toBe(1);
    expect(
      plain([
        [3, false],
        [2, true],
      ]),
    ).toBe(0);
    expect(
      plain([
        [3, false],
        [3, true],
      ]),
    ).toBe(0.5);
    expect(
      plain([
        [3, true],
        [4, true],
      ]),
    ).toBeNull();
    // The example of scikit-learn's roc_auc_score: labels 0 0 1 1, scores .1 .4 .35 .8.
    expect(
      plain([
        [0.1, false],
        [0.4, false],
        [0.35, true],
        [0.8, true],
      ]),
    ).toBe(0.75);
  });

  it('is the share of pairs of one instant that are in order, however often a subject was drawn', () => {
    const one = fc.record({
      cluster: fc.nat({ max: 4 }),
      instant: fc.nat({ max: 2 }),
      score: fc.nat({ max: 5 }),
      happened: fc.boolean(),
    });
    const weights = fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 14 }), weights, (cases, drawn) => {
        let pairs = 0;
        let ordered = 0;
        for (const harmed of cases.filter(({ happened }) => happened)) {
          for (const other of cases) {
            if (other.happened || other.instant !== harmed.instant) continue;
            const times = (drawn[harmed.cluster] ?? 0) * (drawn[other.cluster] ?? 0);
            pairs += times;
            ordered += times * (harmed.score > other.score ? 1 : harmed.score === other.score ? 0.5 : 0);
          }
        }
        const area = areaUnderCurve(cases)(Uint32Array.from(drawn));
        if (pairs === 0) expect(area).toBeNull();
        else expect(area).toBeCloseTo(ordered / pairs, 10);
      }),
    );
  });
});

describe('the bootstrap', () => {
  const parts = (hits: number, of: number) =>
    Array.from({ length: of }, (_, cluster) => ({ cluster, count: cluster < hits ? 1 : 0, of: 1 }));

  it('gives an interval near the normal one for a share of many subjects', () => {
    // p = 0.3, n = 1,000: 0.3 -+ 1.96 sqrt(0.3 * 0.7 / 1000) = 0.2716 to 0.3284.
    const estimate = bootstrap(1_000, 1_000, shareOf(parts(300, 1_000)), OPTIONS);
    expect(estimate?.value).toBe(0.3);
    expect(Math.abs((estimate?.low ?? 0) - 0.2716)).toBeLessThan(0.005);
    expect(Math.abs((estimate?.high ?? 0) - 0.3284)).toBeLessThan(0.005);
  });

  it('draws whole subjects, so that what repeats within one of them makes nothing surer', () => {
    const repeated = parts(3, 10).map((part) => ({ ...part, count: part.count * 100, of: 100 }));
    expect(bootstrap(10, 10, shareOf(repeated), OPTIONS)).toEqual(
      bootstrap(10, 10, shareOf(parts(3, 10)), OPTIONS),
    );
  });

  it('repeats for a seed, and differs for another', () => {
    const run = (seed: number) => bootstrap(40, 40, shareOf(parts(13, 40)), { seed, replicates: 99 });
    expect(run(1)).toEqual(run(1));
    const seeds = [1, 2, 3, 4, 5].map((seed) => JSON.stringify(run(seed)));
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it('has no spread where all are alike, no interval where few resamples have the figure, and nothing of nothing', () => {
    expect(bootstrap(5, 5, shareOf(parts(5, 5)), OPTIONS)).toEqual({ value: 1, low: 1, high: 1 });
    const seldom = bootstrap(3, 3, (weights) => (weights.every((one) => one === 1) ? 1 : null), OPTIONS);
    expect(seldom).toEqual({ value: 1, low: null, high: null });
    expect(bootstrap(0, 0, shareOf([]), OPTIONS)).toBeNull();
  });

  it('of a median rests on the values of the subjects that were drawn', () => {
    const values = [5, 1, 3].map((value, cluster) => ({ cluster, value }));
    expect(medianOf(values)(ones(3))).toBe(3);
    expect(medianOf(values)(Uint32Array.of(0, 2, 2))).toBe(2);
    expect(medianOf(values)(Uint32Array.of(0, 0, 0))).toBeNull();
  });
});
