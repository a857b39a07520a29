// The panes that a figure rests on, for the evidence: where single events are not kept, they are all that is known here.
import type { KeyState } from './key-state.js';
import { PANES_SHOWN_MAX } from './limits.js';
import type { PaneEvidence } from './output.js';
import type { ModelPlan } from './plan.js';
import { asJson } from './transition.js';

/** The panes of a model's indicators by name; nothing for a model that has none. */
export function panesOf(
  plan: ModelPlan,
  state: KeyState,
  clock: number,
): { readonly panes?: { readonly [indicator: string]: PaneEvidence } } {
  let found: { [indicator: string]: PaneEvidence } | undefined;
  for (const { name, index } of plan.model.indicators) {
    const windowPlan = plan.windows[index] ?? null;
    if (windowPlan === null || windowPlan.indicator.panes === null) continue;
    const panes = (state.peek(windowPlan, clock) ?? windowPlan.empty).panesHeld();
    if (panes === null) continue;
    found ??= {};
    found[name] = {
      everyMs: windowPlan.indicator.panes.everyMs,
      total: panes.length,
      panes: panes
        .slice(-PANES_SHOWN_MAX)
        .map((pane) => ({ start: pane.start, figure: asJson(pane.figure()) })),
    };
  }
  return found === undefined ? {} : { panes: found };
}
