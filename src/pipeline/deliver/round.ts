// What one round of the deliver stage changes and says, until its checkpoint.
import type { ResultRecord } from '../../alerts/inbox.js';
import type { Code } from '../../events/codes.js';
import type { ChannelPolicy } from '../../ports/channel.js';
import { encodeJson } from '../checkpoint.js';
import type { DeadLetter } from '../intake.js';
import type { Endpoint } from './endpoint.js';
import { deadLetterOf } from './dead-letter.js';
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
  private readonly deadItems: DeadItem[] = [];

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

  /** What the inbox is told, one record for each warning, and for each way and reason where there is one. */
  results(): ResultRecord[] {
    const delivered = grouped(this.delivered.flatMap(toldOf), ({ warning }) => warning);
    const results = [...delivered.values()].map((told): ResultRecord => ({
      kind: 'delivered',
      ...resultOf(told),
    }));
    const ways = grouped(this.deadItems, ({ item: { channel, department }, reason }) =>
      [channel, department, reason].join(' '),
    );
    for (const items of ways.values()) {
      const [{ item, reason }] = items as [DeadItem];
      const { channel, department } = item;
      const dead = grouped(
        items.flatMap((one) => toldOf(one.item)),
        ({ warning }) => warning,
      );
      for (const told of dead.values()) {
        results.push({ kind: 'undeliverable', ...resultOf(told), reason, channel, department });
      }
    }
    return results;
  }

  deadLetters(): DeadLetter[] {
    return this.dead.map(deadLetterOf);
  }
}

/** @returns whether the result of the last attempt, which is lost, ends a delivery */
export function endsInDoubt({ attempts }: Item, policy: ChannelPolicy): boolean {
  return attempts >= policy.attempts || (!policy.knowsKey && policy.inDoubt === 'avoid');
}

interface DeadItem {
  readonly item: Item;
  readonly reason: string;
}

interface Told {
  readonly warning: string;
  readonly id: string;
  readonly at: number;
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
