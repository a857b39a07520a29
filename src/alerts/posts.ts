// The messages of each department on their way out: sent at once, or put together so that they do not become noise.
import type { Calendar, Catalogue } from '../catalogue/catalogue.js';
import type { PushLevel, PushRules } from '../catalogue/push.js';
import { nextMorning } from '../catalogue/working-time.js';
import { rank, type Level } from '../model/model.js';
import {
  announcement,
  capBatch,
  CAPPED,
  drawBatch,
  isOfCap,
  isOfDraw,
  messageFor,
  othersIn,
  type Batch,
  type Held,
} from './batch-message.js';
import type { Covered, PlannedDelivery } from './messages.js';
import type { HeldReason, Withholding } from './withholding.js';

/** What waits for one department. Plain JSON, part of the checkpoint. */
export interface Queue {
  readonly department: string;
  readonly batches: readonly Batch[];
  /** When groups last went out, by their name. */
  readonly sent: { readonly [group: string]: number };
  /** Hours since the epoch, and the messages that went out in that one. */
  readonly hour: number;
  readonly count: number;
  /** Messages of its own so far; part of the ids of the next. */
  readonly serial: number;
}

/** What becomes of a message. */
export interface Posted {
  readonly send: readonly PlannedDelivery[];
  /** Messages that need not be sent any more: what they said has ended before anybody heard of it. */
  readonly dropped: readonly Covered[];
}

const HOUR_MS = 3_600_000;
/** Groups of a department whose last sending is remembered. */
const GROUPS_MAX = 200;
/** Messages that one batch holds; one more sends it at once, or begins another where a cap holds it back. */
const HELD_MAX = 500;

export class Posts {
  /** Departments whose queue has changed. */
  readonly changed = new Set<string>();
  /** What was not sent at once, until somebody takes it from here. */
  readonly withheld: Withholding[] = [];
  private readonly rules: PushRules;
  private readonly calendar: Calendar;
  /** By department the warnings of which something may wait: all of which something does, and some of which nothing does any more. */
  private readonly waiting = new Map<string, Set<string>>();

  /** @param queues by department; changed in place */
  constructor(
    catalogue: Catalogue,
    private readonly queues: Map<string, Queue>,
  ) {
    this.rules = catalogue.push;
    this.calendar = catalogue.calendar;
    for (const { department, batches } of queues.values()) this.await(department, batches);
  }

  /** When the next batch goes out; Infinity for never. */
  get next(): number {
    let next = Infinity;
    for (const { batches } of this.queues.values()) {
      for (const { due } of batches) if (due < next) next = due;
    }
    return next;
  }

  queue(department: string): Queue | undefined {
    return this.queues.get(department);
  }

  /** Takes a message that is due now. */
  offer(delivery: PlannedDelivery): Posted {
    const { department, at, level, kind } = delivery;
    const queue = this.queues.get(department) ?? emptyQueue(department);
    if (kind !== 'transition') return this.send(queue, delivery, at);
    const waiting = this.waitingFor(queue, delivery);
    if (waiting !== undefined) return this.replace(queue, waiting, delivery);
    const batch = level === 'red' ? null : this.batchFor(queue, delivery);
    return batch === null
      ? this.send(queue, delivery, at)
      : this.hold(queue, batch, delivery, previousOf(delivery));
  }

  /** Sends the batches that are due at an instant, which `next` gave. */
  flush(at: number): PlannedDelivery[] {
    const send: PlannedDelivery[] = [];
    for (const department of [...this.queues.keys()].sort()) {
      for (;;) {
        const queue = this.queues.get(department);
        const batch = queue?.batches.find(({ due }) => due <= at);
        if (queue === undefined || batch === undefined) break;
        const serial = queue.serial + 1;
        const without = {
          ...queue,
          serial,
          batches: queue.batches.filter((other) => other !== batch),
          sent: remembered(queue.sent, batch.name, at),
        };
        const message = messageFor(batch, { department, serial, at, calendar: this.calendar });
        const isHeldBack = isOfCap(batch);
        send.push(...this.send(without, message, at, batch.held, isHeldBack).send);
        this.waiting.delete(department);
        this.await(department, this.queues.get(department)?.batches ?? []);
      }
    }
    return send;
  }

  /** The batch in which an earlier transition of the warning waits, if any. */
  private waitingFor({ department, batches }: Queue, delivery: PlannedDelivery): Batch | undefined {
    if (this.waiting.get(department)?.has(delivery.warning) !== true) return undefined;
    return batches.find(
      ({ channel, held }) => channel === delivery.channel && held.some((one) => isEarlier(one, delivery)),
    );
  }

  private await(department: string, parts: readonly Pick<Batch, 'held'>[]): void {
    const warnings = this.waiting.get(department) ?? new Set();
    for (const { held } of parts) for (const { covered } of held) warnings.add(covered.warning);
    this.waiting.set(department, warnings);
  }

  private put(queue: Queue): void {
    if (this.queues.get(queue.department) === queue) return;
    this.queues.set(queue.department, queue);
    this.changed.add(queue.department);
  }

  /** Into which batch a message goes, and when that goes out; null where it is sent by itself. */
  private batchFor(queue: Queue, delivery: PlannedDelivery) {
    const { item, region, model, at, channel } = delivery;
    // Those of one draw come at one instant, and go out together as it is over.
    const draw = drawBatch(delivery);
    if (draw !== null) return { name: draw, channel, due: at + 1 };
    // The end of a warning goes the way that the warning went.
    const level = delivery.level === 'none' ? previousOf(delivery) : delivery.level;
    const names = (levels: readonly PushLevel[]) => (levels as readonly Level[]).includes(level);
    const digest = this.rules.digests.find(({ levels }) => names(levels));
    if (digest !== undefined) {
      const due = digest.at === 'hour' ? nextHour(at) : (nextMorning(this.calendar, at) ?? nextHour(at));
      return { name: `digest ${digest.at} ${channel}`, channel, due };
    }
    const group = this.rules.groups.find(({ levels }) => names(levels));
    if (group === undefined) return null;
    const fields = { item, region: region ?? '', model };
    const name = ['group', channel, ...group.by.map((field) => fields[field])].join(' ');
    const last = queue.sent[name] ?? -Infinity;
    return { name, channel, due: Math.max(at + group.waitMs, last + group.intervalMs) };
  }

  /** A message takes the place of an earlier one of its warning, which nobody has heard of. */
  private replace(queue: Queue, batch: Batch, delivery: PlannedDelivery): Posted {
    const { warning, id, level, at } = delivery;
    const earlier = batch.held.filter((one) => isEarlier(one, delivery));
    const held = batch.held.filter((one) => !isEarlier(one, delivery));
    const batches = queue.batches.flatMap((other) => {
      if (other !== batch) return [other];
      return held.length === 0 ? [] : [{ ...batch, held, only: null }];
    });
    const without = { ...queue, batches };
    this.put(without);
    const heard = earlier[0]?.previous ?? previousOf(delivery);
    const superseded = earlier.map(({ covered }) => covered);
    // What departments have not heard of, and is over, they need not hear of.
    if (rank(level) === rank(heard)) {
      this.note(delivery, 'overtaken', [delivery]);
      return { send: [], dropped: [...superseded, { warning, id }] };
    }
    const posted =
      level === 'red' ? this.send(without, delivery, at) : this.hold(without, batch, delivery, heard);
    return { ...posted, dropped: [...superseded, ...posted.dropped] };
  }

  private hold(
    queue: Queue,
    { name, channel, due }: Pick<Batch, 'name' | 'channel' | 'due'>,
    delivery: PlannedDelivery,
    previous: Level,
  ): Posted {
    const { warning, id, level, at } = delivery;
    const batch = queue.batches.find((other) => other.name === name) ?? {
      name,
      channel,
      due,
      only: null,
      held: [],
    };
    const message = String(delivery.body['message']);
    const held = [
      ...batch.held,
      { covered: { warning, id }, level, previous, message, ...othersIn(delivery) },
    ];
    this.await(queue.department, [{ held: held.slice(-1) }]);
    const only = held.length === 1 ? delivery : null;
    // Nothing waits for its department that goes out a moment later.
    if (!isOfDraw(name)) this.note(delivery, reasonOf(batch), [delivery], batch.due);
    // A batch that is full goes out before its time, unless a cap holds it back.
    const isFull = held.length >= HELD_MAX && !isOfCap(batch);
    const others = queue.batches.filter((other) => other.name !== name);
    this.put({ ...queue, batches: [...others, { ...batch, held, only, due: isFull ? at : batch.due }] });
    return { send: isFull ? this.flush(at) : [], dropped: [] };
  }

  /**
   * Sends a message, unless the department has had as many as it may in this hour.
   * @param parts what it stands for
   * @param isHeldBack whether the cap of a former hour held it back: what did so together goes out together
   */
  private send(
    queue: Queue,
    delivery: PlannedDelivery,
    at: number,
    parts: readonly Held[] = [heldOf(delivery)],
    isHeldBack = false,
  ): Posted {
    const hour = Math.floor(at / HOUR_MS);
    const count = queue.hour === hour ? queue.count : 0;
    const { cap } = this.rules;
    const most = cap === null ? Infinity : (cap.departments.get(queue.department) ?? cap.perHour);
    if (isHeldBack || count < most || delivery.level === 'red' || delivery.kind === CAPPED) {
      this.put(cap === null ? queue : { ...queue, hour, count: count + 1 });
      return { send: [delivery], dropped: [] };
    }
    // Each channel has receivers of its own, who are told what they do not get.
    const isFirst = capped(queue, delivery.channel).length === 0;
    const due = nextHour(at);
    const announced = isFirst ? queue.serial + 1 : queue.serial;
    this.put({ ...queue, hour, count, serial: announced });
    const held = this.holdWhole(this.queues.get(queue.department) ?? queue, { ...delivery, at }, parts, due);
    if (!isFirst) return held;
    const notice = announcement(delivery, { serial: announced, most, due, calendar: this.calendar, at });
    return { ...held, send: [notice, ...held.send] };
  }

  /** Notes of each message that a delivery stands for why it is not sent now. */
  private note(
    { at, level, department }: PlannedDelivery,
    reason: HeldReason,
    covered: readonly (Covered & { readonly ordinal?: number })[],
    due?: number,
  ): void {
    for (const { warning, ordinal = null } of covered) {
      const when = due === undefined ? {} : { due };
      this.withheld.push({ at, reason, warning, ordinal, level, department, ...when });
    }
  }

  /** Holds a message, or one that stands for many, until the next hour. */
  private holdWhole(queue: Queue, delivery: PlannedDelivery, parts: readonly Held[], due: number): Posted {
    const { channel } = delivery;
    const before = capped(queue, channel);
    const last = before.at(-1);
    const hasRoom = last !== undefined && last.held.length + parts.length <= HELD_MAX;
    const fresh = { name: capBatch(channel, before), channel, due: last?.due ?? due, only: null, held: [] };
    const batch = hasRoom ? last : fresh;
    const { name } = batch;
    this.await(queue.department, [{ held: parts }]);
    this.note(delivery, 'capped', delivery.covers ?? [delivery], batch.due);
    const held = [...batch.held, ...parts];
    const only = batch.held.length === 0 && delivery.covers === undefined ? delivery : null;
    this.put({
      ...queue,
      batches: [...queue.batches.filter((other) => other.name !== name), { ...batch, held, only }],
    });
    return { send: [], dropped: [] };
  }
}

/** The batches of what the cap holds back on a channel; the last of them may have room. */
function capped({ batches }: Queue, channel: string): readonly Batch[] {
  return batches.filter((batch) => batch.channel === channel && isOfCap(batch));
}

/** Whether something that waits speaks of an earlier transition of the warning of a message. */
function isEarlier({ covered, isNotice }: Held, { warning }: PlannedDelivery): boolean {
  return covered.warning === warning && isNotice !== true;
}

/** A message of its own as it waits. */
function heldOf(delivery: PlannedDelivery): Held {
  const { warning, id, level, kind, body } = delivery;
  const message = String(body['message']);
  const held = { covered: { warning, id }, level, message, ...othersIn(delivery) };
  if (kind !== 'transition') return { ...held, previous: level, isNotice: true };
  return { ...held, previous: previousOf(delivery) };
}

function reasonOf(batch: Pick<Batch, 'name'>): HeldReason {
  if (isOfCap(batch)) return 'capped';
  return batch.name.startsWith('digest') ? 'digested' : 'grouped';
}

function previousOf({ body }: PlannedDelivery): Level {
  return String(body['previous']) as Level;
}

function emptyQueue(department: string): Queue {
  return { department, batches: [], sent: {}, hour: 0, count: 0, serial: 0 };
}

function nextHour(at: number): number {
  return (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
}

function remembered(sent: Queue['sent'], name: string, at: number): Queue['sent'] {
  if (!name.startsWith('group')) return sent;
  const entries = Object.entries({ ...sent, [name]: at });
  return Object.fromEntries(entries.sort(([, a], [, b]) => b - a).slice(0, GROUPS_MAX));
}
