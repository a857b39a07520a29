// Events that lie outside a window on arrival, counted for the models that miss them.
import type { EngineContext } from './context.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';

/** Counts an event as late for the models that have no window left for it. */
export function countLate(
  context: EngineContext,
  windows: readonly WindowPlan[],
  reference: EventReference,
  late: ReadonlySet<ModelPlan>,
): void {
  for (const model of late) {
    const open = windows.some(
      (window) => window.readers.includes(model) && window.empty.admits(reference, context.clock),
    );
    if (!open) context.lateFor(model);
  }
}
