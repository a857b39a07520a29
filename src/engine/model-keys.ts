// How many keys each model has come to: counted for the operators, and deciding nothing.
import type { Key } from '../events/event.js';
import type { ModelPlan, Plan, WindowPlan } from './plan.js';

/** What of it a checkpoint holds. */
export type WindowCounts = readonly (readonly [identity: string, keys: number])[];

/**
 * Keys on which a window is kept. A model has as many keys as that of its windows which is kept on the most of them: a
 * limit would depend on how keys are partitioned, so there is none, and the operators hear of it once a model. A key that
 * comes back when all its events are forgotten may count again.
 */
export class ModelKeys {
  private readonly windows = new Map<string, number>();

  /**
   * @param expected how many keys a model may come to unnoticed
   * @param notice hears of each model that passes that figure
   */
  constructor(
    private readonly plan: Plan,
    private readonly expected: number,
    private readonly notice: (model: ModelPlan, key: Key) => void,
  ) {}

  /** A window begins to be kept on a key. */
  opened(window: WindowPlan, key: Key): void {
    const { identity } = window.indicator;
    const count = this.of(window) + 1;
    this.windows.set(identity, count);
    if (count !== this.expected + 1) return;
    for (const reader of window.readers) {
      const others = reader.windows.filter((one) => one !== null && one !== window);
      if (others.every((one) => one === null || this.of(one) <= this.expected)) this.notice(reader, key);
    }
  }

  /** By name of the model. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { models } of Object.values(this.plan)) {
      for (const { model, windows } of models) {
        const keys = windows.map((window) => (window === null ? 0 : this.of(window)));
        counts.set(model.name, Math.max(0, ...keys));
      }
    }
    return counts;
  }

  get stored(): WindowCounts {
    return [...this.windows];
  }

  /** Goes on from what a checkpoint, or an engine of other rules, counted; what these rules do not keep is forgotten. */
  restore(counts: WindowCounts): void {
    const known = Object.values(this.plan).flatMap(({ byIdentity }) => [...byIdentity.keys()]);
    const kept = new Set(known);
    for (const [identity, count] of counts) if (kept.has(identity)) this.windows.set(identity, count);
  }

  private of({ indicator }: WindowPlan): number {
    return this.windows.get(indicator.identity) ?? 0;
  }
}
