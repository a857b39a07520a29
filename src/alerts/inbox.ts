// What the alert side steps: warnings from evaluate, results of channels, and time, in one log.
import type { Event } from '../events/event.js';
import type { Transition } from '../engine/output.js';
import type { ChainLink } from '../evidence/chain.js';
import type { ActEntry, Actor } from './action.js';
import type { Mute } from './silence.js';

/** Where a derived record comes from; the highest one seen is kept, and what is at or below it is dropped. */
export interface Origin {
  /** Source log and partition, for example `events/0`. */
  readonly source: string;
  /** Offset in the source log of the record whose step emitted it. */
  readonly offset: number;
  /** Ordinal among the outputs of that step. */
  readonly ordinal: number;
}

/** A transition with its evidence, frozen when it was emitted. */
export interface WarningRecord {
  readonly kind: 'warning';
  readonly origin: Origin;
  readonly at: number;
  readonly transition: Transition;
  /** A bounded sample of the contributing events, whole; the latest ones. */
  readonly sample: readonly Event[];
  readonly link: ChainLink;
}

/**
 * A channel took these deliveries of a warning, or none will: `undeliverable` is final for the channel that they name.
 * It may come twice, and `at` is that of the newest of them, so that no result runs ahead of the log.
 */
export type ResultRecord = {
  readonly at: number;
  readonly warning: string;
  readonly deliveries: readonly string[];
} & (
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'undeliverable';
      /** A code of the catalogue. */
      readonly reason: string;
      /** By which channel they do not reach which department. */
      readonly channel: string;
      readonly department: string;
    }
);

/** Somebody does something to a warning. */
export interface ActionRecord extends ActEntry {
  readonly kind: 'action';
  readonly warning: string;
}

/** Time passes: every warning up to `at` is in the inbox. */
export interface MarkRecord {
  readonly kind: 'mark';
  readonly at: number;
}

/** Somebody orders a silence. */
export interface MuteRecord {
  readonly kind: 'mute';
  readonly at: number;
  readonly mute: Mute;
}

/** A silence ends: somebody takes it back, or its time is over. */
export interface UnmuteRecord {
  readonly kind: 'unmute';
  readonly at: number;
  readonly id: string;
  /** Null where its time is over. */
  readonly by: Actor | null;
}

/** A department is told something that is of no warning. The same id again is told once. */
export interface BulletinRecord {
  readonly kind: 'bulletin';
  readonly at: number;
  /** 32 hex digits. */
  readonly id: string;
  /** What it is about, for example `evaluation`. */
  readonly topic: string;
  readonly department: string;
  /** What the message says; `message` is its sentence. */
  readonly body: { readonly [name: string]: unknown };
}

/** From here on the revision with this hash is in force, where the rules change while the alert side runs. */
export interface RulesRecord {
  readonly kind: 'rules';
  readonly origin: Origin;
  readonly at: number;
  readonly revision: string;
}

/** What happens to one warning. */
export type CaseRecord = WarningRecord | ResultRecord | ActionRecord;
export type InboxRecord = CaseRecord | MarkRecord | MuteRecord | UnmuteRecord | BulletinRecord | RulesRecord;

/** Whether `a` comes after `b` in the log of one source partition. */
export function isAfter(a: Origin, b: Origin): boolean {
  return a.offset > b.offset || (a.offset === b.offset && a.ordinal > b.ordinal);
}
