// What became of deliveries, from what the inbox was told of them. An attempt of which it was told nothing is in doubt.
import type { InboxRecord, ResultRecord } from '../../alerts/inbox.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { DeliveryRecord } from '../alert-round.js';
import { CheckpointCursor, decodeJson, encodeJson } from '../checkpoint.js';
import { DELIVER_START, type DeliverMeta } from '../deliver/deliver.js';
import {
  deadName,
  DELIVER_NAMESPACE,
  ITEM_PREFIX,
  itemName,
  type DeadDelivery,
  type Item,
} from '../deliver/item.js';
import { deadLetterOf, deadOfLetter } from '../deliver/dead-letter.js';
import type { DeadLetter } from '../intake.js';
import { OriginFilter } from '../origins.js';
import { namePages } from '../stored-names.js';
import { recordsFrom } from './standing-log.js';

export interface RestoringOptions {
  /** The offset of the first record that a partition of a log still has. */
  readonly begin: (name: 'inbox' | 'dead-letters', partition: number) => Promise<number>;
  readonly logs: Logs;
  readonly partitions: { readonly events: number };
  readonly state: StateStore;
  readonly nonce: () => string;
  /** Epoch ms of this machine's clock. */
  readonly now: () => number;
}

interface Meta extends DeliverMeta {
  /** Deliveries from here on were planned after the state was lost, so that nobody tried them. */
  readonly before?: number;
  /** Where the events log ended then, all partitions together: it grows as soon as anybody works again. */
  readonly events?: number;
}

/** A delivery of which no result was met yet; of these there are as many as waited at one time. */
interface Waiting {
  readonly item: Item;
  /** Of the messages that it stands for, how many have no result. */
  left: number;
}

interface Dead extends Item {
  readonly reason: string;
}

const PAGE = 1_000;

export class DeliveriesRestoring {
  private readonly cursor: CheckpointCursor<Meta>;
  private readonly waiting = new Map<number, Waiting>();
  /** By the ids of the messages that each stands for. */
  private readonly byId = new Map<string, Waiting>();
  private readonly filter = new OriginFilter({});
  private delivered = 0;
  private undeliverable = 0;
  private dead: Dead[] = [];
  /** Of the queue that was kept. */
  private readonly queued = new Set<number>();
  private kept: Meta = DELIVER_START;

  constructor(private readonly options: RestoringOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, DELIVER_NAMESPACE, options.nonce);
  }

  /**
   * Notes where the log ends, before anything is planned anew. What an interrupted one noted stands, unless somebody
   * worked in between, as where a copy of its state was put back.
   */
  async begin(): Promise<void> {
    const { logs, partitions } = this.options;
    this.kept = (await this.cursor.load()) ?? DELIVER_START;
    let events = 0;
    for (let partition = 0; partition < partitions.events; partition++)
      events += await logs.events.end(partition);
    if (this.kept.before !== undefined && this.kept.events === events) return;
    this.kept = { ...this.kept, before: await logs.deliveries.end(0), events };
    await this.cursor.commit(this.kept, { records: new Map() });
  }

  /**
   * Puts into the queue what has no result, and into the dead list what was given up. Every result of what a copy of
   * the state holds in its queue, or has not read, must be in the inbox; without a copy, that is every result.
   * @returns how many wait
   */
  async restore(): Promise<number> {
    const { logs, now, begin } = this.options;
    await this.readQueue();
    await this.readLetters();
    const planned = recordsFrom(logs.deliveries, 0, 0);
    let next = await planned.next();
    // A result comes after the record because of which its delivery was planned, so few wait at a time.
    const takeUpTo = async (inboxOffset: number) => {
      while (next.done !== true && next.value.offset < (this.kept.before ?? 0)) {
        const record = decodeJson<DeliveryRecord>(next.value.value);
        if (record.origin.offset > inboxOffset) return;
        if (this.filter.admit(record.origin)) this.take(record, next.value.offset, now());
        next = await planned.next();
      }
    };
    for await (const { offset, value } of recordsFrom(logs.inbox, 0, await begin('inbox', 0))) {
      const record = decodeJson<InboxRecord>(value);
      if (record.kind !== 'delivered' && record.kind !== 'undeliverable') continue;
      await takeUpTo(offset);
      this.settle(record);
      if (this.dead.length >= PAGE) await this.bury();
    }
    await takeUpTo(Infinity);
    await this.bury();
    await this.finish();
    return this.waiting.size;
  }

  private async readQueue(): Promise<void> {
    for await (const names of namePages(this.options.state, DELIVER_NAMESPACE, ITEM_PREFIX, PAGE))
      for (const name of names) this.queued.add(Number(name.slice(ITEM_PREFIX.length)));
  }

  private take({ delivery }: DeliveryRecord, offset: number, now: number): void {
    // What was read and waits no more is done.
    if (offset < this.kept.offset && !this.queued.has(offset)) return;
    const { id, warning, department, channel, at, covers } = delivery;
    const given = { offset, id, warning, department, channel, at, ...(covers && { covers }) };
    // Whether it was sent nobody knows: so an attempt is under way whose result is not known.
    const item: Item = { ...given, attempts: 1, notBefore: now, since: now, underWay: now };
    const ids = covers === undefined ? [id] : covers.map((covered) => covered.id);
    const waiting = { item, left: ids.length };
    this.waiting.set(offset, waiting);
    for (const one of ids) this.byId.set(one, waiting);
  }

  private settle(record: ResultRecord): void {
    for (const id of record.deliveries) {
      const waiting = this.byId.get(id);
      // It may come twice.
      if (waiting === undefined) continue;
      this.byId.delete(id);
      waiting.left--;
      if (waiting.left > 0) continue;
      this.waiting.delete(waiting.item.offset);
      if (record.kind === 'undeliverable') this.dead.push({ ...waiting.item, reason: record.reason });
      else this.delivered++;
    }
  }

  /** What letters say of deliveries that were given up, for the dead list. */
  private async readLetters(): Promise<void> {
    const { logs, begin } = this.options;
    let letters = new Map<string, DeadDelivery>();
    for await (const { value } of recordsFrom(logs['dead-letters'], 0, await begin('dead-letters', 0))) {
      const dead = deadOfLetter(decodeJson<DeadLetter>(value));
      if (dead !== null) letters.set(deadName(dead.offset), dead);
      if (letters.size < PAGE) continue;
      await this.keepLetters(letters);
      letters = new Map();
    }
    await this.keepLetters(letters);
  }

  private async keepLetters(letters: ReadonlyMap<string, DeadDelivery>): Promise<void> {
    const names = [...letters.keys()];
    const stored = await this.options.state.load(DELIVER_NAMESPACE, names);
    // An entry that is there says more than its letter.
    const missing = [...letters].filter((_, index) => stored[index] === undefined);
    const records = new Map(missing.map(([name, dead]) => [name, encodeJson(dead)]));
    if (records.size > 0) await this.cursor.commit(this.kept, { records });
  }

  /** Enters what was given up; a letter that a crash left out is written now. */
  private async bury(): Promise<void> {
    const { state, logs, now } = this.options;
    const dead = this.dead.splice(0);
    if (dead.length === 0) return;
    const names = dead.map(({ offset }) => deadName(offset));
    const stored = await state.load(DELIVER_NAMESPACE, names);
    const records = new Map<string, Uint8Array>();
    const letters: DeadLetter[] = [];
    for (const [index, { offset, id, warning, department, channel, reason, attempts }] of dead.entries()) {
      const bytes = stored[index];
      const known = bytes === undefined ? null : decodeJson<DeadDelivery>(bytes);
      const given = { offset, id, warning, department, channel, reason };
      const said = known ?? { attempts, detail: '', at: now() };
      const entry: DeadDelivery = { ...given, attempts: said.attempts, detail: said.detail, at: said.at };
      if (known === null) letters.push(deadLetterOf(entry));
      records.set(deadName(offset), encodeJson(entry));
    }
    if (letters.length > 0) await logs['dead-letters'].append(0, letters.map(encodeJson));
    await this.cursor.commit(this.kept, { records });
    this.undeliverable += dead.length;
  }

  private async finish(): Promise<void> {
    let records = new Map<string, Uint8Array | null>();
    const flush = async (least: number) => {
      if (records.size < least) return;
      await this.cursor.commit(this.kept, { records });
      records = new Map();
    };
    for (const offset of this.queued) {
      if (!this.waiting.has(offset)) records.set(itemName(offset), null);
      await flush(PAGE);
    }
    for (const [offset, { item }] of this.waiting) {
      records.set(itemName(offset), encodeJson(item));
      await flush(PAGE);
    }
    await flush(1);
    const { kept, filter } = this;
    const meta: DeliverMeta = {
      offset: kept.before ?? 0,
      origins: filter.origins,
      delivered: kept.delivered + this.delivered,
      undeliverable: kept.undeliverable + this.undeliverable,
    };
    await this.cursor.commit(meta, { records });
  }
}
