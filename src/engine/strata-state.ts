// What a key keeps because of other keys: where its events went, its devices, its owners, and warnings it has read.
import type { JsonObject, Key } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';
import { DEVICES_MAX } from './limits.js';
import type { EventReference } from './reference.js';

/** A key of a higher stratum that an event was forwarded to. */
export interface ForwardedTo {
  readonly stratum: number;
  readonly key: Key;
}

/** The current version of a warning that was read. */
export interface ReadWarning {
  readonly reference: EventReference;
  /** What the joint task takes from it. */
  readonly item: string;
  /** Its level is above none, so that there will be another version. */
  readonly stands: boolean;
}

export class StrataState {
  /** By event: exactly the keys that a revocation of it must reach. */
  readonly forwarded = new Map<EventReference, readonly ForwardedTo[]>();
  /** Of a subject: its devices, and the clock at which each left; Infinity for those that are there. */
  private readonly devices = new Map<Key, number>();
  /** Of a device: the profiles of the subjects that named it theirs, by id; a device has few owners in its life. */
  readonly owners = new Map<string, Profile>();
  /** By warning id. */
  readonly warnings = new Map<string, ReadWarning>();
  private sweepAt = 64;

  /** Forgets where events went and warnings that no window holds, once there are twice as many. */
  sweep(clock: number): void {
    if (this.forwarded.size + this.warnings.size < this.sweepAt) return;
    for (const reference of this.forwarded.keys()) {
      if (reference.keepUntil <= clock) this.forwarded.delete(reference);
    }
    for (const warning of this.warnings.keys()) {
      if (this.warning(warning, clock) === undefined) this.warnings.delete(warning);
    }
    this.sweepAt = Math.max(64, 2 * (this.forwarded.size + this.warnings.size));
  }

  /** The current version of a warning; undefined where it has ended, and no window can hold it any more. */
  warning(id: string, clock: number): ReadWarning | undefined {
    const known = this.warnings.get(id);
    return known !== undefined && (known.stands || known.reference.keepUntil > clock) ? known : undefined;
  }

  /** @returns false where the subject has too many devices already */
  link(device: Key): boolean {
    if (this.devices.size >= DEVICES_MAX && !this.devices.has(device)) return false;
    this.devices.set(device, Infinity);
    return true;
  }

  unlink(device: Key, clock: number): void {
    this.devices.set(device, clock);
  }

  /** The devices that hear of their owner: those that left at this instant still do. */
  devicesAt(clock: number): Iterable<Key> {
    for (const [device, leftAt] of this.devices) if (leftAt < clock) this.devices.delete(device);
    return this.devices.keys();
  }

  /** Visits the references that it holds. */
  each(visit: (reference: EventReference) => void): void {
    for (const reference of this.forwarded.keys()) visit(reference);
    for (const { reference } of this.warnings.values()) visit(reference);
  }

  get deviceCount(): number {
    return this.devices.size;
  }

  /** Visits its devices, with the clock at which each left; Infinity for those that are there. */
  eachDevice(visit: (device: Key, leftAt: number) => void): void {
    for (const [device, leftAt] of this.devices) visit(device, leftAt);
  }

  restoreDevice(device: Key, leftAt: number): void {
    this.devices.set(device, leftAt);
  }
}

/** A text field of event data. */
export function textOf(data: JsonObject | Profile, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
