// What one round of the deliver stage changes and says, until its checkpoint.
import type { ResultRecord } from '../../alerts/inbox.js';
import type { Code } from '../../events/codes.js';
import type { ChannelPolicy } from '../../ports/channel.js';
import { encodeJson } from '../checkpoint.js';
import type { DeadLetter } from '../ingest.js';
import type { Endpoint } from './endpoint.js';
import { endpointKey } from './queue.js';
import { deadName, itemName, type DeadDelivery, type Item } from './item.js';

/** What is left of a failure once it is final. */
export interface LastFailure {
  readonly reason: string;
  readonly detail?: string | undefined;
}

const DETAIL_MAX = 200;

export class Round {
  readonly records = new Map<string, Uint8Array | null>();
  readonly delivered: Item[] = [];
  readonly dead: DeadDelivery[] = [];
  readonly notes: { readonly code: Code; readonly message: string }[] = [];
  private readonly deadItems: { readonly item: Item; readonly reason: string }[] = [];

  constructor(readonly now: number) {}

  keep(items: readonly Item[]): void {
    for (const item of items) this.records.set(itemName(item.offset), encodeJson(item));
  }

  keepEndpoint({ channel, name, plain }: Endpoint): void {
    this.records.set(`e/${endpointKey(channel.name, name)}`, encodeJson(plain));
  }

  done(items: readonly Item[]): void {
    for (const item of items) {
      this.records.set(itemName(item.offset), null);
      this.delivered.push(item);
    }
  }

  /** An item that was never in the queue has no record to delete. */
  giveUp(item: Item, { reason, detail = '' }: LastFailure, wasQueued: boolean): void {
    const { offset, id, warning, department, channel, attempts } = item;
    const dead = { offset, id, warning, department, channel, attempts, reason, at: this.now };
    const kept: DeadDelivery = { ...dead, detail: detail.slice(0, DETAIL_MAX) };
    if (wasQueued) this.records.set(itemName(offset), null);
    this.records.set(deadName(offset), encodeJson(kept));
    this.dead.push(kept);
    this.deadItems.push({ item, reason });
  }

  /** What the inbox is told, one record for each warning, and for each reason where there is one. */
  results(): ResultRecord[] {
    const delivered = this.delivered.flatMap(toldOf);
    const dead = this.deadItems.flatMap(({ item, reason }) =>
      toldOf(item).map((told) => ({ ...told, reason, department: item.department, channel: item.channel })),
    );
    return [
      ...[...grouped(delivered, ({ warning }) => warning).values()].map((told): ResultRecord => ({
        kind: 'delivered',
        ...resultOf(told),
      })),
      ...[...grouped(dead, endOf).values()].map((told): ResultRecord => ({
        kind: 'undeliverable',
        ...resultOf(told),
        reason: told[0]?.reason ?? 'INTERNAL',
        endpoint: { department: told[0]?.department ?? '', channel: told[0]?.channel ?? '' },
      })),
    ];
  }

  deadLetters(): DeadLetter[] {
    return this.dead.map(({ offset, id, channel, department, reason, detail, attempts, at }) => ({
      at,
      code: reason as Code,
      message:
        `delivery ${id} by ${channel} to ${department}: given up after ${attempts} attempts. ${detail}`.trim(),
      field: null,
      source: 'deliveries/0',
      original: `deliveries/0/${offset}`,
      length: 0,
    }));
  }
}

/** @returns whether the result of the last attempt, which is lost, ends a delivery */
export function endsInDoubt({ attempts }: Item, policy: ChannelPolicy): boolean {
  return attempts >= policy.attempts || (!policy.knowsKey && policy.inDoubt === 'avoid');
}

interface Told {
  readonly warning: string;
  readonly id: string;
  readonly at: number;
}

/** Messages of one warning that ended alike on one way are told of together. */
function endOf({
  warning,
  reason,
  department,
  channel,
}: Record<'warning' | 'reason' | 'department' | 'channel', string>) {
  return [warning, reason, department, channel].join(' ');
}

/** One message may stand for many, of several warnings; each of these hears of it. */
function toldOf({ warning, id, at, covers = [{ warning, id }] }: Item): Told[] {
  return covers.map((covered) => ({ ...covered, at }));
}

function resultOf(told: readonly Told[]) {
  const at = told.reduce((latest, one) => Math.max(latest, one.at), -Infinity);
  return { at, warning: told[0]?.warning ?? '', deliveries: told.map(({ id }) => id) };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
