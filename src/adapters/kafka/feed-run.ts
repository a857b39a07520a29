// The work on the partitions of a feed from when they are given until they are given up.
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../events/coded-error.js';
import type { Decompress } from '../../ports/decompression.js';
import type { FeedBatch, FeedHearer } from '../../ports/feed.js';
import type { Place } from './assignment.js';
import { FeedPlace } from './feed-place.js';
import { logFailure } from './failure.js';
import type { Fetched } from './fetch-request.js';
import type { Fetcher } from './fetcher.js';
import type { Group } from './group.js';
import { chunksOf, type RawRecord } from './record-batch.js';

export interface FeedBounds {
  /** Partitions of which records are taken side by side. */
  readonly atOnce: number;
  /** Of one answer for one partition; a single batch that is larger comes whole. */
  readonly partitionMaxBytes: number;
  /** Of all that is fetched and not yet taken, as it came. */
  readonly heldMaxBytes: number;
  /** Of the clear records of one batch; `atOnce` such are in memory at most. */
  readonly clearMaxBytes: number;
}

export interface FeedRunOptions {
  readonly group: Group;
  readonly fetcher: Fetcher;
  readonly hear: FeedHearer;
  readonly places: readonly Place[];
  readonly decompress: Decompress;
  readonly bounds: FeedBounds;
  readonly now: () => number;
}

/** How long the brokers wait for records, and for how long a round leaves alone those that had none. */
const POLL_MS = 500;
const PACE_MS = 100;
const ROOM_BYTES = 64 * 1024;
/** Failures are heard once they have lasted for about this long: leaders move, brokers start again. */
const PATIENCE_MS = 1_000;
const AGAIN_MOST_MS = 10_000;
const DAMAGED_ATTEMPTS = 3;

export class FeedRun {
  readonly #options: FeedRunOptions;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #places: FeedPlace[] = [];
  #isKnown = false;
  #taking = 0;
  #isPaused = false;
  #isAbandoned = false;
  /** Those that wait until something has changed. */
  #wakes: (() => void)[] = [];

  constructor(options: FeedRunOptions) {
    this.#options = options;
    this.#running = this.#run().catch((error: unknown) => options.hear.failed(error));
  }

  readUpTo(now: number): number {
    if (!this.#isKnown) return this.#options.places.length === 0 ? now : -Infinity;
    return this.#places.reduce((least, place) => Math.min(least, place.readUpTo(now)), now);
  }

  lag(): Map<string, number> {
    return new Map(this.#places.map((place) => [`${place.topic}/${place.partition}`, place.lag]));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#changed();
  }

  /** Resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#ending.abort();
    this.#changed();
    await this.#running;
    await this.#until(() => this.#places.every(({ held }) => held === 0));
  }

  /** What it still takes is not committed. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async #run(): Promise<void> {
    await this.#begin();
    while (!this.#isEnding) {
      await this.#until(() => this.#isEnding || (!this.#isPaused && this.#room() >= ROOM_BYTES));
      if (this.#isEnding) return;
      const due = this.#due();
      const isIdle = due.length === this.#places.length;
      const found = due.length === 0 ? 0 : await this.#round(due, isIdle ? POLL_MS : 0);
      if (found === 0 && !isIdle) await this.#pause(PACE_MS);
      if (this.#places.length === 0) await this.#until(() => this.#isEnding);
    }
  }

  /** Where each partition goes on, asked until it is known. */
  async #begin(): Promise<void> {
    const { group, fetcher, places, hear } = this.#options;
    for (let waitMs = PACE_MS; !this.#isEnding; waitMs = Math.min(2 * waitMs, AGAIN_MOST_MS)) {
      try {
        const committed = await group.committed(places);
        const offsetOf = async (place: Place): Promise<number> => {
          const known = committed.find(
            (one) => one.topic === place.topic && one.partition === place.partition,
          );
          return known?.offset ?? (await fetcher.first(place));
        };
        this.#places = await Promise.all(
          places.map(async (place) => new FeedPlace(place, await offsetOf(place))),
        );
        this.#isKnown = true;
        return;
      } catch (error) {
        fetcher.drop();
        if (waitMs >= PATIENCE_MS) hear.failed(logFailure(error, places[0]?.topic ?? 'none'));
        await this.#pause(waitMs);
      }
    }
  }

  #room(): number {
    const held = this.#places.reduce((sum, place) => sum + place.held, 0);
    return this.#options.bounds.heldMaxBytes - held;
  }

  /** Those that nothing is held of, the one asked longest ago first: brokers fill an answer in this order. */
  #due(): FeedPlace[] {
    const now = performance.now();
    return this.#places
      .filter(({ held, askAt }) => held === 0 && askAt <= now)
      .sort((one, other) => one.askAt - other.askAt);
  }

  /** Asks for what comes next, and has it taken. @returns of how many partitions there was something */
  async #round(due: readonly FeedPlace[], waitMs: number): Promise<number> {
    const { fetcher, bounds, now } = this.#options;
    const askedAt = now();
    const maxBytes = this.#room();
    const answers = await fetcher.fetch(due, {
      waitMs,
      maxBytes,
      partitionMaxBytes: bounds.partitionMaxBytes,
    });
    let found = 0;
    for (const place of due) {
      const { topic, partition } = place;
      const answer = answers.find((one) => one.topic === topic && one.partition === partition);
      if (answer === undefined) continue;
      if (answer.fault === null) {
        place.end = answer.end;
        place.askAt = performance.now();
        if (answer.bytes.length === 0) place.cleared(askedAt, answer.end);
        else {
          found += 1;
          void this.#work(place, answer, askedAt);
        }
      } else if (!this.#isEnding) await this.#fault(place, answer.fault);
    }
    if (answers.some(({ fault }) => fault !== null)) fetcher.drop();
    return found;
  }

  async #fault(place: FeedPlace, fault: string): Promise<void> {
    const { hear, fetcher } = this.#options;
    const { topic, partition, offset } = place;
    const waitMs = place.failed();
    const fail = (error: unknown) => hear.failed(logFailure(error, topic));
    if (fault !== 'OFFSET_OUT_OF_RANGE') {
      if (waitMs >= PATIENCE_MS) fail(Object.assign(new Error(fault), { code: fault }));
      return;
    }
    try {
      place.offset = await fetcher.first(place);
      fail(new CodedError('FEED_GAP', `${topic}/${partition}: from ${offset} to ${place.offset}.`));
    } catch (error) {
      fail(error);
    }
  }

  /** Takes all that came for one partition, as soon as it is its turn. */
  async #work(place: FeedPlace, answer: Fetched, askedAt: number): Promise<void> {
    const { decompress, bounds, group, hear } = this.#options;
    const from = place.offset;
    place.held = answer.bytes.length;
    try {
      await this.#until(() => this.#isEnding || (this.#taking < bounds.atOnce && !this.#isPaused));
      if (this.#isEnding) return;
      this.#taking += 1;
      try {
        const { aborted, end } = answer;
        const options = { decompress, clearMaxBytes: bounds.clearMaxBytes, aborted, end };
        for await (const { records, next } of chunksOf(answer.bytes, from, options)) {
          this.#checkWhole(place, records);
          if (records.length > 0 && !(await this.#taken(place, records))) return;
          place.offset = next;
          if (!this.#isAbandoned) group.report(place, next);
        }
      } finally {
        this.#taking -= 1;
      }
      if (place.offset === from && from < answer.end) {
        throw new CodedError('STORE_DAMAGED', `Record ${from} of ${place.topic}/${place.partition}.`);
      }
      place.cleared(askedAt, answer.end);
    } catch (error) {
      place.failed();
      hear.failed(error);
    } finally {
      place.held = 0;
      this.#changed();
    }
  }

  /** What came damaged may come whole when it is asked for again; what does not is handed over as it is. */
  #checkWhole(place: FeedPlace, records: readonly RawRecord[]): void {
    const damaged = records.find(({ unreadable }) => unreadable === 'FEED_DAMAGED');
    if (damaged === undefined || place.foundDamaged(damaged.offset) > DAMAGED_ATTEMPTS) return;
    throw new CodedError('FEED_DAMAGED', `${place.topic}/${place.partition}@${damaged.offset}.`);
  }

  /** Has records taken, again and again; false where all is over before they are. */
  async #taken(place: FeedPlace, records: readonly RawRecord[]): Promise<boolean> {
    const { topic, partition } = place;
    const batch: FeedBatch = {
      topic,
      partition,
      records: records.map((one) => ({ topic, partition, ...one })),
    };
    place.waiting = records[0]?.timestamp ?? null;
    for (let waitMs = PACE_MS; ; waitMs = Math.min(2 * waitMs, AGAIN_MOST_MS)) {
      await this.#until(() => this.#isEnding || !this.#isPaused);
      if (this.#isEnding) return false;
      try {
        await this.#options.hear.take(batch);
        return true;
      } catch (error) {
        this.#options.hear.failed(error);
      }
      await this.#pause(waitMs);
    }
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#wakes.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }
}
