// A sum that never drifts: adding and taking away in any order gives the correctly rounded sum of what is there.

/**
 * Keeps the sum of doubles as non-overlapping partials (Shewchuk, Adaptive Precision Floating-Point Arithmetic,
 * 1997), so that it depends on the multiset of the values alone. Whole numbers take a plain path.
 */
export class ExactSum {
  private whole = 0;
  private partials: number[] | null = null;

  add(value: number): void {
    if (this.partials === null) {
      const next = this.whole + value;
      if (Number.isSafeInteger(value) && Number.isSafeInteger(next)) {
        this.whole = next;
        return;
      }
      this.partials = this.whole === 0 ? [] : [this.whole];
    }
    this.grow(this.partials, value);
  }

  /** Adds the product of two numbers unrounded; exact while every digit of it lies between 1e-320 and 1e300. */
  addProduct(a: number, b: number): void {
    const product = a * b;
    this.add(product);
    if (Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(product)) return;
    const [aHigh, aLow] = halves(a);
    const [bHigh, bLow] = halves(b);
    const lost = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    if (lost !== 0) this.add(lost);
  }

  subtract(value: number): void {
    this.add(-value);
  }

  /** Numbers that make up the sum without rounding. */
  get parts(): readonly number[] {
    return this.partials ?? [this.whole];
  }

  /** The correctly rounded sum. */
  value(): number {
    if (this.partials === null) return this.whole;
    return roundPartials(this.partials);
  }

  private grow(partials: number[], value: number): void {
    let x = value;
    let kept = 0;
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) partials[kept++] = low;
      x = high;
    }
    while (partials.length > kept) partials.pop();
    if (x !== 0) partials.push(x);
  }
}

/**
 * For `count` pairs (a, b): count * sum(ab) - sum(a) * sum(b), rounded once, so that nothing cancels. It is count
 * squared times the covariance; with b = a, times the variance.
 */
export function covarianceOf(count: number, products: ExactSum, a: ExactSum, b: ExactSum): number {
  const difference = new ExactSum();
  for (const part of products.parts) difference.addProduct(count, part);
  for (const left of a.parts) {
    for (const right of b.parts) difference.addProduct(-left, right);
  }
  return difference.value();
}

/** A number as the sum of two of half its digits, whose products are exact (Veltkamp, Dekker 1971). */
function halves(value: number): readonly [high: number, low: number] {
  const scaled = 134_217_729 * value;
  const high = scaled - (scaled - value);
  return [high, value - high];
}

/** Rounds partials (ascending magnitude, non-overlapping) half to even, as Python's math.fsum does. */
function roundPartials(partials: readonly number[]): number {
  let index = partials.length - 1;
  if (index < 0) return 0;
  let high = partials[index] as number;
  let low = 0;
  while (index > 0) {
    const x = high;
    const y = partials[--index] as number;
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  const below = index > 0 ? (partials[index - 1] as number) : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const twice = low * 2;
    const candidate = high + twice;
    if (twice === candidate - high) high = candidate;
  }
  return high;
}
