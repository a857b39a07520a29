// What a key says to keys of higher strata: its events, that they were taken back, and its profile.
import { keyId, type Event, type JsonObject, type Key } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';
import type { EngineContext } from './context.js';
import type { Cause, Derived } from './derived.js';
import { OWNED_STRATUM, OWNER_STRATUM, type ForwardTarget } from './forward-plan.js';
import type { KeyState } from './key-state.js';
import { DEVICES_MAX } from './limits.js';
import type { EventReference } from './reference.js';
import { textOf, type ForwardedTo } from './strata-state.js';
import { wideKey } from './wide-key.js';

/** What the records of one cause have in common. */
class Causes {
  constructor(
    private readonly kind: 0 | 1,
    private readonly name: string,
    private ordinal: number,
  ) {}

  next(): Cause {
    return { kind: this.kind, name: this.name, ordinal: this.ordinal++ };
  }
}

type Saying<T> = T extends Derived ? Omit<T, 'at' | 'cause'> : never;

/** Speaks for one cause: stamps what it says with clock and cause. */
export class Speaker {
  private readonly causes: Causes;

  constructor(
    private readonly context: EngineContext,
    kind: 0 | 1,
    name: string,
    /** Of the first that it says. */
    ordinal = 0,
  ) {
    this.causes = new Causes(kind, name, ordinal);
  }

  say(said: Saying<Derived>): void {
    this.context.forward({ ...said, at: this.context.clock, cause: this.causes.next() });
  }
}

/** Whether keys above hear of the events of a stream. */
export function isForwarded({ forwardPlan }: EngineContext, state: KeyState, stream: number): boolean {
  return (forwardPlan.targets[state.scope]?.[stream]?.length ?? 0) > 0;
}

/**
 * Forwards an event that counts to the keys above that read its stream, and remembers where it went.
 * @param said how much was said because of it before: that another event is taken back
 */
export function forwardEvent(
  context: EngineContext,
  state: KeyState,
  event: Event,
  reference: EventReference,
  offset: number,
  said: number,
): void {
  const targets = context.forwardPlan.targets[state.scope]?.[reference.stream];
  if (targets === undefined || targets.length === 0) return;
  const speaker = new Speaker(context, 1, `${event.id}\n${state.key}`, said);
  const live = event.backfill !== true;
  const position = { partition: context.partition, offset };
  const { profile } = state;
  const keys = keysOf(targets, state, profile, event.data);
  for (const { stratum, key } of keys) {
    const subject = key === state.key ? null : profile;
    speaker.say({ what: 'event', stratum, key, live, event, position, subject });
  }
  // Readings are never taken back.
  if (keys.length > 0 && reference.metric === null) {
    state.openBeyond(context.clock).forwarded.set(reference, keys);
  }
}

/** Tells the keys to which an event was forwarded that it is taken back. @returns how many there are */
export function forwardTakenBack(
  context: EngineContext,
  state: KeyState,
  cause: { readonly id: string },
  original: EventReference,
  live: boolean,
): number {
  const keys = state.beyond?.forwarded.get(original);
  if (keys === undefined) return 0;
  const speaker = new Speaker(context, 1, `${cause.id}\n${state.key}`);
  for (const { stratum, key } of keys) {
    speaker.say({ what: 'taken', stratum, key, live, id: original.id });
  }
  state.beyond?.forwarded.delete(original);
  return keys.length;
}

/** Tells keys that are about to hear of an event from the history that it was taken back since. */
export function forwardTold(
  context: EngineContext,
  state: KeyState,
  { id }: EventReference,
  keys: readonly ForwardedTo[],
): void {
  const speaker = new Speaker(context, 1, `${id}\n${state.key}\nprime`);
  for (const { stratum, key } of keys) speaker.say({ what: 'taken', stratum, key, live: false, id });
}

/**
 * Tells the owners of a device, former and new, that it changed hands. Several changes of one instant must be heard in
 * the order of the log, whatever the ids of the events, so that the last one stands.
 */
export function forwardLink(
  context: EngineContext,
  state: KeyState,
  offset: number,
  before: string | null,
  after: string | null,
  live: boolean,
): void {
  const speaker = new Speaker(context, 1, `\n${state.key}`, 2 * offset);
  const say = (owner: string, linked: boolean) =>
    speaker.say({
      what: 'link',
      stratum: OWNER_STRATUM,
      key: `subject:${owner}`,
      live,
      device: state.key,
      linked,
    });
  if (before !== null) say(before, false);
  if (after !== null) say(after, true);
}

/** Tells devices of the profile of their owner, because of what it heard itself. */
export function forwardOwner(
  context: EngineContext,
  state: KeyState,
  { cause, live, what }: Derived,
  devices: Iterable<Key>,
): void {
  const speaker = new Speaker(context, 1, `${cause.name}\n${state.key}`, cause.ordinal * DEVICES_MAX);
  const owner = keyId(state.key);
  const { profile } = state;
  for (const key of devices) {
    const said = { what: 'owner', stratum: OWNED_STRATUM, key, live, owner, profile } as const;
    speaker.say(what === 'taken' ? { ...said, withdrawn: true } : said);
  }
}

function keysOf(
  targets: readonly ForwardTarget[],
  state: KeyState,
  profile: Profile,
  data: JsonObject,
): ForwardedTo[] {
  const keys: ForwardedTo[] = [];
  for (const { stratum, to } of targets) {
    const key = keyFor(to, state, profile, data);
    if (key !== null) keys.push({ stratum, key });
  }
  return keys;
}

function keyFor(to: ForwardTarget['to'], state: KeyState, profile: Profile, data: JsonObject): Key | null {
  if (to === 'same') return state.key;
  if (to === 'owner') {
    const owner = textOf(profile, 'owner');
    return owner === null ? null : `subject:${owner}`;
  }
  return wideKey(to, data['region'] ?? profile['region'], profile['industry']);
}
