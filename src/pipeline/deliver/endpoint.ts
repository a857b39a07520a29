// One endpoint of a channel: its queue, and when the next message may go to it.
import type { Channel, SendResult } from '../../ports/channel.js';
import { isAvoided } from './outcome.js';
import type { Item } from './item.js';
import { backoffMs } from './waiting.js';

/** What a checkpoint holds of an endpoint besides its items. */
export interface EndpointPlain {
  /** Failures in a row. */
  readonly failures: number;
  /** Until when nothing is sent, after too many failures; null while the circuit is closed. */
  readonly openUntil: number | null;
  /** Until when the receiver asked to be left alone. */
  readonly pausedUntil: number;
  /** When messages were sent last, as far back as a rate looks. */
  readonly sent: readonly number[];
}

export const FRESH: EndpointPlain = { failures: 0, openUntil: null, pausedUntil: 0, sent: [] };

/** What became of a send. */
export interface Ended {
  readonly delivered: readonly Item[];
  /** To be attempted again. */
  readonly kept: readonly Item[];
  readonly dead: readonly Item[];
  /** The circuit opened, or closed; null where it stays as it is. */
  readonly circuit: 'opened' | 'closed' | null;
}

export class Endpoint {
  /** By offset, ascending. */
  readonly items = new Map<number, Item>();
  plain: EndpointPlain = FRESH;
  sending: readonly Item[] | null = null;
  private heldItems = 0;

  constructor(
    readonly channel: Channel,
    readonly name: string,
  ) {}

  get isOpen(): boolean {
    return this.plain.openUntil !== null;
  }

  /** Adds an item behind all others. @returns earlier ones that it takes along out of the quiet hours */
  add(item: Item): Item[] {
    const freed: Item[] = [];
    if (item.isHeld !== true && this.heldItems > 0) {
      // Who hears of the end or the rise of a warning has heard of its beginning.
      for (const earlier of this.items.values()) {
        if (earlier.isHeld !== true || earlier.warning !== item.warning) continue;
        const { isHeld: _, ...rest } = earlier;
        freed.push({ ...rest, notBefore: item.notBefore, since: item.since });
      }
      for (const one of freed) this.put(one);
    }
    this.put(item);
    return freed;
  }

  put(item: Item): void {
    const before = this.items.get(item.offset);
    this.heldItems += Number(item.isHeld === true) - Number(before?.isHeld === true);
    this.items.set(item.offset, item);
  }

  remove({ offset }: Item): void {
    if (this.items.get(offset)?.isHeld === true) this.heldItems--;
    this.items.delete(offset);
  }

  /** What may be sent now, in order; of one warning never a later message before an earlier one. */
  next(now: number): Item[] {
    const { openUntil, pausedUntil } = this.plain;
    if (this.sending !== null || pausedUntil > now || (openUntil ?? 0) > now) return [];
    const most = Math.min(openUntil === null ? this.channel.policy.batch : 1, this.roomAt(now));
    const waiting = new Set<string>();
    const chosen: Item[] = [];
    for (const item of this.items.values()) {
      if (chosen.length >= most) break;
      if (item.notBefore > now || waiting.has(item.warning)) {
        waiting.add(item.warning);
        continue;
      }
      if (item.isAlone === true) return chosen.length === 0 ? [item] : chosen;
      chosen.push(item);
    }
    return chosen;
  }

  /** Marks items as being sent. @returns them with the attempt counted, to be recorded before it is made */
  begin(items: readonly Item[], now: number): Item[] {
    const begun = items.map((item) => {
      const { isHeld: _, ...rest } = item;
      return { ...rest, attempts: item.attempts + 1, underWay: now };
    });
    for (const item of begun) this.put(item);
    this.sending = begun;
    const { rates } = this.channel.policy;
    if (rates.length > 0) {
      const longestMs = Math.max(...rates.map(({ perMs }) => perMs));
      const sent = [...this.plain.sent, ...begun.map(() => now)].filter((at) => at > now - longestMs);
      this.plain = { ...this.plain, sent };
    }
    return begun;
  }

  /** Takes the result of the send under way. @param random in [0, 1) */
  end(result: SendResult, now: number, random: number): Ended {
    const items = this.sending ?? [];
    this.sending = null;
    const ended = this.judge(items, result, now, random);
    for (const item of ended.kept) this.put(item);
    for (const item of [...ended.delivered, ...ended.dead]) this.remove(item);
    return ended;
  }

  private judge(items: readonly Item[], result: SendResult, now: number, random: number): Ended {
    if (result.ok) return { delivered: items, kept: [], dead: [], circuit: this.answered() };
    if (!result.retriable && items.length > 1) {
      // One of them is not acceptable; by themselves the others are.
      const kept = items.map((item): Item => ({ ...item, underWay: null, isAlone: true }));
      return { delivered: [], kept, dead: [], circuit: this.answered() };
    }
    if (!result.retriable) return { delivered: [], kept: [], dead: items, circuit: this.answered() };
    const { policy } = this.channel;
    const first = Math.min(...items.map(({ attempts }) => attempts));
    const wait = Math.max(result.retryAfterMs ?? 0, backoffMs(first, policy, random));
    const circuit = result.limited === true ? null : this.failed(now);
    if (result.limited === true || result.retryAfterMs !== undefined) {
      this.plain = { ...this.plain, pausedUntil: now + wait };
    }
    const isLost = (item: Item) => item.attempts >= policy.attempts || isAvoided(policy, result);
    const kept = items
      .filter((item) => !isLost(item))
      .map((item): Item => ({ ...item, underWay: null, notBefore: now + wait }));
    return { delivered: [], kept, dead: items.filter(isLost), circuit };
  }

  /** The receiver is there, whatever it says of the message. */
  private answered(): Ended['circuit'] {
    const wasOpen = this.isOpen;
    this.plain = { ...this.plain, failures: 0, openUntil: null };
    return wasOpen ? 'closed' : null;
  }

  private failed(now: number): Ended['circuit'] {
    const { circuitFailures, circuitCoolDownMs } = this.channel.policy;
    const failures = this.plain.failures + 1;
    const opens = this.isOpen || failures >= circuitFailures;
    const circuit = opens && !this.isOpen ? 'opened' : null;
    this.plain = { ...this.plain, failures, openUntil: opens ? now + circuitCoolDownMs : null };
    return circuit;
  }

  /** Messages that the rates leave room for. */
  private roomAt(now: number): number {
    let room = Infinity;
    for (const { count, perMs } of this.channel.policy.rates) {
      const used = this.plain.sent.filter((at) => at > now - perMs).length;
      room = Math.min(room, count - used);
    }
    return Math.max(0, room);
  }
}
