// The keys with the highest scores at one instant: to how many of them something happens.
import { bootstrapAll, type BootstrapOptions, type Estimate, type Statistic } from './bootstrap.js';
import type { Observed, OutcomeBook } from './outcomes.js';

/** What a model made of every key that it speaks about, at one instant. */
export interface ScoresOfModel {
  readonly model: string;
  readonly scores: ReadonlyMap<string, number>;
}

/** Precision of the k highest scores of one model. */
export interface FirstScores {
  readonly model: string;
  readonly k: number;
  /** Keys that have a score; where they are fewer than k, all of them count. */
  readonly scored: number;
  /** Null where there is no score, or the horizon is not over. */
  readonly precision: Estimate | null;
  /** By how much it is more precise than the baseline, over the same resamples; null where there is none. */
  readonly gain: Estimate | null;
}

export interface FirstAtInstant {
  /** Epoch ms. */
  readonly instant: number;
  /** Keys with a score of any of the models, and to how many of them something happens within the horizon. */
  readonly keys: number;
  readonly happened: number;
  readonly baseline: string | null;
  readonly first: readonly FirstScores[];
}

/** A key with its score, and whether what was to be foreseen happened to it. */
export interface ScoredKey {
  readonly cluster: number;
  readonly score: number;
  readonly happened: boolean;
}

/**
 * Sets the k highest scores of each model against what happens within the horizon after the instant: precision at k, with
 * keys resampled and ranked anew; the gain over a baseline is that within each resample, so that both have the same luck
 * (paired): B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), section 8.4.
 * @param baseline name of one of the models; null for none
 */
export function firstAtInstant(
  instant: number,
  models: readonly ScoresOfModel[],
  ks: readonly number[],
  baseline: string | null,
  outcomes: OutcomeBook,
  { horizonMs, untilMs }: Observed,
  options: BootstrapOptions,
): FirstAtInstant {
  const clusters = new Map<string, number>();
  for (const { scores } of models)
    for (const key of scores.keys()) if (!clusters.has(key)) clusters.set(key, clusters.size);
  const happened = [...clusters.keys()].map((key) => {
    const followed = outcomes.firstAfter(key, instant);
    return followed !== undefined && followed.time <= instant + horizonMs;
  });
  const statistics = models.flatMap(({ model, scores }) => {
    const cases = [...scores].map(([key, score]): ScoredKey => {
      const cluster = clusters.get(key) as number;
      return { cluster, score, happened: happened[cluster] as boolean };
    });
    return ks.map((k) => ({ model, k, scored: scores.size, statistic: precisionOfFirst(k, cases) }));
  });
  const gains = statistics.map(({ model, k, statistic }): Statistic => {
    const other = statistics.find((one) => one.model === baseline && one.k === k);
    return other === undefined || model === baseline ? () => null : gainOver(statistic, other.statistic);
  });
  const isKnown = instant + horizonMs <= untilMs;
  const all = isKnown ? [...statistics.map(({ statistic }) => statistic), ...gains] : [];
  const estimates = bootstrapAll(clusters.size, 0, all, options);
  return {
    instant,
    keys: clusters.size,
    happened: happened.filter(Boolean).length,
    baseline,
    first: statistics.map(({ model, k, scored }, index) => ({
      ...{ model, k, scored },
      precision: estimates[index] ?? null,
      gain: estimates[statistics.length + index] ?? null,
    })),
  };
}

/**
 * The share of those to whom something happens among the k highest scores. Where equal scores pass the k-th place, those
 * that have them share the places that are left, which is the mean over all orders of equal scores: F. McSherry and
 * M. Najork, Computing information retrieval performance measures efficiently in the presence of tied scores, ECIR (2008)
 * 414-421.
 */
export function precisionOfFirst(k: number, cases: readonly ScoredKey[]): Statistic {
  const sorted = [...cases].sort((a, b) => b.score - a.score);
  const clusters = Uint32Array.from(sorted, ({ cluster }) => cluster);
  const happened = Uint8Array.from(sorted, (one) => (one.happened ? 1 : 0));
  const ends = sorted.flatMap(({ score }, index) => (sorted[index + 1]?.score === score ? [] : [index + 1]));
  return (weights) => {
    let left = k;
    let right = 0;
    let index = 0;
    for (const end of ends) {
      let [tied, harmed] = [0, 0];
      for (; index < end; index++) {
        const weight = weights[clusters[index] as number] as number;
        tied += weight;
        if (happened[index] === 1) harmed += weight;
      }
      const taken = Math.min(tied, left);
      if (taken > 0) right += (harmed * taken) / tied;
      left -= taken;
      if (left === 0) break;
    }
    return left === k ? null : right / (k - left);
  };
}

function gainOver(one: Statistic, other: Statistic): Statistic {
  return (weights) => {
    const [here, there] = [one(weights), other(weights)];
    return here === null || there === null ? null : here - there;
  };
}
