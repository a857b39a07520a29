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
  readonly logs: Logs;
  readonly state: StateStore;
  readonly nonce: () => string;
  /** Epoch ms of this machine's clock. */
  readonly now: () => number;
}

interface Meta extends DeliverMeta {
  /** Deliveries from here on were planned after the state was lost, so that nobody tried them. */
  readonly before?: number;
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
  private kept: Meta = DELIVER_START;

  constructor(private readonly options: RestoringOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, DELIVER_NAMESPACE, options.nonce);
  }

  /** Notes where the log ends, before anything is planned anew; what an interrupted one noted stands. */
  async begin(): Promise<void> {
    this.kept = (await this.cursor.load()) ?? DELIVER_START;
    if (this.kept.before !== undefined) return;
    this.kept = { ...this.kept, before: await this.options.logs.deliveries.end(0) };
    await this.cursor.commit(this.kept, { records: new Map() });
  }

  /**
   * Puts into the queue what has no result, and into the dead list what was given up. Every result of the time before
   * the loss must be in the inbox.
   * @returns how many wait
   */
  async restore(): Promise<number> {
    const { logs, now } = this.options;
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
    for await (const { offset, value } of recordsFrom(logs.inbox, 0, 0)) {
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

  private take({ delivery }: DeliveryRecord, offset: number, now: number): void {
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
    let records = new Map<string, Uint8Array>();
    for await (const { value } of recordsFrom(this.options.logs['dead-letters'], 0, 0)) {
      const dead = deadOfLetter(decodeJson<DeadLetter>(value));
      if (dead === null) continue;
      records.set(deadName(dead.offset), encodeJson(dead));
      if (records.size < PAGE) continue;
      await this.cursor.commit(this.kept, { records });
      records = new Map();
    }
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
    const { state } = this.options;
    let records = new Map<string, Uint8Array | null>();
    const flush = async (least: number) => {
      if (records.size < least) return;
      await this.cursor.commit(this.kept, { records });
      records = new Map();
    };
    for await (const names of namePages(state, DELIVER_NAMESPACE, ITEM_PREFIX, PAGE)) {
      for (const name of names) {
        if (!this.waiting.has(Number(name.slice(ITEM_PREFIX.length)))) records.set(name, null);
      }
      await flush(PAGE);
    }
    for (const [offset, { item }] of this.waiting) {
      records.set(itemName(offset), encodeJson(item));
      await flush(PAGE);
    }
    await flush(1);
    const { delivered, undeliverable, filter } = this;
    const place = { offset: this.kept.before ?? 0, origins: filter.origins };
    await this.cursor.commit({ ...place, delivered, undeliverable }, { records });
  }
}
