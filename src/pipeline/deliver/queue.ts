// Deliveries that are not done, by endpoint, so that one that fails holds up no other.
import type { Code } from '../../events/codes.js';
import type { Channel } from '../../ports/channel.js';
import { Endpoint } from './endpoint.js';
import type { Item } from './item.js';

/** Items of one endpoint, and of all; with so many in all, of one no more than the last. What is over is undeliverable. */
export const QUEUE_LIMITS = { endpoint: 10_000, all: 100_000, short: 1_000 } as const;

/** Items of a patient endpoint beyond which the log is not read further. */
const AHEAD_MAX = 2_000;

export class DeliverQueue {
  /** By channel and endpoint; those that were sent to longest ago come first. */
  private readonly endpoints = new Map<string, Endpoint>();
  /** By offset, ascending. */
  private readonly waiting = new Map<number, Endpoint>();

  constructor(private readonly channels: ReadonlyMap<string, Channel>) {}

  get size(): number {
    return this.waiting.size;
  }

  /** The least offset that is not done, or undefined where none waits. */
  get least(): number | undefined {
    return this.waiting.keys().next().value;
  }

  [Symbol.iterator](): IterableIterator<Endpoint> {
    return this.endpoints.values();
  }

  /** The endpoint that a delivery goes to, or the code that says why it goes nowhere. */
  endpointOf({ channel: name, department }: Pick<Item, 'channel' | 'department'>): Endpoint | Code {
    const channel = this.channels.get(name);
    if (channel === undefined) return 'CHANNEL_UNKNOWN';
    const endpoint = channel.endpointOf(department);
    return endpoint === null ? 'CHANNEL_NO_ADDRESS' : this.endpoint(channel, endpoint);
  }

  endpoint(channel: Channel, name: string): Endpoint {
    const key = endpointKey(channel.name, name);
    const known = this.endpoints.get(key);
    if (known !== undefined) return known;
    const made = new Endpoint(channel, name);
    this.endpoints.set(key, made);
    return made;
  }

  isFull(endpoint: Endpoint): boolean {
    const { size } = endpoint.items;
    return size >= QUEUE_LIMITS.endpoint || (this.size >= QUEUE_LIMITS.all && size >= QUEUE_LIMITS.short);
  }

  /** Whether reading on would only pile up what a patient endpoint is about to take. */
  get isAhead(): boolean {
    for (const { channel, items, plain } of this.endpoints.values()) {
      if (channel.policy.isPatient && plain.failures === 0 && items.size > AHEAD_MAX) return true;
    }
    return false;
  }

  /** Adds an item behind all others. @returns the earlier ones that changed by it */
  add(endpoint: Endpoint, item: Item): Item[] {
    this.waiting.set(item.offset, endpoint);
    return endpoint.add(item);
  }

  remove(endpoint: Endpoint, item: Item): void {
    this.waiting.delete(item.offset);
    endpoint.remove(item);
  }

  /** Items that have waited too long, each with its endpoint. */
  expired(now: number): { readonly endpoint: Endpoint; readonly item: Item }[] {
    const found: { endpoint: Endpoint; item: Item }[] = [];
    for (const endpoint of this.endpoints.values()) {
      const { giveUpAfterMs } = endpoint.channel.policy;
      for (const item of endpoint.items.values()) {
        if (item.underWay !== null) continue;
        if (item.since + giveUpAfterMs <= now) found.push({ endpoint, item });
        // The others came later; only what is held through quiet hours counts from their end.
        else if (item.isHeld !== true) break;
      }
    }
    return found;
  }

  /** What may be sent now, by endpoint, as many endpoints of a channel at a time as its policy allows. */
  due(now: number): { readonly endpoint: Endpoint; readonly items: readonly Item[] }[] {
    const sending = new Map<Channel, number>();
    for (const { channel, sending: items } of this.endpoints.values()) {
      if (items !== null) sending.set(channel, (sending.get(channel) ?? 0) + 1);
    }
    const found: { endpoint: Endpoint; items: readonly Item[] }[] = [];
    for (const [key, endpoint] of [...this.endpoints]) {
      const { channel } = endpoint;
      const busy = sending.get(channel) ?? 0;
      if (busy >= channel.policy.concurrent || endpoint.items.size === 0) continue;
      const items = endpoint.next(now);
      if (items.length === 0) continue;
      sending.set(channel, busy + 1);
      found.push({ endpoint, items });
      this.endpoints.delete(key);
      this.endpoints.set(key, endpoint);
    }
    return found;
  }

  /** Messages that wait, and endpoints whose circuit is open, by channel. */
  counts(): ReadonlyMap<string, { readonly waiting: number; readonly open: number }> {
    const counts = new Map<string, { waiting: number; open: number }>();
    for (const name of this.channels.keys()) counts.set(name, { waiting: 0, open: 0 });
    for (const { channel, items, isOpen } of this.endpoints.values()) {
      const count = counts.get(channel.name);
      if (count === undefined) continue;
      count.waiting += items.size;
      count.open += Number(isOpen);
    }
    return counts;
  }
}

/** Names of channels hold no space. */
export function endpointKey(channel: string, endpoint: string): string {
  return `${channel} ${endpoint}`;
}
