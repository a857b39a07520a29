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

/** What the checkpoint of the ticks says. */
export interface TicksMeta {
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

export const TICKS_NAMESPACE = 'ticks';
/** Before the first. */
export const NO_TICKS: TicksMeta = { tick: null, holder: '', until: 0 };
const READERS = 'reader/';
/** A holder that says nothing for so long has lost the lease; a reader, its voice. */
const LEASE_MS = 10_000;
const ATTEMPTS = 10;
const PAGE = 100;

export class Ticker {
  private readonly cursor: CheckpointCursor<TicksMeta>;
  /** The newest tick that is known here, epoch ms. */
  last = -Infinity;

  constructor(private readonly options: TickerOptions) {
    this.cursor = new CheckpointCursor<TicksMeta>(options.state, TICKS_NAMESPACE, options.nonce);
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
      const holds = meta.holder === id || meta.until < now;
      const lease = holds ? { holder: id, until: now + LEASE_MS } : {};
      const records = new Map<string, Uint8Array | null>(gone.map((name) => [READERS + name, null]));
      records.set(READERS + id, encodeJson(readers.get(id)));
      if (!(await this.commit({ ...meta, ...lease }, { records }))) {
        if (attempt < ATTEMPTS) continue;
        throw new FencedError(TICKS_NAMESPACE);
      }
      const all = [...readers.values()];
      const least = Math.min(...all.map(({ upTo }) => upTo ?? -Infinity));
      const isRead = needs.every((need) => all.some((reader) => reader.reads.includes(need)));
      if (holds && isRead && Number.isFinite(least)) await this.tick({ ...meta, ...lease }, least);
      return;
    }
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
  private async tick(meta: TicksMeta, at: number): Promise<void> {
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

  private async load(): Promise<TicksMeta> {
    const meta = (await this.cursor.load()) ?? NO_TICKS;
    this.last = Math.max(this.last, meta.tick ?? -Infinity);
    return meta;
  }

  private async readers(): Promise<Map<string, Reader>> {
    const readers = new Map<string, Reader>();
    const stored = storedRecords<Reader>(this.options.state, TICKS_NAMESPACE, READERS, PAGE);
    for await (const [name, reader] of stored) readers.set(name, reader);
    return readers;
  }

  /** @returns false where another came in between */
  private async commit(meta: TicksMeta, changes: Changes): Promise<boolean> {
    try {
      await this.cursor.commit(meta, changes);
      return true;
    } catch (error) {
      if (error instanceof FencedError) return false;
      throw error;
    }
  }
}
