// What a derived record does to its key.
import type { Key } from '../events/event.js';
import { countEvent, takeOut } from './arrival.js';
import type { EngineContext } from './context.js';
import {
  bytesOf,
  type Derived,
  type ForwardedEvent,
  type OwnerProfile,
  type TakenBack,
  type DeviceLink,
} from './derived.js';
import { takeFeed } from './feeds.js';
import { forwardOwner } from './forward.js';
import { awaitsHistory } from './generation.js';
import { takeHistory } from './history.js';
import type { KeyState } from './key-state.js';
import { IDS_KEPT_MS } from './limits.js';
import { longestWindowMs } from './plan.js';
import { textOf } from './strata-state.js';
import { ForwardedReference, isFactual, streamIndex } from './reference.js';
import { isWide } from './wide-key.js';

/** Takes in one derived record at the context's clock. */
export function receive(context: EngineContext, derived: Derived): void {
  if (derived.what === 'gap') {
    context.gaps.add(derived.from, derived.to);
    return;
  }
  if (derived.what === 'prime') {
    takeHistory(context, derived.key, bytesOf(derived.told));
    return;
  }
  const { store } = context;
  const state = store.get(derived.key) ?? openKey(context, derived.key, derived.live);
  store.touched(state);
  switch (derived.what) {
    case 'event':
      return takeEvent(context, state, derived);
    case 'taken':
      return takeAway(context, state, derived);
    case 'link':
      return takeLink(context, state, derived);
    case 'owner':
      return takeOwner(context, state, derived);
    case 'feed':
      return takeFeed(context, state, derived);
  }
}

function openKey(context: EngineContext, key: Key, live: boolean): KeyState {
  const state = context.store.create(key);
  for (const plan of context.unasked[state.scope]) context.mark(state, plan, false, live);
  return state;
}

function takeEvent(context: EngineContext, state: KeyState, derived: ForwardedEvent): void {
  const { event, position, live } = derived;
  const { clock } = context;
  const plan = context.plan[state.scope];
  const stream = streamIndex(event.stream);
  // A wider key has no profile of its own, so there a fact matters no longer than any other event.
  const isFact = isFactual(stream) && !isWide(state.scope);
  const kept = isFact ? Infinity : clock + longestWindowMs(plan, stream);
  const reference = new ForwardedReference(
    event.id,
    stream,
    event.time,
    event.at,
    position?.offset ?? 0,
    kept,
    position?.partition ?? -1,
  );
  if (!live) reference.backfilled = true;
  // Readings are never taken back, so that no more is known of one than what windows hold.
  const isReading = event.stream === 'sensor-reading';
  if (!isReading) state.parts?.touch(reference);
  if (event.stream === 'warning') {
    const { warnings } = state.openBeyond(clock);
    const former = state.beyond?.warning(event.id, clock);
    if (former !== undefined) takeOut(context, state, former.reference, derived.withdrawn === true, live);
    warnings.delete(event.id);
    if (derived.withdrawn === true) {
      // The history that is still to be told may hold an earlier version of it.
      if (awaitsHistory(context.generation)) state.setTombstone(event.id, clock + IDS_KEPT_MS, clock);
      return;
    }
    const stands = event.data['level'] !== 'none';
    warnings.set(event.id, { reference, item: textOf(event.data, 'item') ?? '', stands });
  } else if (state.tombstone(event.id) > clock) {
    return;
  } else if (!isReading) state.known.add(reference, clock);
  context.attached = derived.subject;
  const heldMs = countEvent(context, plan, state, event, reference);
  context.attached = null;
  if (isReading && heldMs > 0) {
    reference.keepUntil = clock + heldMs;
    state.parts?.touch(reference);
  }
  if (isFact) tellDevices(context, state, derived);
}

function takeAway(context: EngineContext, state: KeyState, derived: TakenBack): void {
  const { clock, generation } = context;
  const { id, live } = derived;
  const original = state.known.byId(id, clock);
  if (original === undefined) {
    // At one instant, where events come in the order of their ids, it may be here before the event that it takes back;
    // and that one may lie in the history that is still to be told.
    state.setTombstone(id, clock + (awaitsHistory(generation) ? IDS_KEPT_MS : 1), clock);
    return;
  }
  if (original.revoked) return;
  original.revoked = true;
  takeOut(context, state, original, true, live);
  if (isFactual(original.stream)) tellDevices(context, state, derived);
}

function takeLink(context: EngineContext, state: KeyState, derived: DeviceLink): void {
  const { device, linked } = derived;
  const { clock } = context;
  const beyond = state.openBeyond(clock);
  if (!linked) {
    beyond.unlink(device, clock);
    return;
  }
  beyond.devicesAt(clock);
  if (!beyond.link(device)) {
    context.alert('LIMIT_DEVICES', null, state.key, `its profile does not reach ${device}`);
    return;
  }
  forwardOwner(context, state, derived, [device]);
}

function takeOwner(context: EngineContext, state: KeyState, derived: OwnerProfile): void {
  const { owner, profile, withdrawn = false, live } = derived;
  state.openBeyond(context.clock).owners.set(owner, profile);
  // What an owner was told last before the device left it may come after it left.
  if (textOf(state.profile, 'owner') !== owner) return;
  for (const plan of context.plan[state.scope].models) {
    if (plan.model.readsOwner) context.mark(state, plan, withdrawn, live);
  }
}

function tellDevices(context: EngineContext, state: KeyState, derived: Derived): void {
  if (!context.forwardPlan.links || state.scope !== 'subject') return;
  const { beyond } = state;
  if (beyond !== null) forwardOwner(context, state, derived, beyond.devicesAt(context.clock));
}
