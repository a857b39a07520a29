// The bootstrap: how far a figure would differ if other subjects of the same kind had been observed.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { quantile, weightedQuantile } from './quantile.js';

export interface BootstrapOptions {
  /** The same seed gives the same intervals. */
  readonly seed: number;
  /** How often it is drawn at most; fewer where a figure rests on very much. */
  readonly replicates: number;
}

/** A figure with its 95 % interval; null bounds where resamples mostly have no such figure. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** A figure of a resample in which cluster i was drawn `weights[i]` times; null where it has none. */
export type Statistic = (weights: Uint32Array) => number | null;

/** Steps of one figure over all resamples, which keeps a report within seconds. */
const WORK_MAX = 200_000_000;
const REPLICATES_MIN = 100;

/**
 * The percentile interval of 95 % from resampling whole clusters with replacement, as many as there are: B. Efron and
 * R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; clusters (here subjects) are drawn whole since
 * what happens to one of them hangs together: C. A. Field and A. H. Welsh, Bootstrapping clustered data, Journal of the
 * Royal Statistical Society B 69 (2007) 369-390.
 * @param clusters how many there are
 * @param work steps of one evaluation of the statistic
 * @returns null where the data have no such figure
 */
export function bootstrap(
  clusters: number,
  work: number,
  statistic: Statistic,
  options: BootstrapOptions,
): Estimate | null {
  return bootstrapAll(clusters, work, [statistic], options)[0] ?? null;
}

/** Several figures over the same resamples. @param work steps of one evaluation of all of them */
export function bootstrapAll(
  clusters: number,
  work: number,
  statistics: readonly Statistic[],
  { seed, replicates }: BootstrapOptions,
): (Estimate | null)[] {
  const ones = new Uint32Array(clusters).fill(1);
  const asked = statistics.map((statistic) => ({
    statistic,
    value: statistic(ones),
    figures: [] as number[],
  }));
  const affordable = Math.floor(WORK_MAX / Math.max(1, clusters + work));
  const has = asked.some(({ value }) => value !== null);
  const count = has ? Math.min(replicates, Math.max(REPLICATES_MIN, affordable)) : 0;
  const generator = xoroshiro128plus(seed);
  const weights = new Uint32Array(clusters);
  for (let replicate = 0; replicate < count; replicate++) {
    weights.fill(0);
    for (let drawn = 0; drawn < clusters; drawn++) {
      const index = uniformInt(generator, 0, clusters - 1);
      weights[index] = (weights[index] as number) + 1;
    }
    for (const { statistic, value, figures } of asked) {
      const figure = value === null ? null : statistic(weights);
      if (figure !== null) figures.push(figure);
    }
  }
  return asked.map(({ value, figures }) => {
    if (value === null) return null;
    if (figures.length * 2 < count) return { value, low: null, high: null };
    const sorted = Float64Array.from(figures).sort();
    return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}

/** One part of a share that belongs to a cluster. */
export interface Part {
  readonly cluster: number;
  /** 0 to `of`. */
  readonly count: number;
  readonly of: number;
}

/** A share of something, summed over the clusters that were drawn: a ratio estimator. */
export function shareOf(parts: readonly Part[]): Statistic {
  const clusters = Uint32Array.from(parts, ({ cluster }) => cluster);
  const counts = Float64Array.from(parts, ({ count }) => count);
  const totals = Float64Array.from(parts, ({ of }) => of);
  return (weights) => {
    let count = 0;
    let total = 0;
    for (let index = 0; index < clusters.length; index++) {
      const weight = weights[clusters[index] as number] as number;
      count += weight * (counts[index] as number);
      total += weight * (totals[index] as number);
    }
    return total === 0 ? null : count / total;
  };
}

/** The median of values that belong to clusters. */
export function medianOf(values: readonly { readonly cluster: number; readonly value: number }[]): Statistic {
  const ascending = [...values].sort((a, b) => a.value - b.value);
  const sorted = Float64Array.from(ascending, ({ value }) => value);
  const clusters = ascending.map(({ cluster }) => cluster);
  return (weights) =>
    weightedQuantile(
      sorted,
      clusters.map((cluster) => weights[cluster] as number),
      0.5,
    );
}
