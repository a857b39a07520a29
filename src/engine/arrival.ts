// What an event does to its key: duplicates, revocations, amendments and tombstones first, then windows and profile.
import type { Event, SourceEvent } from '../events/event.js';
import { ExpressionError } from '../model/expression/expression.js';
import type { EngineContext } from './context.js';
import { entryOf } from './entry.js';
import { forwardEvent, forwardLink, forwardTakenBack } from './forward.js';
import { countLate } from './late.js';
import type { KeyState } from './key-state.js';
import { arriveInLedger } from './ledger-arrival.js';
import { BackfilledReadings } from './known-events.js';
import { IDS_KEPT_MS } from './limits.js';
import { longestWindowMs, readersOf, type ModelPlan, type ScopePlan, type WindowPlan } from './plan.js';
import { factsOf } from './profile-history.js';
import { isFactual, metricOf, referenceTo, streamIndex, type EventReference } from './reference.js';
import { textOf } from './strata-state.js';
import { isWide } from './wide-key.js';

/** Takes in one event at the context's clock. */
export function arrive(context: EngineContext, event: Event, offset: number): void {
  const { store, clock } = context;
  context.events++;
  const state = store.get(event.key) ?? createKey(context, event);
  store.touched(state);
  const plan = context.plan[state.scope];
  const stream = streamIndex(event.stream);
  const metric = metricOf(event, stream);
  const { few } = state;
  if (few !== null) {
    const owner = ownerIn(context, state);
    if (arriveInLedger(context, plan, state, few, event, stream, metric, offset)) {
      tellOwner(context, state, offset, owner, event.backfill !== true);
      return;
    }
  }
  const known =
    metric === null ? state.known.byId(event.id, clock) : state.known.reading(metric, event.time, clock);
  if (known !== undefined || (metric !== null && state.backfilled?.has(metric, event.time, clock) === true)) {
    context.verdict(offset, 'duplicate', 'EVENT_DUPLICATE', known?.offset ?? null);
    return;
  }
  const longestMs = longestWindowMs(plan, stream);
  const reference = referenceTo(event, stream, metric, offset, longestMs);
  state.parts?.touch(reference);
  if (metric !== null && event.backfill === true) {
    (state.backfilled ??= new BackfilledReadings()).add(metric, event.time, event.at, clock);
  } else state.known.add(reference, clock);
  const owner = ownerIn(context, state);
  decide(context, plan, state, event, reference, longestMs);
  tellOwner(context, state, offset, owner, event.backfill !== true);
}

/** What an event that is no duplicate does: it counts, it takes another back, or both. */
function decide(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  event: Event,
  reference: EventReference,
  longestMs: number,
): void {
  const { offset } = reference;
  const target = event.revokes ?? event.amends;
  const taken = target === undefined ? null : takeBack(context, plan, state, event, target, longestMs);
  const original = taken?.original ?? null;
  if (taken !== null && (event.revokes !== undefined || taken.verdict === 'refused')) {
    reference.revoked = true;
    context.verdict(offset, taken.verdict === 'taken' ? 'revokes' : taken.verdict, taken.code, original);
    return;
  }
  if (state.tombstone(event.id) > context.clock) {
    reference.revoked = true;
    context.verdict(offset, 'tombstoned', 'EVENT_REVOKED_BEFORE', original);
    return;
  }
  if (taken !== null) context.verdict(offset, 'amends', taken.code, original);
  countEvent(context, plan, state, event, reference);
  forwardEvent(context, state, event, reference, offset, taken?.said ?? 0);
}

/** The owner that a device names, where models ask for it. */
function ownerIn({ forwardPlan }: EngineContext, state: KeyState): string | null {
  return forwardPlan.links && state.scope === 'device' ? textOf(state.profile, 'owner') : null;
}

/** A device that names another owner than before tells both. */
function tellOwner(
  context: EngineContext,
  state: KeyState,
  offset: number,
  before: string | null,
  live: boolean,
): void {
  const after = ownerIn(context, state);
  if (before !== after) forwardLink(context, state, offset, before, after, live);
}

function createKey(context: EngineContext, event: Event): KeyState {
  const state = context.store.create(event.key);
  state.beginLedger(context.ledgers, context.plan[state.scope]);
  for (const plan of context.unasked[state.scope]) context.mark(state, plan, false, event.backfill !== true);
  return state;
}

interface Taken {
  readonly verdict: 'taken' | 'tombstone' | 'refused';
  readonly code: string;
  readonly original: number | null;
  /** How many keys of higher strata were told. */
  readonly said: number;
}

/** Takes an earlier event out of everything that it counted in, or leaves a tombstone for it. */
function takeBack(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  cause: Event,
  id: string,
  longestMs: number,
): Taken {
  const { clock } = context;
  const live = cause.backfill !== true;
  const original = state.known.byId(id, clock);
  if (original === undefined) {
    state.setTombstone(id, clock + Math.max(IDS_KEPT_MS, longestMs), clock);
    return { verdict: 'tombstone', code: 'REVOKED_UNKNOWN', original: null, said: 0 };
  }
  const { offset } = original;
  if (original.revocation)
    return { verdict: 'refused', code: 'REVOKES_REVOCATION', original: offset, said: 0 };
  if (original.revoked) return { verdict: 'refused', code: 'REVOKED_TWICE', original: offset, said: 0 };
  original.revoked = true;
  takeOut(context, state, original, true, live);
  const said = forwardTakenBack(context, state, cause, original, live);
  return { verdict: 'taken', code: 'REVOKED', original: offset, said };
}

/** Takes an event out of everything that it counted in. */
export function takeOut(
  context: EngineContext,
  state: KeyState,
  original: EventReference,
  withdrawn: boolean,
  live: boolean,
): void {
  const plan = context.plan[state.scope];
  state.parts?.touch(original);
  for (const window of readersOf(plan, original.stream)) {
    if (state.window(window)?.remove(original, context.clock) !== true) continue;
    for (const reader of window.readers) {
      context.mark(state, reader, withdrawn, live);
      // A warning gives way to its next version: what was foreseen with it does not stand any more.
      const modelState = state.model(reader);
      if (modelState !== undefined) modelState.foreseen = -1;
    }
  }
  if (state.history?.remove(original) === true) {
    for (const model of plan.profileReaders) context.mark(state, model, withdrawn, live);
  }
}

/** The windows that an event joined; reused for every event. */
const joined: WindowPlan[] = [];

/**
 * Lets an event count: in the profile, if it states facts of its key, and in every window that reads its stream.
 * @returns for how long after its arrival a window may hold it, ms; 0 where none does
 */
export function countEvent(
  context: EngineContext,
  plan: ScopePlan,
  state: KeyState,
  event: SourceEvent,
  reference: EventReference,
): number {
  const { clock } = context;
  const live = event.backfill !== true;
  if (isFactual(reference.stream) && !isWide(state.scope)) {
    state.openHistory().add(reference, factsOf(event), event.stream === 'registration');
    for (const model of plan.profileReaders) context.mark(state, model, false, live);
  }
  let late: Set<ModelPlan> | null = null;
  const windows = readersOf(plan, reference.stream);
  joined.length = 0;
  for (const windowPlan of windows) {
    const kept = state.window(windowPlan);
    if (!(kept ?? windowPlan.empty).admits(reference, clock)) {
      late ??= new Set();
      for (const reader of windowPlan.readers) late.add(reader);
      continue;
    }
    const value = entryOf(context, state, windowPlan, event);
    if (value === undefined) continue;
    if (value instanceof ExpressionError) {
      for (const reader of windowPlan.readers) {
        context.failed(reader, windowPlan.indicator.name, state.key, value);
        context.mark(state, reader, false, live);
      }
    }
    (kept ?? context.windowFor(state, windowPlan)).add(reference, value, clock);
    joined.push(windowPlan);
  }
  let heldMs = 0;
  for (const { readers, indicator } of joined) {
    heldMs = Math.max(heldMs, indicator.keptMs);
    for (const reader of readers) context.markJoined(state, reader, live, false);
  }
  if (late !== null) countLate(context, windows, reference, late);
  return heldMs;
}
