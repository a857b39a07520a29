// The health of feeds: a key that keeps a cadence tells its source whether it speaks, and the source counts its keys.
import type { Json, Key } from '../events/event.js';
import { ExpressionError } from '../model/expression/expression.js';
import type { EngineContext } from './context.js';
import type { FeedChange } from './derived.js';
import { evaluate } from './evaluation.js';
import { Speaker } from './forward.js';
import { FeedCountWindow } from './indicators/feed-count.js';
import { MissedWindow, type ToldSource } from './indicators/missed.js';
import type { KeyState, ModelState } from './key-state.js';
import type { ModelPlan } from './plan.js';

/** No cadence is shorter, whatever a profile says. */
const CADENCE_MIN_MS = 60_000;

/**
 * Evaluates a model that watches over a key, and tells the source where it speaks or is silent otherwise than it was
 * told last.
 * @returns as `evaluate`
 */
export function evaluateWatcher(context: EngineContext, modelState: ModelState): number {
  const { state, plan } = modelState;
  const window = missedOf(state, plan);
  if (window !== null) window.everyMs = cadenceOf(state.profile['cadence']) ?? window.overMs;
  const next = evaluate(context, modelState);
  if (window !== null) tell(context, state, plan, window);
  return next;
}

/** Counts at a source what one of its keys says. What is said to a model that is gone is said to nobody. */
export function takeFeed(context: EngineContext, state: KeyState, change: FeedChange): void {
  const plan = context.plan[state.scope].byName.get(change.model);
  if (plan === undefined) return;
  for (const kept of plan.windows) {
    const window = kept === null ? undefined : state.openWindow(kept);
    if (
      window instanceof FeedCountWindow &&
      (window.indicator.operator === 'keys' || window.indicator.operator === 'silent')
    ) {
      window.change(change[window.indicator.operator]);
    }
  }
  context.mark(state, plan, false, change.live);
}

function tell(context: EngineContext, state: KeyState, plan: ModelPlan, window: MissedWindow): void {
  const { feed, where } = plan.model;
  if (feed?.kind !== 'key') return;
  const applies = where === null ? true : where.run(context.enter(state, plan));
  // Where it cannot be said whether the model speaks about the key, the source keeps what it was told.
  if (applies instanceof ExpressionError) return;
  const before = window.told;
  const after = applies === true && window.source !== '' ? toldNow(context, window) : null;
  if (before?.source === after?.source && before?.silent === after?.silent) return;
  window.told = after;
  const speaker = new Speaker(context, 0, `${plan.model.name}\n${state.key}`);
  const say = (source: string, keys: number, silent: number) => {
    const key: Key = `source:${source}`;
    speaker.say({ what: 'feed', stratum: feed.stratum, key, live: true, model: feed.watcher, keys, silent });
  };
  if (before?.source === after?.source && after !== null) {
    say(after.source, 0, silentOf(after) - silentOf(before));
    return;
  }
  if (before !== null) say(before.source, -1, -silentOf(before));
  if (after !== null) say(after.source, 1, silentOf(after));
}

function toldNow({ instant }: EngineContext, window: MissedWindow): ToldSource {
  const missed = window.compute(instant);
  return { source: window.source, silent: typeof missed === 'number' && missed > 0 };
}

function silentOf(told: ToldSource | null): number {
  return told?.silent === true ? 1 : 0;
}

function missedOf(state: KeyState, plan: ModelPlan): MissedWindow | null {
  // A ledger holds no cadences.
  if (state.few !== null) return null;
  const [kept] = plan.windows;
  const window = kept === undefined || kept === null ? undefined : state.window(kept);
  return window instanceof MissedWindow ? window : null;
}

/** The cadence that a registration states, in seconds, as milliseconds. */
function cadenceOf(seconds: Json | undefined): number | null {
  return typeof seconds === 'number' ? Math.max(CADENCE_MIN_MS, Math.round(seconds * 1000)) : null;
}
