// Which lives a run simulates: FENGHUO_SEEDS of them (60), from FENGHUO_SEED (1) on.
export const SEEDS = Number(process.env['FENGHUO_SEEDS'] ?? 60);
export const FIRST = Number(process.env['FENGHUO_SEED'] ?? 1);

export function seedsOf(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** All seeds in batches, each with its name: a test judges one batch. */
export function batchesOf(size: number): [name: string, seeds: number[]][] {
  return Array.from({ length: Math.ceil(SEEDS / size) }, (_, index) => {
    const first = FIRST + index * size;
    const seeds = seedsOf(first, Math.min(size, FIRST + SEEDS - first));
    return [seeds.length === 1 ? `seed ${first}` : `seeds ${first} to ${first + seeds.length - 1}`, seeds];
  });
}
