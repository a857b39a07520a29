// What the workers of a process counted since its start, those that it has let go included.
import type { EngineCounters } from '../../engine/context.js';
import { countersOf } from '../../engine/strata.js';
import type { Evaluated } from '../stage-metrics.js';

/** Adds up the counts of workers that come and go with their shares. */
export class Tally {
  private counters: EngineCounters = countersOf([]);
  private verdicts: ReadonlyMap<string, number> = new Map();

  /** Keeps what a worker counted that is not to work again. */
  let(worker: Partial<Evaluated>): void {
    ({ counters: this.counters, verdicts: this.verdicts } = this.with([worker]));
  }

  /** All counts, with those of the workers at hand. */
  with(workers: readonly Partial<Evaluated>[]): Required<Evaluated> & { readonly counters: EngineCounters } {
    const counters = countersOf([this.counters, ...workers.flatMap(({ counters: one }) => one ?? [])]);
    const verdicts = new Map(this.verdicts);
    for (const [name, count] of workers.flatMap((worker) => [...(worker.verdicts ?? [])]))
      verdicts.set(name, (verdicts.get(name) ?? 0) + count);
    return { counters, verdicts };
  }
}
