// A small seeded generator (sfc32): equal seeds give equal numbers on every machine and every run.

/** One stream of numbers. Streams with different labels are independent of how much the others draw. */
export class Random {
  private constructor(
    private a: number,
    private b: number,
    private c: number,
    private counter: number,
  ) {}

  /** The stream of `seed` for a purpose (`label`) and a number, such as a day or the index of a subject. */
  static of(seed: number, label: string, index = 0): Random {
    let hash = mix(0x9e3779b9, seed);
    for (let i = 0; i < label.length; i++) hash = mix(hash, label.charCodeAt(i));
    const random = new Random(hash, mix(hash, index), mix(index, seed), 1);
    for (let i = 0; i < 12; i++) random.word();
    return random;
  }

  private word(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.word() / 4_294_967_296;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)] as T;
  }

  /** The index of a weight, in proportion to the weights. */
  weighted(weights: readonly number[]): number {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < weights.length; i++) {
      rest -= weights[i] as number;
      if (rest < 0) return i;
    }
    return weights.length - 1;
  }

  /** How many of something happen where `mean` are usual: within a quarter of it, rounded so that the mean holds. */
  around(mean: number): number {
    return Math.floor(mean * (0.75 + this.next() / 2) + this.next());
  }
}

function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ (value | 0), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}
