// Deliver: hands recorded deliveries to their channels, each attempt recorded before it is made, and tells the inbox.
import type { Code } from '../../events/codes.js';
import { CodedError } from '../../events/coded-error.js';
import type { PlannedDelivery } from '../../alerts/messages.js';
import { Recent } from '../../events/recent.js';
import type { Channel, SendResult } from '../../ports/channel.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { DeliveryRecord } from '../alert-round.js';
import { CheckpointCursor, encodeJson, type Probe } from '../checkpoint.js';
import { handedOn, handOn } from '../recent-log.js';
import { storedRecords } from '../stored-names.js';
import { OriginFilter, type Origins } from '../origins.js';
import type { Endpoint, EndpointPlain } from './endpoint.js';
import { DELIVER_NAMESPACE, type Item } from './item.js';
import { messageOf } from './message.js';
import { isAvoided, outcomeOf } from './outcome.js';
import { DeliverQueue } from './queue.js';
import { endsInDoubt, Round, type LastFailure } from './round.js';
import { quietUntil } from './waiting.js';

export interface DeliverOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly nonce: () => string;
  readonly probe: Probe;
  readonly batch: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** IANA zone of the quiet hours. */
  readonly zone: string;
  /** Where a person finds a warning; null where there is no such place. */
  readonly link: (warning: string) => string | null;
  /** Hears that a send has ended: there is something to do for `run`. */
  readonly onEnded: () => void;
}

/** What the checkpoint says beside the queue. */
export interface DeliverMeta {
  /** Deliveries of the log below it are done or in the queue. */
  readonly offset: number;
  readonly origins: Origins;
  readonly delivered: number;
  readonly undeliverable: number;
}

/** Before the first delivery. */
export const DELIVER_START: DeliverMeta = { offset: 0, origins: {}, delivered: 0, undeliverable: 0 };
const PAGE = 1_000;
/** Messages at hand between the reading of the log and the first attempt. */
const MESSAGES_KEPT = 2_000;

export class Deliver {
  private readonly cursor: CheckpointCursor<DeliverMeta>;
  private meta: DeliverMeta = DELIVER_START;
  private queue: DeliverQueue;
  private done = 0;
  private abort = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private readonly ended: { readonly endpoint: Endpoint; readonly result: SendResult }[] = [];
  /** What the start found and the next round gives up. */
  private lost: { readonly item: Item; readonly failure: LastFailure }[] = [];
  private readonly messages = new Recent<number, PlannedDelivery>(MESSAGES_KEPT);
  private readonly attemptCounts = new Map<string, number>();

  constructor(private readonly options: DeliverOptions) {
    this.cursor = new CheckpointCursor<DeliverMeta>(options.state, DELIVER_NAMESPACE, options.nonce);
    this.queue = new DeliverQueue(options.channels);
  }

  /** Deliveries below it are done: taken by their channels, or undeliverable. */
  get position(): number {
    return this.done;
  }

  /** Deliveries of the log below it are done or in the queue. */
  get read(): number {
    return this.meta.offset;
  }

  /** Deliveries that their channels took, and those that none took, since the data folder was begun. */
  get delivered(): number {
    return this.meta.delivered;
  }

  get undeliverable(): number {
    return this.meta.undeliverable;
  }

  /** Attempts since the start, by channel and outcome, one blank between them. */
  get attempts(): ReadonlyMap<string, number> {
    return this.attemptCounts;
  }

  /** Messages that wait, and endpoints whose circuit is open, by channel. */
  get counts() {
    return this.queue.counts();
  }

  /** Sends whose answer is not there yet. */
  get sending(): number {
    return this.underWay.size;
  }

  /** Takes up what the last checkpoint holds. An attempt that it knows no result of is in doubt. */
  async open(): Promise<void> {
    await this.stopSends();
    const { state, channels, now } = this.options;
    const kept: Partial<DeliverMeta> = (await this.cursor.load()) ?? {};
    // A checkpoint of a former build knows an offset, below which all was delivered.
    this.meta = { ...DELIVER_START, delivered: kept.offset ?? 0, ...kept };
    this.queue = new DeliverQueue(channels);
    this.lost = [];
    for await (const [name, plain] of storedRecords<EndpointPlain>(state, DELIVER_NAMESPACE, 'e/', PAGE)) {
      const [channelName = '', ...endpoint] = name.split(' ');
      const channel = channels.get(channelName);
      if (channel !== undefined) this.queue.endpoint(channel, endpoint.join(' ')).plain = plain;
    }
    for await (const [, item] of storedRecords<Item>(state, DELIVER_NAMESPACE, 'q/', PAGE))
      this.takeUp(item, now());
    this.done = this.least();
  }

  /**
   * Does what there is to do now: takes results, reads deliveries, begins sends; it waits for none of them.
   * @returns how much it did
   */
  async run(): Promise<number> {
    return this.step(true);
  }

  /** Resolves once no send is under way of those that were. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.underWay]);
  }

  /** Cuts sends under way off, and records what became of all. Nothing is sent afterwards. */
  async close(): Promise<void> {
    this.abort.abort();
    await this.settled();
    await this.step(false);
  }

  private async step(isSending: boolean): Promise<number> {
    const { now, probe } = this.options;
    const round = new Round(now());
    const ended = this.ended.splice(0);
    if (ended.length > 0) probe('after-send');
    for (const { endpoint, result } of ended) this.settle(round, endpoint, result);
    const { meta, count } = isSending ? await this.readOn(round) : { meta: this.meta, count: 0 };
    for (const { item, failure } of this.lost) round.giveUp(item, failure, true);
    for (const { endpoint, item } of this.queue.expired(round.now)) {
      this.queue.remove(endpoint, item);
      round.giveUp(item, { reason: 'DELIVERY_EXPIRED' }, true);
    }
    const sends = isSending ? this.begin(round) : [];
    const done = ended.length + count + round.dead.length + sends.length;
    if (done === 0) return 0;
    await this.write(round, meta);
    this.lost = [];
    this.done = this.least();
    if (sends.length > 0) probe('before-send');
    for (const { endpoint, items } of sends) this.start(endpoint, items);
    return done;
  }

  private takeUp(item: Item, now: number): void {
    const endpoint = this.queue.endpointOf(item);
    if (typeof endpoint === 'string') {
      this.lost.push({ item, failure: { reason: endpoint } });
      return;
    }
    const isInDoubt = item.underWay !== null;
    if (isInDoubt) this.count(endpoint.channel, 'in-doubt', 1);
    if (isInDoubt && endsInDoubt(item, endpoint.channel.policy)) {
      this.lost.push({ item, failure: { reason: 'DELIVERY_IN_DOUBT' } });
    } else this.queue.add(endpoint, isInDoubt ? { ...item, underWay: null, notBefore: now } : item);
  }

  private settle(round: Round, endpoint: Endpoint, result: SendResult): void {
    const { channel, name } = endpoint;
    const items = endpoint.sending ?? [];
    this.count(channel, outcomeOf(result), items.length);
    const ended = endpoint.end(result, round.now, this.options.random());
    round.keepEndpoint(endpoint);
    round.keep(ended.kept);
    round.done(ended.delivered);
    for (const item of ended.delivered) this.queue.remove(endpoint, item);
    for (const item of ended.dead) {
      this.queue.remove(endpoint, item);
      const failure = result.ok ? { reason: 'INTERNAL' } : result;
      const isDoubt = !result.ok && isAvoided(channel.policy, result);
      round.giveUp(item, isDoubt ? { ...failure, reason: 'DELIVERY_IN_DOUBT' } : failure, true);
    }
    const place = `channel ${channel.name}, endpoint ${name}`;
    if (result.ok && result.note !== undefined) {
      round.notes.push({ code: 'DELIVERY_PARTLY', message: `${place}: ${result.note}` });
    }
    if (ended.circuit === 'closed') round.notes.push({ code: 'CHANNEL_BACK', message: place });
    if (ended.circuit === 'opened' && !result.ok) {
      const said = result.detail === undefined ? '' : `, ${result.detail}`;
      const message = `${place}: ${endpoint.plain.failures} failures in a row, ${result.reason}${said}`;
      round.notes.push({ code: 'CHANNEL_DOWN', message });
    }
  }

  /** Puts the next deliveries of the log into the queue. */
  private async readOn(round: Round): Promise<{ meta: DeliverMeta; count: number }> {
    const { logs, batch } = this.options;
    if (this.queue.isAhead) return { meta: this.meta, count: 0 };
    const stored = await logs.deliveries.read(0, this.meta.offset, batch);
    if (stored.length === 0) return { meta: this.meta, count: 0 };
    const filter = new OriginFilter(this.meta.origins);
    for (const { offset, value } of stored) {
      const { origin, delivery } = handedOn<DeliveryRecord>(value);
      if (filter.admit(origin)) this.enqueue(round, offset, delivery);
    }
    const meta = { ...this.meta, offset: this.meta.offset + stored.length, origins: filter.origins };
    return { meta, count: stored.length };
  }

  private enqueue(round: Round, offset: number, delivery: PlannedDelivery): void {
    const { id, warning, department, channel, at, covers, level } = delivery;
    const endpoint = this.queue.endpointOf(delivery);
    const given = { offset, id, warning, department, channel, at, attempts: 0, underWay: null };
    const waits = { notBefore: round.now, since: round.now };
    const item: Item = { ...given, ...waits, ...(covers && { covers }) };
    if (typeof endpoint === 'string') return round.giveUp(item, { reason: endpoint }, false);
    if (this.queue.isFull(endpoint)) return round.giveUp(item, { reason: 'DELIVERY_QUEUE_FULL' }, false);
    this.messages.set(offset, delivery);
    const until = quietUntil(endpoint.channel.policy.quiet, level, round.now, this.options.zone);
    const added: Item = until > round.now ? { ...item, notBefore: until, since: until, isHeld: true } : item;
    round.keep([added, ...this.queue.add(endpoint, added)]);
  }

  private begin(round: Round) {
    return this.queue.due(round.now).map(({ endpoint, items }) => {
      const begun = endpoint.begin(items, round.now);
      round.keep(begun);
      if (endpoint.channel.policy.rates.length > 0) round.keepEndpoint(endpoint);
      return { endpoint, items: begun };
    });
  }

  /** Writes what a round says, each durable before the checkpoint that says so. */
  private async write(round: Round, read: DeliverMeta): Promise<void> {
    const { logs } = this.options;
    const results = round.results();
    if (results.length > 0) await logs.inbox.append(0, results.map(handOn));
    const deadLetters = round.deadLetters();
    if (deadLetters.length > 0) await logs['dead-letters'].append(0, deadLetters.map(encodeJson));
    if (round.notes.length > 0) {
      // After a crash it may be said twice; with numbers of its own it would be dropped.
      const offset = await logs.operator.end(0);
      const alerts = round.notes.map((note, ordinal) => ({
        origin: { source: DELIVER_NAMESPACE, offset, ordinal },
        alert: { kind: 'operator', ...note, clock: round.now, model: null, key: null, count: 1 },
      }));
      await logs.operator.append(0, alerts.map(encodeJson));
    }
    const meta = {
      ...read,
      delivered: this.meta.delivered + round.delivered.length,
      undeliverable: this.meta.undeliverable + round.dead.length,
    };
    await this.cursor.commit(meta, { records: round.records });
    this.meta = meta;
  }

  private start(endpoint: Endpoint, items: readonly Item[]): void {
    const { signal } = this.abort;
    const sending = this.send(endpoint, items, signal).then((result) => {
      this.underWay.delete(sending);
      this.ended.push({ endpoint, result });
      this.options.onEnded();
    });
    this.underWay.add(sending);
  }

  private async send(
    { channel }: Endpoint,
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<SendResult> {
    try {
      const { link } = this.options;
      const messages = [];
      for (const item of items) messages.push(messageOf(await this.deliveryOf(item), item.attempts, link));
      return await channel.send(messages, signal);
    } catch (error) {
      // A text of an error could hold an address with its secret.
      const detail = error instanceof Error ? error.name : 'error';
      const reason: Code = error instanceof CodedError ? error.code : 'INTERNAL';
      return { ok: false, reason, detail, retriable: true, inDoubt: true };
    }
  }

  private async deliveryOf({ offset }: Item): Promise<PlannedDelivery> {
    const known = this.messages.get(offset);
    if (known !== undefined) return known;
    const [stored] = await this.options.logs.deliveries.read(0, offset, 1);
    if (stored === undefined) throw new CodedError('STORE_DAMAGED', `deliveries/0 has no record ${offset}.`);
    return handedOn<DeliveryRecord>(stored.value).delivery;
  }

  private async stopSends(): Promise<void> {
    this.abort.abort();
    await this.settled();
    this.ended.length = 0;
    this.abort = new AbortController();
  }

  private least(): number {
    return Math.min(this.queue.least ?? this.meta.offset, ...this.lost.map(({ item }) => item.offset));
  }

  private count({ name }: Channel, outcome: string, messages: number): void {
    const key = `${name} ${outcome}`;
    this.attemptCounts.set(key, (this.attemptCounts.get(key) ?? 0) + messages);
  }
}
