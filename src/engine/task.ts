// The joint inspection task that a transition asks for: what the warnings involved ask of their departments.
import type { KeyState } from './key-state.js';
import type { JointTask } from './output.js';
import type { ModelPlan } from './plan.js';

/**
 * The task of a model that merges items, over the warnings that its figures rest on: those in its windows, and of a
 * sequence those of the matches that count. Nothing for other models.
 */
export function taskOf(plan: ModelPlan, state: KeyState, clock: number): { readonly task?: JointTask } {
  const { task } = plan.model;
  if (task === null) return {};
  const warnings = new Set<string>();
  for (const window of plan.windows) {
    if (window === null) continue;
    state.window(window)?.eachContributing((reference) => warnings.add(reference.id), clock);
  }
  const items = new Set<string>();
  const involved: string[] = [];
  for (const warning of [...warnings].sort()) {
    const read = state.beyond?.warning(warning, clock);
    if (read === undefined) continue;
    involved.push(warning);
    items.add(read.item);
  }
  return { task: { withinWorkdays: task.withinWorkdays, items: [...items].sort(), warnings: involved } };
}
