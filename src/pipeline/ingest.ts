// Ingest: what arrives goes into the one events log of a process, stamped in its order, with ticks and what else it says.
import { decodeRecord, encodeRecord } from '../events/codec.js';
import type { BodyText, BodyValues } from '../events/body.js';
import type { Event, EventDraft, LogRecord } from '../events/event.js';
import { arriveAt } from '../events/reader.js';
import type { Refusal } from '../events/refusal.js';
import { pseudonymise } from '../events/pseudonym.js';
import { NOBODY, type ActionSender } from './action-events.js';
import type { Probe } from './checkpoint.js';
import { HeldBack } from './held-back.js';
import { emptyBatch, Intake, type Accepted, type IntakeOptions } from './intake.js';
import { behind } from './log-pages.js';
import type { RecentRecords } from './recent-records.js';
import { tickAfter } from './ticks.js';

export interface IngestOptions extends Omit<IntakeOptions, 'sink'> {
  readonly probe: Probe;
  /** Where evaluate finds the records that were appended last. */
  readonly recent?: RecentRecords;
}

/** One event of a replayed source, its personal values still clear, or what stands in its place. */
export type ReplayItem =
  | { readonly ok: true; readonly event: Event }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly raw: string;
      readonly source: string;
      /** Recorded arrival, epoch ms. */
      readonly at: number;
    };

export class Ingest {
  /** Arrival of the newest record in the log; -Infinity when it is empty. */
  private newest = -Infinity;
  private lastTick = -Infinity;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly held: HeldBack;
  readonly intake: Intake;

  constructor(private readonly options: IngestOptions) {
    const sink = {
      append: (events: readonly EventDraft[], exact: readonly boolean[], now: number) =>
        this.exclusively(() => this.append(events, exact, now)),
    };
    this.intake = new Intake({ ...options, sink });
    this.held = new HeldBack(options.logs.operator, 'ingest');
  }

  /** Reads where the log ends. */
  async open(): Promise<void> {
    const { events } = this.options.logs;
    const end = await events.end(0);
    const [last] = end === 0 ? [] : await events.read(0, end - 1, 1);
    if (last === undefined) return;
    this.newest = this.lastTick = decodeRecord(last.value).at;
  }

  /** What arrived since the start. */
  get arrived() {
    const { accepted, refused, ignoredRecordedTimes } = this.intake;
    return { accepted, refused, ignoredRecordedTimes, heldBack: this.held.count };
  }

  /** Events of bodies that are being taken: read, and not yet durable. */
  get underWay(): number {
    return this.intake.underWay;
  }

  /** Arrival of the newest record, epoch ms; -Infinity when the log is empty. */
  get clock(): number {
    return this.newest;
  }

  /** As `Intake.accept`. */
  accept(text: BodyText, now: number, sender: ActionSender = NOBODY): Promise<Accepted> {
    return this.intake.accept(text, now, sender);
  }

  /** As `Intake.acceptValues`. */
  acceptValues(body: BodyValues, now: number, sender: ActionSender = NOBODY): Promise<Accepted> {
    return this.intake.acceptValues(body, now, sender);
  }

  /** Says that every source has been read up to `now`; after a silence of over a minute, a gap comes first. */
  async tick(now: number): Promise<void> {
    await this.exclusively(async () => {
      if (now <= this.newest) return;
      const records = tickAfter(this.newest, now);
      const bytes = records.map(encodeRecord);
      const first = await this.options.logs.events.append(0, bytes);
      for (const [index, record] of records.entries()) {
        this.options.recent?.put(first + index, record, (bytes[index] as Uint8Array).length);
      }
      this.newest = this.lastTick = now;
    });
  }

  /** Appends the revision that is in force from an instant on. */
  async announce(revision: string, at: number): Promise<void> {
    await this.exclusively(async () => {
      await this.options.logs.events.append(0, [encodeRecord({ kind: 'revision', at, revision })]);
      this.newest = Math.max(this.newest, at);
    });
  }

  /** Appends what the history says after a change of rules; each record is made with its arrival. */
  async tell(records: readonly ((at: number) => LogRecord)[]): Promise<void> {
    await this.exclusively(async () => {
      const at = this.newest;
      await this.options.logs.events.append(
        0,
        records.map((recordAt) => encodeRecord(recordAt(at))),
      );
    });
  }

  /**
   * Replays a source that records its arrivals, in the order of arrival and with ticks of its own. What an earlier,
   * interrupted run appended is skipped, since the source always says the same.
   * @param feed items in the order of (arrival, id); events are stamped with their recorded arrival
   * @param end a last tick comes here; the arrival of the last event where it is null
   * @param pause awaited before each batch, to hold back while the rest of the pipeline catches up
   * @returns the number of events that the source has
   */
  async replay(
    feed: AsyncIterable<readonly ReplayItem[]>,
    tickEveryMs: number,
    end: number | null,
    pause: () => Promise<void>,
  ): Promise<number> {
    const done = await this.replayed();
    let seen = 0;
    let dead = 0;
    for await (const items of feed) {
      const batch = { ...emptyBatch(), recorded: [] as Event[] };
      for (const item of items) {
        if (!item.ok) {
          if (++dead <= done.dead) continue;
          const part = { index: dead, place: `event ${dead}`, raw: item.raw };
          this.intake.refuse(batch, part, item.refusal, item.source, item.at);
          continue;
        }
        if (++seen <= done.events) continue;
        const { event, vault } = pseudonymise(item.event, this.options.siteKey);
        batch.recorded.push(event);
        batch.vault.push(...vault);
      }
      if (batch.recorded.length + batch.dead.length === 0) continue;
      await pause();
      await this.intake.keep(batch);
      await this.exclusively(() => this.appendRecorded(batch.recorded, tickEveryMs));
      this.intake.count(batch.recorded);
      this.options.probe('after-append');
    }
    const last = end ?? this.newest;
    if (last > this.newest) {
      await this.options.logs.events.append(0, [encodeRecord({ kind: 'tick', at: last })]);
      this.newest = this.lastTick = last;
    }
    return seen;
  }

  /** How much of a replay the logs hold already. */
  private async replayed(): Promise<{ events: number; dead: number }> {
    const { logs } = this.options;
    let events = 0;
    let offset = 0;
    for (;;) {
      const page = await logs.events.read(0, offset, 10_000);
      if (page.length === 0) break;
      for (const { value } of page) if (decodeRecord(value).kind === 'event') events++;
      offset = behind(page, offset);
    }
    return { events, dead: await logs['dead-letters'].end(0) };
  }

  private async appendRecorded(events: readonly Event[], tickEveryMs: number): Promise<void> {
    const records: Uint8Array[] = [];
    let { newest } = this;
    for (const event of events) {
      const at = Math.max(event.at, newest);
      const tick = Math.floor(at / tickEveryMs) * tickEveryMs;
      if (newest !== -Infinity && tick > newest && tick < at)
        records.push(encodeRecord({ kind: 'tick', at: tick }));
      records.push(encodeRecord({ ...event, time: Math.min(event.time, at), at }));
      newest = at;
    }
    if (records.length > 0) await this.options.logs.events.append(0, records);
    this.newest = this.lastTick = newest;
  }

  private async append(events: readonly EventDraft[], exact: readonly boolean[], now: number): Promise<void> {
    const at = await this.held.arrival(Math.max(now, this.newest), this.lastTick, events.length);
    const records: Uint8Array[] = [];
    for (const event of events) {
      arriveAt(event, at);
      records.push(encodeRecord(event));
    }
    if (records.length > 0) {
      const first = await this.options.logs.events.append(0, records);
      for (const [index, { length }] of records.entries()) {
        const event = events[index] as Event;
        if (exact[index] === true) this.options.recent?.put(first + index, event, length);
      }
    }
    this.newest = Math.max(this.newest, at);
    this.options.probe('after-append');
  }

  /** One append at a time, so that arrivals stand in the log in their order. */
  private exclusively<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
