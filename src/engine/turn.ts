// The turn from one set of rules to the next, and to the instant at which all their history has been told.
import type { Key } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { readsWarnings } from '../model/strata.js';
import { Engine, type EngineOptions } from './engine.js';
import { endModel } from './evaluation.js';
import { forwardPlanOf, type ForwardPlan } from './forward-plan.js';
import { goesOn, nextGeneration, primedGeneration, type Generation } from './generation.js';
import { PrimingWindow } from './indicators/priming-window.js';
import { decodeKeyState, encodeKeyState } from './key-codec.js';
import { planFor, type MemoryKeyStore, type ModelState } from './key-state.js';
import { namesWith } from './plan.js';

const NO_READERS: ForwardPlan = { targets: {}, longestMs: [], links: false };

/** What changes at an instant; everything before it is decided, nothing at it. */
export type Turn =
  /** Other rules come into force. */
  | { readonly kind: 'revision'; readonly rules: RuleSet }
  /** All history has been told: what has none has none. */
  | { readonly kind: 'primed' };

/** When a turn takes effect: what the history said must have been heard everywhere before it ends. */
export function instantOf(turn: Turn, clock: number, at: number): number {
  return Math.max(turn.kind === 'primed' ? clock + 1 : clock, at);
}

/** A model that holds something on a key. */
export interface Holding {
  readonly key: Key;
  readonly model: string;
}

/**
 * Readies an engine to be replaced at its clock: models that do not go on end, what else they hold is marked, so that
 * it is evaluated at this instant under the new rules.
 * @param holdings all models that hold something, their keys at hand
 */
export function leave(engine: Engine, turn: Turn, holdings: readonly Holding[]): void {
  const found = holdings.flatMap(({ key, model }) => {
    const plan = planFor(engine.context.plan, key).byName.get(model);
    const state = plan === undefined ? undefined : engine.context.store.get(key)?.model(plan);
    return state?.holds === true ? state : [];
  });
  if (turn.kind === 'primed') {
    for (const state of found) settle(engine, state);
    return;
  }
  const gone = found.filter(({ plan }) => !goesOn(plan.model, turn.rules)).sort(byModelAndKey);
  const { context } = engine;
  const after = forwardPlanOf(turn.rules, 0);
  for (const state of gone) {
    context.store.touched(state.state);
    // Heard by those who would have heard of it under the next rules, which are in force when it is.
    context.forwardPlan = readsWarnings(state.plan.model) ? NO_READERS : after;
    endModel(context, state);
  }
  for (const modelState of found) {
    if (!goesOn(modelState.plan.model, turn.rules)) continue;
    mark(engine, modelState, modelState.episode?.quiet !== true);
  }
}

/** The generation of a stratum after a turn. */
export function generationAfter(before: Generation, old: RuleSet, turn: Turn, stratum: number): Generation {
  return turn.kind === 'primed' ? primedGeneration(before) : nextGeneration(before, old, turn.rules, stratum);
}

/**
 * The engine after a turn, over the same keys in memory. The old one must not be used again.
 * @param options as the old engine had them
 */
export function turned(old: Engine, turn: Turn, store: MemoryKeyStore, options: EngineOptions): Engine {
  const holdings = store.all.flatMap(({ key, modelStates }) =>
    modelStates.filter(({ holds }) => holds).map(({ plan }) => ({ key, model: plan.model.name })),
  );
  leave(old, turn, holdings);
  const { generation, stratum } = old.context;
  const rules = turn.kind === 'primed' ? old.rules : turn.rules;
  const next = generationAfter(generation, old.rules, turn, stratum);
  const engine = new Engine(rules, { ...options, generation: next });
  const namesOf = (hash: number) => namesWith(old.context.plan, hash);
  for (const { key, bytes } of store.all.map((state) => ({
    key: state.key,
    bytes: encodeKeyState(state, generation.epoch),
  }))) {
    const state = decodeKeyState(key, bytes, {
      plan: planFor(engine.context.plan, key),
      generation: next,
      namesOf,
    });
    store.put(state);
    for (const { due, plan } of state.modelStates) {
      if (due !== Infinity) engine.arm(due, key, plan.model.name);
    }
  }
  engine.follow(old);
  return engine;
}

function settle(engine: Engine, modelState: ModelState): void {
  const { state, plan } = modelState;
  const waiting = plan.windows.filter(
    (window) => window !== null && engine.context.isUnprimed(state, window),
  );
  if (waiting.length === 0) return;
  const live = waiting.some((window) => {
    const kept = window === null ? undefined : state.window(window);
    return kept instanceof PrimingWindow && kept.heardLive;
  });
  // That a source is silent is no history.
  mark(engine, modelState, live || plan.model.feed?.kind === 'source');
}

function mark({ context }: Engine, { state, plan }: ModelState, live: boolean): void {
  context.store.touched(state);
  context.mark(state, plan, false, live);
}

function byModelAndKey(a: ModelState, b: ModelState): number {
  if (a.plan !== b.plan) return a.plan.order - b.plan.order;
  return a.state.key < b.state.key ? -1 : a.state.key > b.state.key ? 1 : 0;
}
