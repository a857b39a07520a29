// What the history says of one key, taken in while the rules run: its windows, and what went to other keys.
import type { Key } from '../events/event.js';
import type { EngineContext } from './context.js';
import { forwardTold } from './forward.js';
import { PrimingWindow } from './indicators/priming-window.js';
import type { Window } from './indicators/window.js';
import { openWindow } from './indicators/open.js';
import { decodeKeyState, epochOf } from './key-codec.js';
import { planFor, type KeyState } from './key-state.js';
import type { ModelPlan, ScopePlan, WindowPlan } from './plan.js';
import { streamIndex, type EventReference } from './reference.js';

/**
 * Takes in what `Priming` found for a key. A second time for a key, and what belongs to rules that were replaced since,
 * changes nothing. Models whose figures become known are marked as by backfilled history, or as by a live event where
 * one came since the rules changed.
 * @param bytes the layout of a key's state
 */
export function takeHistory(context: EngineContext, key: Key, bytes: Uint8Array): void {
  const { store, generation } = context;
  if (epochOf(bytes) !== generation.epoch) return;
  const state = store.get(key) ?? openKey(context, key);
  if (state.primedIn === generation.epoch) return;
  store.touched(state);
  state.parts?.renew();
  const plan = planFor(context.plan, key);
  const unify = (reference: EventReference, known: boolean) => sameAt(state, reference, known, context.clock);
  const told = decodeKeyState(key, bytes, { plan, generation, unify });
  const concerned = takeWindows(context, plan, state, told);
  for (const { plan: model } of told.modelStates) {
    if (!concerned.has(model)) concerned.set(model, false);
  }
  state.primedIn = generation.epoch;
  takeProfile(state, told);
  takeBeyond(context, state, told);
  for (const [model, live] of concerned) context.mark(state, model, false, live);
}

function openKey(context: EngineContext, key: Key): KeyState {
  const state = context.store.create(key);
  for (const plan of context.unasked[state.scope]) context.mark(state, plan, false, false);
  return state;
}

const WARNING = streamIndex('warning');

/** The event as the key knows it; one that it has forgotten, or never heard of, is known from now on. */
function sameAt(state: KeyState, reference: EventReference, known: boolean, clock: number): EventReference {
  if (reference.stream === WARNING) return sameWarning(state, reference, clock);
  const { id, metric, time } = reference;
  const same = metric === null ? state.known.byId(id, clock) : state.known.reading(metric, time, clock);
  if (same !== undefined) {
    same.keepUntil = Math.max(same.keepUntil, reference.keepUntil);
    return same;
  }
  if (state.tombstone(id) > clock) reference.revoked = true;
  if (known && reference.keepUntil > clock) state.known.add(reference, clock);
  return reference;
}

/**
 * The version of a warning as the key knows it; where a later one has come since, it does not count any more. An earlier
 * one is known from when somebody else here read warnings, and counts nowhere.
 */
function sameWarning(state: KeyState, told: EventReference, clock: number): EventReference {
  const known = state.beyond?.warnings.get(told.id)?.reference;
  if (known?.at === told.at) return known;
  told.revoked = (known?.at ?? -Infinity) > told.at || state.tombstone(told.id) > clock;
  return told;
}

/** Puts the windows in place. @returns their readers, and whether a live event came for them since the rules changed */
function takeWindows(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  told: KeyState,
): Map<ModelPlan, boolean> {
  const concerned = new Map<ModelPlan, boolean>();
  for (const windowPlan of plan.windows) {
    if (!context.isUnprimed(state, windowPlan)) continue;
    const waiting = state.window(windowPlan);
    const window = windowOf(context, told, windowPlan);
    const live = waiting instanceof PrimingWindow && waiting.heardLive;
    if (waiting instanceof PrimingWindow) waiting.settleInto(window, context.clock);
    if (told.window(windowPlan) !== undefined || waiting !== undefined) {
      if (waiting === undefined) context.modelKeys.opened(windowPlan, state.key);
      state.putWindow(windowPlan, window);
    }
    for (const reader of windowPlan.readers) {
      const matters = state.window(windowPlan) !== undefined || state.model(reader)?.holds === true;
      if (matters) concerned.set(reader, live || concerned.get(reader) === true);
    }
  }
  return concerned;
}

/** The window as the history left it, without what was taken back since. */
function windowOf(context: EngineContext, told: KeyState, plan: WindowPlan): Window {
  const window = told.window(plan) ?? openWindow(plan.indicator);
  const revoked: EventReference[] = [];
  window.each((reference) => {
    if (reference.revoked) revoked.push(reference);
  });
  for (const reference of revoked) window.remove(reference, context.clock);
  return window;
}

function takeProfile(state: KeyState, { history: told }: KeyState): void {
  if (told === null) return;
  const isNew = state.history === null;
  const history = state.openHistory();
  if (isNew) history.base = told.base;
  for (const { reference, facts, registration } of told.entries) {
    if (reference.revoked || history.entries.some((entry) => entry.reference === reference)) continue;
    history.add(reference, facts, registration);
  }
}

function takeBeyond(context: EngineContext, state: KeyState, { beyond: told }: KeyState): void {
  if (told === null) return;
  const beyond = state.openBeyond(context.clock);
  for (const [reference, keys] of told.forwarded) {
    if (reference.revoked) {
      forwardTold(context, state, reference, keys);
      continue;
    }
    const known = beyond.forwarded.get(reference) ?? [];
    const added = keys.filter(
      ({ stratum, key }) => !known.some((one) => one.stratum === stratum && one.key === key),
    );
    beyond.forwarded.set(reference, [...known, ...added]);
  }
  for (const [id, read] of told.warnings) {
    if (!read.reference.revoked) beyond.warnings.set(id, read);
  }
  for (const device of told.devicesAt(context.clock)) beyond.link(device);
  for (const [owner, profile] of told.owners) {
    if (!beyond.owners.has(owner)) beyond.owners.set(owner, profile);
  }
}
