// Quantiles of small samples, weighted by how often a resample drew each.

/**
 * The quantile of a sample by linear interpolation between order statistics: definition 7 of R. J. Hyndman and Y. Fan,
 * Sample quantiles in statistical packages, The American Statistician 50 (1996) 361-365; the usual one of R and NumPy.
 * @param sorted ascending
 * @param share 0 to 1
 * @returns null of an empty sample
 */
export function quantile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  return between(sorted[below] as number, sorted[Math.ceil(place)] as number, place - below);
}

/** As `quantile`, of a sample in which each value stands as often as its weight says. @param weights whole, from 0 on */
export function weightedQuantile(
  sorted: ArrayLike<number>,
  weights: ArrayLike<number>,
  share: number,
): number | null {
  let total = 0;
  for (let index = 0; index < sorted.length; index++) total += weights[index] as number;
  if (total === 0) return null;
  const place = (total - 1) * share;
  const below = Math.floor(place);
  let passed = 0;
  let low = NaN;
  for (let index = 0; index < sorted.length; index++) {
    passed += weights[index] as number;
    const value = sorted[index] as number;
    if (Number.isNaN(low) && passed > below) low = value;
    if (passed > Math.ceil(place)) return between(low, value, place - below);
  }
  return null;
}

function between(low: number, high: number, part: number): number {
  return low + (high - low) * part;
}
