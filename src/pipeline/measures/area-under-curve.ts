// How well a score ranks the subjects that something happens to above the others.
import type { Statistic } from './bootstrap.js';

/** The score of one subject at one instant, and whether what was to be foreseen happened to it within the horizon. */
export interface ScoredCase {
  readonly cluster: number;
  /** Cases are compared with others of the same instant alone. */
  readonly instant: number;
  readonly score: number;
  readonly happened: boolean;
}

/**
 * The area under the ROC curve: the probability that of two subjects at the same instant, one of which something happens
 * to, that one has the higher score; equal scores count a half. J. A. Hanley and B. J. McNeil, The meaning and use of the
 * area under a receiver operating characteristic (ROC) curve, Radiology 143 (1982) 29-36; it is the statistic of
 * H. B. Mann and D. R. Whitney (1947) over the number of pairs. Pairs are of one instant each, so that nobody is compared
 * with what others knew later, and all count alike: the adjusted area of H. Janes and M. S. Pepe, Biometrika 96 (2009)
 * 371-382, with time as the covariate and each instant weighted by its pairs.
 * @returns a figure of the cases of a resample; null where it has no pair
 */
export function areaUnderCurve(cases: readonly ScoredCase[]): Statistic {
  const sorted = [...cases].sort((a, b) => a.instant - b.instant || a.score - b.score);
  const clusters = Uint32Array.from(sorted, ({ cluster }) => cluster);
  const happened = Uint8Array.from(sorted, (one) => (one.happened ? 1 : 0));
  const starts = startsOf(sorted);
  return (weights) => {
    let pairs = 0;
    let ordered = 0;
    let [others, harmed] = [0, 0];
    for (const { from, to, opens } of starts) {
      if (opens) {
        pairs += others * harmed;
        [others, harmed] = [0, 0];
      }
      let [tiedOthers, tiedHarmed] = [0, 0];
      for (let index = from; index < to; index++) {
        const weight = weights[clusters[index] as number] as number;
        if (happened[index] === 1) tiedHarmed += weight;
        else tiedOthers += weight;
      }
      ordered += tiedHarmed * (others + tiedOthers / 2);
      others += tiedOthers;
      harmed += tiedHarmed;
    }
    pairs += others * harmed;
    return pairs === 0 ? null : ordered / pairs;
  };
}

interface Tied {
  readonly from: number;
  readonly to: number;
  /** Whether another instant begins here. */
  readonly opens: boolean;
}

/** Runs of equal score within an instant. */
function startsOf(sorted: readonly ScoredCase[]): Tied[] {
  const runs: Tied[] = [];
  let from = 0;
  for (let index = 1; index <= sorted.length; index++) {
    const [first, next] = [sorted[from] as ScoredCase, sorted[index]];
    if (next !== undefined && next.instant === first.instant && next.score === first.score) continue;
    const before = from === 0 ? undefined : sorted[from - 1];
    runs.push({ from, to: index, opens: before !== undefined && before.instant !== first.instant });
    from = index;
  }
  return runs;
}
