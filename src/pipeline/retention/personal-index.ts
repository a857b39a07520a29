// Where clear personal values are mentioned: who was named by which stream last, and in events of which subjects.
import { decodeRecord } from '../../events/codec.js';
import { CodedError, isGone } from '../../events/coded-error.js';
import type { Key, LogRecord } from '../../events/event.js';
import type { PersonalOrigin } from '../../catalogue/retention.js';
import type { History } from '../../ports/history.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson, FencedError } from '../checkpoint.js';
import { pieceNames, type DeadLetter } from '../intake.js';
import { behind } from '../log-pages.js';

/** When a value was mentioned last, epoch ms, by origin; of the original of a dead letter also its length. */
export interface Mention {
  readonly at: { readonly [origin in PersonalOrigin]?: number };
  readonly length?: number;
}

/** What the events log of servers asks for: it has partitions, and lets go of what the warehouse has. */
export interface WideEvents {
  readonly partitions: number;
  /** Offset of the first record that a partition still has. */
  readonly begin: (partition: number) => Promise<number>;
  /** Has what was let go of. */
  readonly history: Pick<History, 'read'>;
}

export interface PersonalIndexOptions {
  readonly logs: Pick<Logs, 'events' | 'dead-letters'>;
  readonly state: StateStore;
  readonly nonce: () => string;
  /** Absent where the log has one partition, and keeps everything. */
  readonly wide?: WideEvents;
}

/** Offsets below which the logs are read. */
interface Meta {
  readonly events: readonly number[];
  readonly dead: number;
}

/** Data folders of former builds name the place of the one partition alone. */
type StoredMeta = Meta | { readonly events: number; readonly dead: number };

const NAMESPACE = 'retention/personal';
const PSEUDONYM = /\bp:[0-9a-f]{32}\b/g;
const PAGE = 1_000;
/** How often in succession others may be faster. */
const ATTEMPTS = 100;

/**
 * The index over the logs of events and dead letters. Its records:
 *
 *   v <name in the vault>                 Mention, JSON
 *   k <pseudonym> <key of the subject>    empty
 *
 * Several processes may bring it on at a time: each step builds on the one before, whoever made it.
 */
export class PersonalIndex {
  private readonly cursor: CheckpointCursor<StoredMeta>;
  private readonly partitions: number;
  private meta: Meta;

  constructor(private readonly options: PersonalIndexOptions) {
    const { state, nonce, wide } = options;
    this.cursor = new CheckpointCursor<StoredMeta>(state, NAMESPACE, nonce);
    this.partitions = wide?.partitions ?? 1;
    this.meta = this.metaOf(undefined);
  }

  /** Offset below which everything of a partition of the events log was in the index when it was looked at last. */
  position(partition = 0): number {
    return this.meta.events[partition] ?? 0;
  }

  /** Whether that is all that the events log holds now. */
  async isAtEnd(): Promise<boolean> {
    const ends = await this.ends();
    return ends.every((end, partition) => this.position(partition) >= end);
  }

  /**
   * Reads what was in the logs when it was called, and is not in the index yet.
   * @throws CodedError RECORD_GONE where neither the log nor the warehouse has a record that was never read;
   *   STORE_UNREACHABLE where a log does not give out what it says it has
   */
  async catchUp(): Promise<void> {
    const [ends, deadEnd] = await Promise.all([this.ends(), this.options.logs['dead-letters'].end(0)]);
    await this.building(async () => {
      for (const [partition, end] of ends.entries())
        while (this.position(partition) < end) await this.eventsPage(partition);
      while (this.meta.dead < deadEnd) await this.lettersPage();
    });
  }

  /** Names after one, in order, with where they were mentioned. */
  async mentions(after: string, limit: number): Promise<(readonly [name: string, mention: Mention])[]> {
    const { state } = this.options;
    const keys = await state.keys(NAMESPACE, 'v ', after === '' ? '' : `v ${after}`, limit);
    const found = await state.load(NAMESPACE, keys);
    return keys.flatMap((key, index) => {
      const value = found[index];
      return value === undefined ? [] : [[key.slice(2), decodeJson<Mention>(value)] as const];
    });
  }

  /** Where a name was mentioned; undefined where it was not, or was forgotten. */
  async mention(name: string): Promise<Mention | undefined> {
    const [found] = await this.options.state.load(NAMESPACE, [`v ${name}`]);
    return found === undefined ? undefined : decodeJson<Mention>(found);
  }

  /** Which of some subjects a pseudonym was mentioned of. */
  async subjectsOf(pseudonym: string, subjects: readonly Key[]): Promise<Key[]> {
    const found = await this.options.state.load(
      NAMESPACE,
      subjects.map((subject) => `k ${pseudonym} ${subject}`),
    );
    return subjects.filter((_subject, index) => found[index] !== undefined);
  }

  /**
   * Lets go of what is known of a name; a later mention begins it anew.
   * @param isOver asked of what is known at that moment: another process may have read a later mention
   */
  async forget(name: string, isOver: (mention: Mention) => boolean): Promise<void> {
    const { state } = this.options;
    await this.building(async () => {
      for (;;) {
        const mention = await this.mention(name);
        if (mention === undefined || !isOver(mention)) return;
        const keys = await state.keys(NAMESPACE, `k ${name} `, '', PAGE);
        const records = new Map<string, null>(keys.map((key) => [key, null]));
        if (keys.length < PAGE) records.set(`v ${name}`, null);
        await this.cursor.commit(this.meta, { records });
      }
    });
  }

  /** Does what builds on the newest checkpoint; where another was faster, it is done again on what that one left. */
  private async building(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.meta = this.metaOf(await this.cursor.load());
        return await work();
      } catch (error) {
        if (!(error instanceof FencedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private metaOf(stored: StoredMeta | undefined): Meta {
    const events = stored === undefined ? [] : [stored.events].flat();
    const places = Array.from({ length: this.partitions }, (_, partition) => events[partition] ?? 0);
    return { events: places, dead: stored?.dead ?? 0 };
  }

  private ends(): Promise<number[]> {
    const { events } = this.options.logs;
    return Promise.all(Array.from({ length: this.partitions }, (_, partition) => events.end(partition)));
  }

  private async eventsPage(partition: number): Promise<void> {
    const from = this.position(partition);
    const page = await this.options.logs.events.read(partition, from, PAGE).catch((error: unknown) => {
      if (this.options.wide === undefined || !isGone(error)) throw error;
      return null;
    });
    if (page === null) return this.goneEvents(partition, from);
    if (page.length === 0) throw notGiven(`${from} of events/${partition}`);
    const records = page.map(({ value }) => decodeRecord(value));
    await this.keep(partition, behind(page, from), records);
  }

  /**
   * Reads what the log has let go of unread from the warehouse: a mention left out would make a value look older than it
   * is, and a hold would not know of it.
   */
  private async goneEvents(partition: number, from: number): Promise<void> {
    const { history, begin } = this.options.wide as WideEvents;
    const end = await begin(partition);
    const asked = { begin: from, end, sinceMs: -Infinity, always: [] };
    for await (const page of history.read(partition, asked)) {
      const last = page.at(-1);
      if (last === undefined) continue;
      await this.keep(
        partition,
        last.offset + 1,
        page.map(({ record }) => record),
      );
    }
    await this.keep(partition, end, []);
  }

  private async keep(partition: number, position: number, records: readonly LogRecord[]): Promise<void> {
    const mentioned = new Map<string, Mention>();
    const of = new Map<string, Uint8Array>();
    for (const record of records) {
      if (record.kind !== 'event') continue;
      for (const [pseudonym] of JSON.stringify(record.data).matchAll(PSEUDONYM)) {
        mentioned.set(pseudonym, later(mentioned.get(pseudonym), { at: { [record.stream]: record.at } }));
        of.set(`k ${pseudonym} ${record.key}`, new Uint8Array());
      }
    }
    const events = this.meta.events.with(partition, position);
    await this.commit({ ...this.meta, events }, mentioned, of);
  }

  private async lettersPage(): Promise<void> {
    const letters = await this.options.logs['dead-letters'].read(0, this.meta.dead, PAGE);
    if (letters.length === 0) throw notGiven(`${this.meta.dead} of the dead letters`);
    const mentioned = new Map<string, Mention>();
    for (const { value } of letters) {
      const { original, at, length } = decodeJson<DeadLetter>(value);
      if (pieceNames({ original, length }).length > 0)
        mentioned.set(original, later(mentioned.get(original), { at: { 'dead-letters': at }, length }));
    }
    await this.commit({ ...this.meta, dead: behind(letters, this.meta.dead) }, mentioned, new Map());
  }

  private async commit(
    meta: Meta,
    mentioned: ReadonlyMap<string, Mention>,
    of: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    const records = new Map(of);
    const names = [...mentioned.keys()];
    const known = await this.options.state.load(
      NAMESPACE,
      names.map((name) => `v ${name}`),
    );
    names.forEach((name, index) => {
      const before = known[index];
      const mention = mentioned.get(name) ?? { at: {} };
      const merged = later(before === undefined ? undefined : decodeJson<Mention>(before), mention);
      records.set(`v ${name}`, encodeJson(merged));
    });
    await this.cursor.commit(meta, { records });
    this.meta = meta;
  }
}

/** A broker that has just taken over may know of less than its predecessor said. */
function notGiven(place: string): CodedError {
  return new CodedError('STORE_UNREACHABLE', `Record ${place} is not given out yet.`);
}

function later(before: Mention | undefined, mention: Mention): Mention {
  if (before === undefined) return mention;
  const at: { [origin in PersonalOrigin]?: number } = { ...before.at };
  for (const [origin, instant] of Object.entries(mention.at) as [PersonalOrigin, number][])
    at[origin] = Math.max(at[origin] ?? -Infinity, instant);
  return { ...before, ...mention, at };
}
