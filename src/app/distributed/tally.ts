// What the workers of a process counted since its start, those that it has let go included.
import type { EngineCounters } from '../../engine/context.js';
import { countersOf } from '../../engine/strata.js';
import type { StateSize } from '../../pipeline/key-cache.js';
import type { Evaluated, Holding } from '../stage-metrics.js';
import type { ShareRunner } from './share-runner.js';

/** Adds up the counts of workers that come and go with their shares. */
export class Tally {
  private counters: EngineCounters = countersOf([]);
  private verdicts: ReadonlyMap<string, number> = new Map();
  /** Keys that they read from the store. */
  private loaded = 0;

  /** Keeps what a worker counted that is not to work again. */
  let(worker: Partial<Evaluated>): void {
    const { counters, verdicts, room } = this.with([worker]);
    this.counters = counters;
    this.verdicts = verdicts;
    this.loaded = room.loaded;
  }

  /** All counts, with those of the workers at hand. */
  with(workers: readonly Partial<Evaluated>[]): Required<Evaluated> & { readonly counters: EngineCounters } {
    const counters = countersOf([this.counters, ...workers.flatMap(({ counters: one }) => one ?? [])]);
    const verdicts = new Map(this.verdicts);
    for (const [name, count] of workers.flatMap((worker) => [...(worker.verdicts ?? [])]))
      verdicts.set(name, (verdicts.get(name) ?? 0) + count);
    const rooms = workers.flatMap(({ room }) => room ?? []);
    const size = rooms.reduce((sum, room) => sum + room.size, 0);
    const loaded = rooms.reduce((sum, room) => sum + room.loaded, this.loaded);
    return { counters, verdicts, room: { size, loaded } };
  }
}

/** What the workers hold whose shares are here. */
export function heldBy(runner: Pick<ShareRunner, 'held'>): Holding {
  const stateSizes: StateSize[] = [];
  const modelKeys = new Map<string, number>();
  for (const { worker } of runner.held) {
    for (const [model, keys] of worker.modelKeys ?? [])
      modelKeys.set(model, (modelKeys.get(model) ?? 0) + keys);
    for (const [stratum, { keys, bytes }] of (worker.stateSizes ?? []).entries()) {
      const sum = stateSizes[stratum] ?? { keys: 0, bytes: 0 };
      stateSizes[stratum] = { keys: sum.keys + keys, bytes: sum.bytes + bytes };
    }
  }
  return { stateSizes, modelKeys };
}
