// Whether the gates of a model are shut on a key.
import type { WindowOperator } from '../model/model.js';
import type { Gate } from './gate.js';
import type { KeyState } from './key-state.js';
import type { ModelPlan, WindowPlan } from './plan.js';

/** Whether a condition cannot be true at the clock, nor at a later one if nothing comes until then. */
export function isShut(gate: Gate, plan: ModelPlan, state: KeyState, clock: number): boolean {
  if (gate.kind === 'atom') {
    const window = plan.windows[gate.indicator] as WindowPlan;
    return refutes(mostOf(window, state, clock), gate) || refutes(bestOf(window, state, clock), gate);
  }
  for (const part of gate.parts) {
    if (isShut(part, plan, state, clock) === (gate.kind === 'all')) return gate.kind === 'all';
  }
  return gate.kind === 'any';
}

function refutes(most: number, { least, over }: Gate & { kind: 'atom' }): boolean {
  return over ? most <= least : most < least;
}

/** A mean is worth a closer look: at most the best of those that it comes to while entries leave. */
function bestOf(plan: WindowPlan, state: KeyState, clock: number): number {
  if (plan.indicator.operator !== 'avg') return Infinity;
  return state.peek(plan, clock)?.reach(true) ?? Infinity;
}

/** Operators whose figure is at most the number of entries. */
const COUNTING: ReadonlySet<WindowOperator> = new Set(['count', 'distinct', 'streak', 'changes']);

/** What the figure of a window is at most; 0 where nothing is kept of it. */
function mostOf(plan: WindowPlan, state: KeyState, clock: number): number {
  const { few } = state;
  if (few === null) return state.window(plan)?.most(clock) ?? 0;
  const entries = few.count(plan, clock);
  if (entries === 0 || COUNTING.has(plan.indicator.operator)) return entries;
  if (plan.indicator.sequence !== null && !few.anyStarts) return 0;
  if (plan.indicator.operator === 'avg') return few.largest(plan, clock);
  if (plan.indicator.operator === 'sum') return few.largestSum(plan, clock);
  return state.peek(plan, clock)?.most(clock) ?? Infinity;
}
