// Ticks of a deployment: each process that takes events says up to when it has read them, one appends the least of all.
import { encodeRecord } from '../../events/codec.js';
import type { Log } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { LogRecord } from '../../events/event.js';
import { encodeJson, FencedError } from '../checkpoint.js';
import { storedRecords } from '../stored-names.js';
import { tickAfter } from '../ticks.js';
import type { Change } from './schedule.js';
import { announcedAfter, announcedIn, TICKS_NAMESPACE, TicksCursor, type TicksMeta } from './ticks-meta.js';

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

/** What a process said last. */
interface Reader {
  readonly reads: readonly string[];
  /** Null where it has read none of them to the end yet. */
  readonly upTo: number | null;
  /** When it said so by its clock, epoch ms. */
  readonly said: number;
}

const READERS = 'reader/';
/** A holder that says nothing for so long has lost the lease; a reader, its voice. */
const LEASE_MS = 10_000;
/**
 * How long after the last tick, and after now, a change of rules comes into force: no event is dated so far ahead, so
 * that every partition hears of the change before it comes to its instant.
 */
const CHANGE_AHEAD_MS = 12_000;
const ATTEMPTS = 10;
/** Sources are behind where they are read up to longer ago than this; they catch up while they come further within that. */
const BEHIND_MS = 10_000;
const FURTHER_WITHIN_MS = 60_000;
const PAGE = 100;

export class Ticker {
  private readonly cursor: TicksCursor;
  /** The newest tick that is known here, epoch ms. */
  last = -Infinity;
  /** Up to when all sources are read, by whomever, and when that came further; NaN before it is known. */
  private sourcesUpTo = NaN;
  private furtherAt = -Infinity;

  constructor(private readonly options: TickerOptions) {
    this.cursor = new TicksCursor(options.state, options.nonce);
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
      if (!(await this.cursor.commit({ ...meta, ...lease }, { records }))) {
        if (attempt < ATTEMPTS) continue;
        throw new FencedError(TICKS_NAMESPACE);
      }
      const held = holds ? await this.announce({ ...meta, ...lease }, now) : meta;
      const all = [...readers.values()];
      const least = Math.min(...all.map(({ upTo }) => upTo ?? -Infinity));
      const isRead = needs.every((need) => all.some((reader) => reader.reads.includes(need)));
      if (holds && isRead && Number.isFinite(least)) await this.tick(held, least);
      return;
    }
  }

  /** Takes note of the newest tick, and says nothing. */
  async follow(): Promise<void> {
    await this.load();
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
      const records = new Map([[READERS + id, null]]);
      if (await this.cursor.commit({ ...meta, ...left }, { records })) return;
    }
  }

  /**
   * Announces a change of rules in every partition, before any tick that comes after it is appended; what a crash
   * leaves out comes with the next round, and what comes twice is heard once.
   */
  private async announce(meta: TicksMeta, now: number): Promise<TicksMeta> {
    const { change: asked } = meta;
    if (asked === undefined || asked === null) return meta;
    const { change } = asked;
    const latest = Math.max(meta.tick ?? -Infinity, this.last, now, announcedIn(meta).at);
    const at = asked.at ?? latest + CHANGE_AHEAD_MS;
    const chosen: TicksMeta = { ...meta, change: { change, at } };
    // Where another came in between, this one may not be whom time waits for any more.
    if (asked.at === null && !(await this.cursor.commit(chosen))) return meta;
    await this.appendAll([recordOf(change, at)]);
    let announced = chosen;
    await this.cursor.update((current) => {
      if (current.change?.at !== at) return null;
      announced = { ...current, change: null, announced: announcedAfter(current, change, at) };
      return announced;
    });
    return announced;
  }

  /** The tick goes to every partition before it is known as the last: what a crash leaves out comes with the next. */
  private async tick(meta: TicksMeta, at: number): Promise<void> {
    if (at <= this.last) return;
    await this.appendAll(tickAfter(this.last, at));
    this.last = at;
    // Where another came in between, it has said a tick as well, or will.
    await this.cursor.commit({ ...meta, tick: at });
  }

  private async appendAll(records: readonly LogRecord[]): Promise<void> {
    const { events, partitions } = this.options;
    const values = records.map(encodeRecord);
    await Promise.all(Array.from({ length: partitions }, (_, partition) => events.append(partition, values)));
  }

  private async load(): Promise<TicksMeta> {
    const meta = await this.cursor.load();
    this.last = Math.max(this.last, meta.tick ?? -Infinity);
    return meta;
  }

  private async readers(): Promise<Map<string, Reader>> {
    const readers = new Map<string, Reader>();
    const stored = storedRecords<Reader>(this.options.state, TICKS_NAMESPACE, READERS, PAGE);
    for await (const [name, reader] of stored) readers.set(name, reader);
    return readers;
  }
}

function recordOf(change: Change, at: number): LogRecord {
  return change.kind === 'revision'
    ? { kind: 'revision', at, revision: change.revision }
    : { kind: 'primed', at, epoch: change.epoch };
}
