// Ticks of a deployment: each process that takes events says up to when it has read them, one appends the least of all.
import { encodeRecord } from '../../events/codec.js';
import type { Log } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, encodeJson, FencedError, type Changes } from '../checkpoint.js';
import { storedRecords } from '../stored-names.js';
import { tickAfter } from '../ticks.js';

export interface TickerOptions {
  readonly state: StateStore;
  readonly events: Log;
  /** Of the events log. */
  readonly partitions: number;
  /** Of this process among those that take events; no other has it. */
  readonly id: string;
  readonly nonce: () => string;
  /** Names of the sources that this process reads, and of those that somebody must read for time to pass. */
  readonly reads?: readonly string[];
  readonly needs?: readonly string[];
  /** The instant up to which this process has read its sources, epoch ms. */
  readonly readUpTo: (now: number) => number;
}

interface Meta {
  /** The newest tick that every partition has; null before the first. */
  readonly tick: number | null;
  /** Who appends ticks, and until when nobody else does. */
  readonly holder: string;
  readonly until: number;
}

/** What a process said last. */
interface Reader {
  readonly reads: readonly string[];
  /** Null where it has read none of them to the end yet. */
  readonly upTo: number | null;
  /** When it said so by its clock, epoch ms. */
  readonly said: number;
}

const NAMESPACE = 'ticks';
const READERS = 'reader/';
/** A holder that says nothing for so long has lost the lease; a reader, its voice. */
const LEASE_MS = 10_000;
const ATTEMPTS = 10;
/** Sources are behind where they are read up to longer ago than this; they catch up while they come further within that. */
const BEHIND_MS = 10_000;
const FURTHER_WITHIN_MS = 60_000;
const PAGE = 100;

export class Ticker {
  private readonly cursor: CheckpointCursor<Meta>;
  /** The newest tick that is known here, epoch ms. */
  last = -Infinity;
  /** Up to when all sources are read, by whomever, and when that came further; NaN before it is known. */
  private sourcesUpTo = NaN;
  private furtherAt = -Infinity;

  constructor(private readonly options: TickerOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, NAMESPACE, options.nonce);
  }

  /** Says how far this process has read, and appends a tick where that is up to it. @param now epoch ms */
  async run(now: number): Promise<void> {
    const { id, readUpTo, reads = [], needs = [] } = this.options;
    for (let attempt = 1; ; attempt++) {
      const meta = await this.load();
      const readers = await this.readers();
      const upTo = readUpTo(now);
      readers.set(id, { reads, upTo: Number.isFinite(upTo) ? upTo : null, said: now });
      const gone = [...readers].filter(([, { said }]) => said < now - LEASE_MS).map(([name]) => name);
      for (const name of gone) readers.delete(name);
      this.look([...readers.values()], now);
      const holds = meta.holder === id || meta.until < now;
      const lease = holds ? { holder: id, until: now + LEASE_MS } : {};
      const records = new Map<string, Uint8Array | null>(gone.map((name) => [READERS + name, null]));
      records.set(READERS + id, encodeJson(readers.get(id)));
      if (!(await this.commit({ ...meta, ...lease }, { records }))) {
        if (attempt < ATTEMPTS) continue;
        throw new FencedError(NAMESPACE);
      }
      const all = [...readers.values()];
      const least = Math.min(...all.map(({ upTo }) => upTo ?? -Infinity));
      const isRead = needs.every((need) => all.some((reader) => reader.reads.includes(need)));
      if (holds && isRead && Number.isFinite(least)) await this.tick({ ...meta, ...lease }, least);
      return;
    }
  }

  /** Whether time waits for sources of which much is still to be read, and that come further. @param now epoch ms */
  isCatchingUp(now: number): boolean {
    return this.sourcesUpTo < now - BEHIND_MS && now - this.furtherAt < FURTHER_WITHIN_MS;
  }

  private look(readers: readonly Reader[], now: number): void {
    const reading = readers.filter(({ reads }) => reads.length > 0);
    const least = Math.min(...reading.map(({ upTo }) => upTo ?? -Infinity));
    if (least !== this.sourcesUpTo) this.furtherAt = now;
    this.sourcesUpTo = least;
  }

  /** Takes events no more: nobody waits for this process from now on. */
  async leave(): Promise<void> {
    const { id } = this.options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const meta = await this.load();
      const left = meta.holder === id ? { holder: '', until: 0 } : {};
      if (await this.commit({ ...meta, ...left }, { records: new Map([[READERS + id, null]]) })) return;
    }
  }

  /** The tick goes to every partition before it is known as the last: what a crash leaves out comes with the next. */
  private async tick(meta: Meta, at: number): Promise<void> {
    const { events, partitions } = this.options;
    if (at <= this.last) return;
    const records = tickAfter(this.last, at).map(encodeRecord);
    await Promise.all(
      Array.from({ length: partitions }, (_, partition) => events.append(partition, records)),
    );
    this.last = at;
    // Where another came in between, it has said a tick as well, or will.
    await this.commit({ ...meta, tick: at }, { records: new Map() });
  }

  private async load(): Promise<Meta> {
    const meta = (await this.cursor.load()) ?? { tick: null, holder: '', until: 0 };
    this.last = Math.max(this.last, meta.tick ?? -Infinity);
    return meta;
  }

  private async readers(): Promise<Map<string, Reader>> {
    const readers = new Map<string, Reader>();
    const stored = storedRecords<Reader>(this.options.state, NAMESPACE, READERS, PAGE);
    for await (const [name, reader] of stored) readers.set(name, reader);
    return readers;
  }

  /** @returns false where another came in between */
  private async commit(meta: Meta, changes: Changes): Promise<boolean> {
    try {
      await this.cursor.commit(meta, changes);
      return true;
    } catch (error) {
      if (error instanceof FencedError) return false;
      throw error;
    }
  }
}
