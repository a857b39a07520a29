// Intake: reads what arrives, validates it, replaces personal values; what is refused is a dead letter. It has no memory.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { BROKEN, readBody, type BodyPart, type BodyText, type BodyValues } from '../events/body.js';
import { isActionEvent } from '../events/action-event.js';
import { CodedError } from '../events/coded-error.js';
import type { Code } from '../events/codes.js';
import type { EventDraft, StreamName } from '../events/event.js';
import { EventReader, faultOnArrival } from '../events/reader.js';
import type { Refusal } from '../events/refusal.js';
import { VAULT_LIMITS } from '../events/store-limits.js';
import { pseudonymiseData, type VaultEntry } from '../events/pseudonym.js';
import type { Logs } from '../ports/log.js';
import type { Vault } from '../ports/vault.js';
import { appendActions, NOBODY, readAction, type ActionRead, type ActionSender } from './action-events.js';
import { bodyFault } from './body-fault.js';
import { encodeJson } from './checkpoint.js';

/** Where events go that count: it stamps their arrival. */
export interface EventSink {
  /**
   * Appends events in their order; durable once it resolves.
   * @param events without their arrival, which they get
   * @param exact whether each of them is what comes out of the log again
   * @param now when they arrived, epoch ms
   */
  append(events: readonly EventDraft[], exact: readonly boolean[], now: number): Promise<void>;
}

export interface IntakeOptions {
  readonly logs: Logs;
  readonly vault: Vault;
  /** Where values may be set aside while others write: `SharedVault.erasures`. */
  readonly erasures?: () => Promise<number>;
  readonly siteKey: Uint8Array;
  readonly sink: EventSink;
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

const ERRORS_LISTED = 100;

export interface IntakeBatch {
  /** Without their arrival. */
  readonly events: EventDraft[];
  /** Whether each of them is what comes out of the log again. */
  readonly exact: boolean[];
  readonly vault: VaultEntry[];
  readonly dead: DeadLetter[];
  readonly errors: EventError[];
  readonly actions: ActionRead[];
}

export class Intake {
  /** Events that said when they were recorded although their source may not. */
  ignoredRecordedTimes = 0;
  /** Events of bodies that are being taken: read, and not yet durable. */
  underWay = 0;
  private readonly refusedCounts = new Map<Code, number>();
  private readonly acceptedCounts = new Map<StreamName, number>();
  private readonly reader: EventReader;

  constructor(private readonly options: IntakeOptions) {
    this.reader = new EventReader({ idKey: options.siteKey });
  }

  /** Events taken since the start, by stream. */
  get accepted(): ReadonlyMap<StreamName, number> {
    return this.acceptedCounts;
  }

  /** Dead letters since the start, by code. */
  get refused(): ReadonlyMap<Code, number> {
    return this.refusedCounts;
  }

  /**
   * Takes a body that arrived at `now`. What is refused is a dead letter; the rest is durable once it resolves.
   * @param sender for whom the actions in it may be
   */
  async accept(text: BodyText, now: number, sender: ActionSender = NOBODY): Promise<Accepted> {
    return this.acceptValues(readBody(text), now, sender);
  }

  /** The same for a body that is read already. */
  async acceptValues(body: BodyValues, now: number, sender: ActionSender = NOBODY): Promise<Accepted> {
    const { length } = body.values;
    this.underWay += length;
    try {
      return await this.take(body, now, sender);
    } finally {
      this.underWay -= length;
    }
  }

  /** What a body would become, of which nothing is taken or kept. */
  read(body: BodyValues, now: number, sender: ActionSender = NOBODY): IntakeBatch {
    const batch = emptyBatch();
    for (let index = 0; index < body.values.length; index++) this.takePart(batch, body, index, now, sender);
    return batch;
  }

  /**
   * Takes what was refused before. What is refused again is no dead letter anew, and actions always are: nobody sends them.
   * @returns what it became; its events are durable
   */
  async acceptAgain(body: BodyValues, now: number): Promise<IntakeBatch> {
    const batch = this.read(body, now);
    const vault = batch.vault.filter(({ pseudonym }) => !pseudonym.startsWith(ORIGINALS));
    await this.keepAround({ ...batch, vault, dead: [] }, now);
    this.count(batch.events);
    return batch;
  }

  private async take(read: BodyValues, now: number, sender: ActionSender): Promise<Accepted> {
    const batch = this.read(read, now, sender);
    await this.keepAround(batch, now);
    this.count(batch.events);
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
    batch: IntakeBatch,
    body: BodyValues,
    index: number,
    now: number,
    sender: ActionSender,
  ): void {
    const value = body.values[index];
    if (value === BROKEN) {
      const { code, message } = body.part(index) as BodyPart & { readonly ok: false };
      this.refusePart(batch, body, index, { ok: false, code, message }, now);
      return;
    }
    if (isActionEvent(value)) {
      const action = readAction(value, sender);
      batch.actions.push(action);
      if (!action.ok) this.refusePart(batch, body, index, action, now);
      return;
    }
    const read = this.reader.read(value, body.wellFormed);
    const fault = read.ok ? faultOnArrival(read.event, now) : read;
    if (!read.ok || fault !== undefined) {
      this.refusePart(batch, body, index, fault as Refusal, now);
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

  private refusePart(
    batch: IntakeBatch,
    { values, part, lasting }: BodyValues,
    index: number,
    refusal: Refusal,
    now: number,
  ): void {
    const found = part(index);
    const message = lasting === true ? `${found.place}: ${refusal.message}` : refusal.message;
    this.refuse(batch, found, { ...refusal, message }, sourceOf(values[index]), now);
  }

  /** Takes note of what is refused. @param at when it arrived, epoch ms */
  refuse(
    batch: IntakeBatch,
    part: { readonly index: number; readonly place: string; readonly raw: string },
    refusal: Refusal,
    source: string,
    at: number,
  ): void {
    const { code, message, field } = refusal;
    const { index, place, raw } = part;
    const original = `${ORIGINALS}${bytesToHex(sha256(utf8ToBytes(raw))).slice(0, 32)}`;
    for (let start = 0; start === 0 || start < raw.length; start += ORIGINAL_PIECE) {
      const piece = raw.slice(start, start + ORIGINAL_PIECE);
      batch.vault.push({ pseudonym: `${original}/${start / ORIGINAL_PIECE}`, value: piece });
    }
    batch.dead.push({ at, code, message, field: field ?? null, source, original, length: raw.length });
    batch.errors.push({ index, place, code, message, ...(field === undefined ? {} : { field }) });
  }

  /** Counts events that were taken. */
  count(events: readonly { readonly stream: StreamName }[]): void {
    const { acceptedCounts: counts } = this;
    for (const { stream } of events) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  }

  /** Clear values and dead letters are durable before the events that point to them. */
  async keep(batch: IntakeBatch): Promise<void> {
    const { logs } = this.options;
    await this.keepValues(batch.vault);
    if (batch.dead.length === 0) return;
    await logs['dead-letters'].append(0, batch.dead.map(encodeJson));
    for (const { code } of batch.dead) this.refusedCounts.set(code, (this.refusedCounts.get(code) ?? 0) + 1);
  }

  /**
   * Keeps what belongs to events and appends them. A value that was taken out of the vault in between, by who could not
   * see yet that it is mentioned again, is kept anew before anybody is told that the events are taken (`SettingAside`).
   */
  private async keepAround(batch: IntakeBatch, now: number): Promise<void> {
    const erasures = batch.vault.length === 0 ? undefined : this.options.erasures;
    const before = await erasures?.();
    await this.keep(batch);
    await this.options.sink.append(batch.events, batch.exact, now);
    if ((await erasures?.()) !== before) await this.keepValues(batch.vault);
  }

  private async keepValues(values: readonly VaultEntry[]): Promise<void> {
    for (let start = 0; start < values.length; start += VAULT_LIMITS.entries)
      await this.options.vault.keep(values.slice(start, start + VAULT_LIMITS.entries));
  }
}

export function emptyBatch(): IntakeBatch {
  return { events: [], exact: [], vault: [], dead: [], errors: [], actions: [] };
}

/** What the names of originals in the vault begin with. */
const ORIGINALS = 'dead:';
/** UTF-16 units of one piece of an original: at most three bytes each, so below what the vault takes. */
const ORIGINAL_PIECE = 16_000;

/** An original as a dead letter names it. */
export type Original = Pick<DeadLetter, 'original' | 'length'>;

/** Names in the vault of the pieces of an original, in their order; none for a letter that has none. */
export function pieceNames({ original, length }: Original): string[] {
  if (!original.startsWith(ORIGINALS)) return [];
  const count = Math.max(1, Math.ceil(length / ORIGINAL_PIECE));
  return Array.from({ length: count }, (_, index) => `${original}/${index}`);
}

/**
 * The pieces of an original, in their order; none for a letter that has none, such as a delivery that was given up.
 * @throws CodedError DEAD_LETTER_GONE where a piece is in the vault no more
 */
export async function* originalPieces(vault: Vault, letter: Original): AsyncGenerator<string> {
  for (const name of pieceNames(letter)) {
    const piece = await vault.reveal(name);
    if (piece === undefined) throw new CodedError('DEAD_LETTER_GONE');
    yield piece;
  }
}

/** What a value names as its source, as far as it can be read. */
export function sourceOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const source = (value as { source?: unknown }).source;
  return typeof source === 'string' ? source.slice(0, 256) : '';
}
