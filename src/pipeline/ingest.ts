// Ingest: validates, replaces personal values, stamps the arrival, appends. It has no memory but the clock.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { BROKEN, readBody, type BodyPart, type BodyText, type BodyValues } from '../events/body.js';
import { isActionEvent } from '../events/action-event.js';
import { decodeRecord, encodeRecord } from '../events/codec.js';
import type { Code } from '../events/codes.js';
import type { Event, EventDraft, LogRecord } from '../events/event.js';
import { arriveAt, EventReader, faultOnArrival } from '../events/reader.js';
import type { Refusal } from '../events/refusal.js';
import { VAULT_LIMITS } from '../events/store-limits.js';
import { pseudonymise, pseudonymiseData, type VaultEntry } from '../events/pseudonym.js';
import type { Logs } from '../ports/log.js';
import type { Vault } from '../ports/vault.js';
import { appendActions, NOBODY, readAction, type ActionRead, type ActionSender } from './action-events.js';
import { bodyFault } from './body-fault.js';
import { encodeJson, type Probe } from './checkpoint.js';
import type { RecentRecords } from './recent-records.js';

/** A live arrival is at most this far ahead of the last tick. */
const AHEAD_MS = 10_000;
/** Ticks missing for longer leave a gap record. */
const GAP_MS = 60_000;

export interface IngestOptions {
  readonly logs: Logs;
  readonly vault: Vault;
  readonly siteKey: Uint8Array;
  readonly probe: Probe;
  /** Where evaluate finds the records that were appended last. */
  readonly recent?: RecentRecords;
  /** The instant up to which every warning is in the inbox, epoch ms: actions are dated by it. */
  readonly inboxClock?: () => number;
}

/** What became of the events of one body. */
export interface Accepted {
  readonly accepted: number;
  readonly rejected: number;
  /** At most 100 of the refusals, with the place in the body. */
  readonly errors: readonly EventError[];
  /** Why the body as a whole is refused: nothing of it is JSON, or all of it is one piece over a limit. */
  readonly body?: { readonly code: Code; readonly message: string };
}

export interface EventError {
  readonly index: number;
  readonly place: string;
  readonly code: Code;
  readonly message: string;
  readonly field?: string;
}

/** A refused event in its log; the original bytes lie in the vault, since they may hold personal values. */
export interface DeadLetter {
  readonly at: number;
  readonly code: Code;
  readonly message: string;
  readonly field: string | null;
  /** What the event names as its source; empty where it could not be read. */
  readonly source: string;
  /** Name of the original in the vault, in pieces `name/0`, `name/1`, ..., and its length in UTF-16 units. */
  readonly original: string;
  readonly length: number;
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

const ERRORS_LISTED = 100;

interface Batch {
  /** Without their arrival. */
  readonly events: EventDraft[];
  /** Whether each of them is what comes out of the log again. */
  readonly exact: boolean[];
  readonly vault: VaultEntry[];
  readonly dead: DeadLetter[];
  readonly errors: EventError[];
  readonly actions: ActionRead[];
}

export class Ingest {
  /** Arrival of the newest record in the log; -Infinity when it is empty. */
  private newest = -Infinity;
  private lastTick = -Infinity;
  private turn: Promise<unknown> = Promise.resolve();
  /** Events that said when they were recorded although their source may not. */
  ignoredRecordedTimes = 0;
  /** Arrivals held back to ten seconds after the last tick. */
  heldBack = 0;
  private heldBackAt = NaN;
  private readonly refusedCounts = new Map<Code, number>();
  /** Events of bodies that are being taken: read, and not yet durable. */
  underWay = 0;
  private readonly reader: EventReader;

  constructor(private readonly options: IngestOptions) {
    this.reader = new EventReader({ idKey: options.siteKey });
  }

  /** Reads where the log ends. */
  async open(): Promise<void> {
    const { events } = this.options.logs;
    const end = await events.end(0);
    const [last] = end === 0 ? [] : await events.read(0, end - 1, 1);
    if (last === undefined) return;
    this.newest = this.lastTick = decodeRecord(last.value).at;
  }

  /** Dead letters since the start, by code. */
  get refused(): ReadonlyMap<Code, number> {
    return this.refusedCounts;
  }

  /** Arrival of the newest record, epoch ms; -Infinity when the log is empty. */
  get clock(): number {
    return this.newest;
  }

  /**
   * Takes a body that arrived at `now`. What is refused is a dead letter; the rest is durable once it resolves.
   * @param sender for whom the actions in it may be
   */
  async accept(text: BodyText, now: number, sender: ActionSender = NOBODY): Promise<Accepted> {
    const body = readBody(text);
    const { length } = body.values;
    this.underWay += length;
    try {
      return await this.take(body, now, sender);
    } finally {
      this.underWay -= length;
    }
  }

  private async take(read: BodyValues, now: number, sender: ActionSender): Promise<Accepted> {
    const batch = emptyBatch();
    for (let index = 0; index < read.values.length; index++) this.takePart(batch, read, index, now, sender);
    await this.keep(batch);
    await this.exclusively(() => this.append(batch, now));
    const acted = await appendActions(this.options, batch.actions, now);
    const { errors } = batch;
    const body = bodyFault(read);
    return {
      accepted: batch.events.length + acted,
      rejected: batch.dead.length,
      errors: errors.slice(0, ERRORS_LISTED),
      ...(body === undefined ? {} : { body }),
    };
  }

  private takePart(
    batch: Batch,
    { values, wellFormed, part }: BodyValues,
    index: number,
    now: number,
    sender: ActionSender,
  ): void {
    const value = values[index];
    if (value === BROKEN) {
      const broken = part(index) as BodyPart & { readonly ok: false };
      const { code, message } = broken;
      this.refuse(batch, broken, { ok: false, code, message }, '', now);
      return;
    }
    if (isActionEvent(value)) {
      const action = readAction(value, sender);
      batch.actions.push(action);
      if (!action.ok) this.refuse(batch, part(index), action, sourceOf(value), now);
      return;
    }
    const read = this.reader.read(value, wellFormed);
    const fault = read.ok ? faultOnArrival(read.event, now) : read;
    if (!read.ok || fault !== undefined) {
      this.refuse(batch, part(index), fault as Refusal, sourceOf(value), now);
      return;
    }
    if (!Number.isNaN(read.recordedAt)) this.ignoredRecordedTimes++;
    const { event } = read;
    const { data, vault } = pseudonymiseData(event.stream, event.data, this.options.siteKey);
    event.data = data;
    batch.events.push(event);
    batch.exact.push(read.exact);
    for (const entry of vault) batch.vault.push(entry);
  }

  /** Says that every source has been read up to `now`; after a silence of over a minute, a gap comes first. */
  async tick(now: number): Promise<void> {
    await this.exclusively(async () => {
      if (now <= this.newest) return;
      const records: LogRecord[] = [];
      if (now - this.newest > GAP_MS && this.newest !== -Infinity) {
        records.push({ kind: 'gap', from: this.newest, at: now });
      }
      records.push({ kind: 'tick', at: now });
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
      const batch: Batch & { readonly recorded: Event[] } = { ...emptyBatch(), recorded: [] };
      for (const item of items) {
        if (!item.ok) {
          if (++dead <= done.dead) continue;
          const part = { index: dead, place: `event ${dead}`, raw: item.raw };
          this.refuse(batch, part, item.refusal, item.source, item.at);
          continue;
        }
        if (++seen <= done.events) continue;
        const { event, vault } = pseudonymise(item.event, this.options.siteKey);
        batch.recorded.push(event);
        batch.vault.push(...vault);
      }
      if (batch.recorded.length + batch.dead.length === 0) continue;
      await pause();
      await this.keep(batch);
      await this.exclusively(() => this.appendRecorded(batch.recorded, tickEveryMs));
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
      offset += page.length;
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

  private async append({ events, exact }: Batch, now: number): Promise<void> {
    let at = Math.max(now, this.newest);
    if (this.lastTick !== -Infinity && at > this.lastTick + AHEAD_MS) {
      at = this.lastTick + AHEAD_MS;
      await this.reportHeldBack(events.length, at);
    }
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

  /** The clock of a sender of ticks stands still, or this machine's clock jumped: an operator must look. */
  private async reportHeldBack(count: number, at: number): Promise<void> {
    this.heldBack += count;
    if (at === this.heldBackAt) return;
    this.heldBackAt = at;
    const message =
      'events arrive more than ten seconds after the last tick; check the clocks and the ingest role';
    const alert = {
      kind: 'operator',
      code: 'INGEST_AHEAD',
      clock: at,
      model: null,
      key: null,
      message,
      count,
    };
    await this.options.logs.operator.append(0, [
      encodeJson({ origin: { source: 'ingest', offset: at, ordinal: 0 }, alert }),
    ]);
  }

  private refuse(
    batch: Batch,
    part: { readonly index: number; readonly place: string; readonly raw: string },
    refusal: Refusal,
    source: string,
    at: number,
  ): void {
    const { code, message, field } = refusal;
    const { index, place, raw } = part;
    const original = `dead:${bytesToHex(sha256(utf8ToBytes(raw))).slice(0, 32)}`;
    for (let start = 0; start === 0 || start < raw.length; start += ORIGINAL_PIECE) {
      const piece = raw.slice(start, start + ORIGINAL_PIECE);
      batch.vault.push({ pseudonym: `${original}/${start / ORIGINAL_PIECE}`, value: piece });
    }
    batch.dead.push({ at, code, message, field: field ?? null, source, original, length: raw.length });
    batch.errors.push({ index, place, code, message, ...(field === undefined ? {} : { field }) });
  }

  /** Clear values and dead letters are durable before the events that point to them. */
  private async keep(batch: Batch): Promise<void> {
    const { vault, logs } = this.options;
    for (let start = 0; start < batch.vault.length; start += VAULT_LIMITS.entries) {
      await vault.keep(batch.vault.slice(start, start + VAULT_LIMITS.entries));
    }
    if (batch.dead.length === 0) return;
    await logs['dead-letters'].append(0, batch.dead.map(encodeJson));
    for (const { code } of batch.dead) this.refusedCounts.set(code, (this.refusedCounts.get(code) ?? 0) + 1);
  }

  /** One append at a time, so that arrivals stand in the log in their order. */
  private exclusively<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function emptyBatch(): Batch {
  return { events: [], exact: [], vault: [], dead: [], errors: [], actions: [] };
}

/** UTF-16 units of one piece of an original: at most three bytes each, so below what the vault takes. */
const ORIGINAL_PIECE = 16_000;

/** What a value names as its source, as far as it can be read. */
export function sourceOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const source = (value as { source?: unknown }).source;
  return typeof source === 'string' ? source.slice(0, 256) : '';
}
