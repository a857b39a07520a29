// Derived records: what one stratum says to the keys of a higher one, and the order in which they are stepped.
import type { JsonObject, Key, Position, SourceEvent } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';

/** What made a derived record. Records of one instant are stepped in the order of their causes. */
export interface Cause {
  /** 0 for what fell due when the clock left an instant, 1 for what a record of a log caused. */
  readonly kind: 0 | 1;
  /**
   * For 0 the model and the key, for 1 the event's id and the key at which it was stepped; a line feed between. Of whom
   * a device is comes before all events: a line feed and the device.
   */
  readonly name: string;
  /** Among the derived records of that cause. */
  readonly ordinal: number;
}

interface DerivedBase {
  /** The stratum that steps it. */
  readonly stratum: number;
  /** The key there. */
  readonly key: Key;
  /** The clock that emitted it, epoch ms. */
  readonly at: number;
  readonly cause: Cause;
  /** Something other than backfilled history caused it. */
  readonly live: boolean;
}

/** An event for another key. A warning is an event of the stream `warning`; a newer version replaces the last. */
export interface ForwardedEvent extends DerivedBase {
  readonly what: 'event';
  readonly event: SourceEvent;
  /** Where it lies in the events log; null for a warning, which lies in none. */
  readonly position: Position | null;
  /** The profile of the key that it came from; null where the key here is the same. */
  readonly subject: Profile | null;
  /** A warning that does not stand any more, since what it rested on was taken back. */
  readonly withdrawn?: true;
}

/** An event that was forwarded here is taken back. */
export interface TakenBack extends DerivedBase {
  readonly what: 'taken';
  readonly id: string;
}

/** A device belongs to this subject from now on, or does so no longer. */
export interface DeviceLink extends DerivedBase {
  readonly what: 'link';
  readonly device: Key;
  readonly linked: boolean;
}

/** The profile of a subject, for a device that may belong to it. */
export interface OwnerProfile extends DerivedBase {
  readonly what: 'owner';
  /** Id of the subject, as a device's registration names it. */
  readonly owner: string;
  readonly profile: Profile;
  /** A fact of it was taken back. */
  readonly withdrawn?: true;
}

/** Nobody listened from `from` to `to`; for all keys, so its own is empty. */
export interface DerivedGap extends DerivedBase {
  readonly what: 'gap';
  readonly from: number;
  readonly to: number;
}

/** What the history says of the key, after a change of rules. */
export interface DerivedHistory extends DerivedBase {
  readonly what: 'prime';
  /** A key's state, its bytes as Latin-1 text: derived records are plain JSON. */
  readonly told: string;
}

/** A key of a source speaks, is silent, comes or goes. */
export interface FeedChange extends DerivedBase {
  readonly what: 'feed';
  /** The model that watches over the source. */
  readonly model: string;
  /** How many keys more the source has. */
  readonly keys: number;
  /** How many more of its keys are silent. */
  readonly silent: number;
}

export type Derived =
  ForwardedEvent | TakenBack | DeviceLink | OwnerProfile | DerivedGap | DerivedHistory | FeedChange;

/** Bytes as text, and back. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}

/** The total order of derived records, which does not depend on how logs are partitioned. */
export function compareDerived(a: Ordered, b: Ordered): number {
  return (
    a.at - b.at ||
    a.cause.kind - b.cause.kind ||
    (a.cause.name < b.cause.name ? -1 : a.cause.name > b.cause.name ? 1 : a.cause.ordinal - b.cause.ordinal)
  );
}

/** What a merge orders. */
export interface Ordered {
  readonly at: number;
  readonly cause: Cause;
}

/** What a transition says of its warning to the models that read warnings. */
export interface WarningFacts extends JsonObject {
  readonly warning: string;
  readonly model: string;
  readonly domain: string;
  readonly item: string;
  /** The item's lead department. */
  readonly department: string;
  readonly level: string;
  readonly previous: string;
  readonly scope: string;
  readonly key: string;
}
