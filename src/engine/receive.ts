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
import { forwardOwner, forwardTakenBack } from './forward.js';
import { awaitsHistory } from './generation.js';
import { takeHistory } from './history.js';
import type { KeyState } from './key-state.js';
import { IDS_KEPT_MS } from './limits.js';
import { longestWindowMs } from './plan.js';
import { textOf } from './strata-state.js';
import { ForwardedReference, isFactual, streamIndex } from './reference.js';

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
  const kept = isFactual(stream) ? Infinity : clock + longestWindowMs(plan, stream);
  const reference = new ForwardedReference(
    event.id,
    stream,
    event.time,
    event.at,
    position?.offset ?? 0,
    kept,
    position?.partition ?? -1,
  );
  if (event.stream === 'warning') {
    const { warnings } = state.openBeyond(clock);
    const former = warnings.get(event.id);
    if (former !== undefined) {
      takeOut(context, state, former.reference, derived.withdrawn === true, live);
      warnings.delete(event.id);
    }
    if (derived.withdrawn === true) return;
    warnings.set(event.id, { reference, item: textOf(event.data, 'item') ?? '' });
  } else if (event.stream !== 'sensor-reading') state.known.add(reference, clock);
  context.attached = derived.subject;
  countEvent(context, plan, state, event, reference);
  context.attached = null;
  if (isFactual(stream)) tellDevices(context, state, event.id, live);
}

function takeAway(context: EngineContext, state: KeyState, { id, live }: TakenBack): void {
  const { clock, generation } = context;
  const original = state.known.byId(id, clock);
  // It may lie in the history that is still to be told.
  if (original === undefined && awaitsHistory(generation)) state.setTombstone(id, clock + IDS_KEPT_MS, clock);
  if (original === undefined || original.revoked) return;
  original.revoked = true;
  takeOut(context, state, original, true, live);
  forwardTakenBack(context, state, { id }, original, live);
  if (isFactual(original.stream)) tellDevices(context, state, id, live);
}

function takeLink(context: EngineContext, state: KeyState, { device, linked, live }: DeviceLink): void {
  const beyond = state.openBeyond(context.clock);
  if (!linked) {
    beyond.devices.delete(device);
    return;
  }
  if (!beyond.link(device)) {
    context.alert('LIMIT_DEVICES', null, state.key, `its profile does not reach ${device}`);
    return;
  }
  forwardOwner(context, state, device, [device], live);
}

function takeOwner(context: EngineContext, state: KeyState, { owner, profile, live }: OwnerProfile): void {
  state.openBeyond(context.clock).owners.set(owner, profile);
  for (const plan of context.plan[state.scope].models) {
    if (plan.model.readsOwner) context.mark(state, plan, false, live);
  }
}

function tellDevices(context: EngineContext, state: KeyState, causeName: string, live: boolean): void {
  if (!context.forwardPlan.links || state.scope !== 'subject') return;
  const { beyond } = state;
  if (beyond !== null && beyond.devices.size > 0) {
    forwardOwner(context, state, causeName, beyond.devices, live);
  }
}
