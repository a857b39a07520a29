// Where clear personal values are mentioned: who was named by which stream last, and in events of which subjects.
import { decodeRecord } from '../../events/codec.js';
import type { Key } from '../../events/event.js';
import type { PersonalOrigin } from '../../catalogue/retention.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson, NO_CHANGES } from '../checkpoint.js';
import { pieceNames, type DeadLetter } from '../intake.js';
import { behind } from '../log-pages.js';

/** When a value was mentioned last, epoch ms, by origin; of the original of a dead letter also its length. */
export interface Mention {
  readonly at: { readonly [origin in PersonalOrigin]?: number };
  readonly length?: number;
}

interface Meta {
  /** Offsets below which the logs are read. */
  readonly events: number;
  readonly dead: number;
}

const NAMESPACE = 'retention/personal';
const PSEUDONYM = /\bp:[0-9a-f]{32}\b/g;
const PAGE = 1_000;

/**
 * The index over the logs of events and dead letters. Its records:
 *
 *   v <name in the vault>                 Mention, JSON
 *   k <pseudonym> <key of the subject>    empty
 *
 * One owner at a time calls it, one call after the other.
 */
export class PersonalIndex {
  private readonly cursor: CheckpointCursor<Meta>;
  private meta: Meta | undefined;

  constructor(
    private readonly logs: Pick<Logs, 'events' | 'dead-letters'>,
    private readonly state: StateStore,
    nonce: () => string,
  ) {
    this.cursor = new CheckpointCursor<Meta>(state, NAMESPACE, nonce);
  }

  /** Offset of the events log below which everything is in the index. */
  get position(): number {
    return this.meta?.events ?? 0;
  }

  /** Reads what has come into the logs since. */
  async catchUp(): Promise<void> {
    this.meta ??= (await this.cursor.load()) ?? { events: 0, dead: 0 };
    try {
      while (await this.page());
    } catch (error) {
      // What is known of the place may be wrong now.
      this.meta = undefined;
      throw error;
    }
  }

  /** Names after one, in order, with where they were mentioned. */
  async mentions(after: string, limit: number): Promise<(readonly [name: string, mention: Mention])[]> {
    const keys = await this.state.keys(NAMESPACE, 'v ', after === '' ? '' : `v ${after}`, limit);
    const found = await this.state.load(NAMESPACE, keys);
    return keys.flatMap((key, index) => {
      const value = found[index];
      return value === undefined ? [] : [[key.slice(2), decodeJson<Mention>(value)] as const];
    });
  }

  /** Where a name was mentioned; undefined where it was not, or was forgotten. */
  async mention(name: string): Promise<Mention | undefined> {
    const [found] = await this.state.load(NAMESPACE, [`v ${name}`]);
    return found === undefined ? undefined : decodeJson<Mention>(found);
  }

  /** Which of some subjects a pseudonym was mentioned of. */
  async subjectsOf(pseudonym: string, subjects: readonly Key[]): Promise<Key[]> {
    const found = await this.state.load(
      NAMESPACE,
      subjects.map((subject) => `k ${pseudonym} ${subject}`),
    );
    return subjects.filter((_subject, index) => found[index] !== undefined);
  }

  /** Lets go of what is known of a name; a later mention begins it anew. */
  async forget(name: string): Promise<void> {
    const { meta } = this;
    if (meta === undefined) return;
    for (;;) {
      const keys = await this.state.keys(NAMESPACE, `k ${name} `, '', PAGE);
      const records = new Map<string, null>(keys.map((key) => [key, null]));
      if (keys.length < PAGE) records.set(`v ${name}`, null);
      await this.cursor.commit(meta, { records });
      if (keys.length < PAGE) return;
    }
  }

  /** @returns whether there was anything to read */
  private async page(): Promise<boolean> {
    const { events: from, dead: deadFrom } = this.meta ?? { events: 0, dead: 0 };
    const records = await this.logs.events.read(0, from, PAGE);
    const letters = await this.logs['dead-letters'].read(0, deadFrom, PAGE);
    if (records.length + letters.length === 0) return false;
    const mentioned = new Map<string, Mention>();
    const changes = new Map<string, Uint8Array>();
    for (const { value } of records) {
      const record = decodeRecord(value);
      if (record.kind !== 'event') continue;
      for (const [pseudonym] of JSON.stringify(record.data).matchAll(PSEUDONYM)) {
        mentioned.set(pseudonym, later(mentioned.get(pseudonym), { at: { [record.stream]: record.at } }));
        changes.set(`k ${pseudonym} ${record.key}`, new Uint8Array());
      }
    }
    for (const { value } of letters) {
      const { original, at, length } = decodeJson<DeadLetter>(value);
      if (pieceNames({ original, length }).length > 0)
        mentioned.set(original, later(mentioned.get(original), { at: { 'dead-letters': at }, length }));
    }
    const names = [...mentioned.keys()];
    const known = await this.state.load(
      NAMESPACE,
      names.map((name) => `v ${name}`),
    );
    names.forEach((name, index) => {
      const before = known[index];
      const mention = mentioned.get(name) ?? { at: {} };
      const merged = later(before === undefined ? undefined : decodeJson<Mention>(before), mention);
      changes.set(`v ${name}`, encodeJson(merged));
    });
    const meta = { events: behind(records, from), dead: deadFrom + letters.length };
    await this.cursor.commit(meta, changes.size === 0 ? NO_CHANGES : { records: changes });
    this.meta = meta;
    return true;
  }
}

function later(before: Mention | undefined, mention: Mention): Mention {
  if (before === undefined) return mention;
  const at: { [origin in PersonalOrigin]?: number } = { ...before.at };
  for (const [origin, instant] of Object.entries(mention.at) as [PersonalOrigin, number][])
    at[origin] = Math.max(at[origin] ?? -Infinity, instant);
  return { ...before, ...mention, at };
}
