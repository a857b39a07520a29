// Runs several asynchronous workers one step at a time, in every order that their steps can have, or in some of many.

/** Waits until it is this worker's turn to do its next step. */
export type Turn = (worker: string) => Promise<void>;

/** Makes the workers anew; each asks for its turn before each step that others can notice. */
export type Begin = (turn: Turn) => Promise<{
  readonly workers: readonly Promise<unknown>[];
  readonly check: () => Promise<void>;
}>;

/** Runs workers once for each order of their steps. @returns how many orders there are */
export async function inEveryOrder(begin: Begin): Promise<number> {
  for (let [runs, path] = [1, [] as number[]]; ; runs++) {
    const taken = await inOrder(begin, (depth) => path[depth] ?? 0);
    // The next order: the last choice that has another option is changed.
    const depth = taken.findLastIndex(({ choice, of }) => choice + 1 < of);
    const last = taken[depth];
    if (last === undefined) return runs;
    path = [...taken.slice(0, depth).map(({ choice }) => choice), last.choice + 1];
  }
}

/** Runs workers in some orders. @param random from 0 up to 1 */
export async function inOrders(runs: number, random: () => number, begin: Begin): Promise<void> {
  for (let run = 0; run < runs; run++) await inOrder(begin, (_depth, of) => Math.floor(random() * of));
}

interface Taken {
  readonly choice: number;
  readonly of: number;
}

async function inOrder(begin: Begin, choose: (depth: number, of: number) => number): Promise<Taken[]> {
  const waiting = new Map<string, () => void>();
  const { workers, check } = await begin((worker) => new Promise((go) => waiting.set(worker, () => go())));
  const all = Promise.all(workers);
  const taken: Taken[] = [];
  for (;;) {
    // Whoever runs comes to its next step, or to its end.
    await new Promise((resolve) => setImmediate(resolve));
    const names = [...waiting.keys()].sort();
    if (names.length === 0) break;
    const choice = choose(taken.length, names.length);
    taken.push({ choice, of: names.length });
    const name = names[choice] as string;
    waiting.get(name)?.();
    waiting.delete(name);
  }
  await all;
  await check();
  return taken;
}
