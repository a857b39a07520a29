// One member of a consumer group: it joins, stays, ends its work before others get its places, and comes back by itself.
import { setTimeout as delay } from 'node:timers/promises';
import type { CodedError } from '../../events/coded-error.js';
import type { Place } from './assignment.js';
import { kafkaFault } from './connection.js';
import { Coordinator, type CoordinatorOptions, type Joined, type PlaceOffset } from './coordinator.js';
import { groupFailure } from './failure.js';

export interface GroupOptions extends CoordinatorOptions {
  readonly heartbeatMs: number;
  /** How often what is reported is committed. */
  readonly commitMs: number;
}

/** As ports/membership.ts has it, by topics. */
export interface GroupHearer {
  assigned(places: readonly Place[]): void;
  revoked(): Promise<void>;
  failed(error: unknown): void;
}

const WAIT_FIRST_MS = 200;
const WAIT_MOST_MS = 5_000;
/** Between two requests of which the first failed while the brokers may still count on the member. */
/** Of the time that a member may be silent for: after so much of it, one that hears nothing gives up. */
const SILENT_SHARE = 0.8;
const AGAIN_MS = 200;
/** Errors by which the coordinator says that the places are given out anew. */
const REJOIN = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'MEMBER_ID_REQUIRED'];
/** What a coordinator says that is about to be one: reported only once it has lasted. */
const PASSING = [
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'KafkaJSGroupCoordinatorNotFound',
];
const PASSING_MS = 2_000;

export class Group {
  readonly #options: GroupOptions;
  readonly #hear: GroupHearer;
  readonly #coordinator: Coordinator;
  readonly #leaving = new AbortController();
  readonly #reported = new Map<string, PlaceOffset>();
  #joined: Joined | null = null;
  #memberId = '';
  #holds = false;
  #isJoining = false;
  /** When the last request was sent that the coordinator took as a sign of life. */
  #aliveMs = 0;
  #committedMs = 0;
  #running: Promise<void> | null = null;

  constructor(options: GroupOptions, hear: GroupHearer) {
    this.#options = options;
    this.#hear = hear;
    this.#coordinator = new Coordinator(options);
  }

  /** Resolves with the first places, or when it has left before. */
  async join(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#running = this.#run(resolve).finally(resolve);
    });
  }

  /** To be committed before long, and when the places are given up. */
  report(place: Place, offset: number): void {
    this.#reported.set(`${place.topic}/${place.partition}`, { ...place, offset });
  }

  /** The committed offset of each place that has one. */
  async committed(places: readonly Place[]): Promise<PlaceOffset[]> {
    try {
      return places.length === 0 ? [] : await this.#coordinator.committed(places);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    // A join waits for all others, which may take as long as a rebalance.
    const impatient = setTimeout(() => this.#isJoining && this.#coordinator.drop(), this.#options.timeoutMs);
    await this.#running;
    clearTimeout(impatient);
    this.#coordinator.drop();
  }

  #failure(error: unknown): CodedError {
    return groupFailure(error, this.#options.group, this.#options.topics);
  }

  get #isLeaving(): boolean {
    return this.#leaving.signal.aborted;
  }

  async #run(onFirst: () => void): Promise<void> {
    for (let waitMs = WAIT_FIRST_MS; !this.#isLeaving;) {
      try {
        const places = await this.#enter();
        this.#holds = true;
        this.#hear.assigned(places);
        onFirst();
        waitMs = WAIT_FIRST_MS;
        await this.#stay();
      } catch (error) {
        const name = this.#note(error);
        const isExpected = REJOIN.includes(name) || (PASSING.includes(name) && waitMs < PASSING_MS);
        this.#coordinator.drop();
        await this.#giveUp();
        if (this.#isLeaving) break;
        if (!isExpected) this.#hear.failed(this.#failure(error));
        await this.#pause(waitMs);
        waitMs = Math.min(2 * waitMs, WAIT_MOST_MS);
      }
    }
    await this.#giveUp();
    if (this.#memberId !== '') await this.#leave(this.#memberId);
  }

  async #leave(memberId: string): Promise<void> {
    try {
      await this.#coordinator.leave({ memberId, generationId: -1 });
    } catch {
      // Then the others wait until the brokers miss it.
    }
  }

  async #enter(): Promise<Place[]> {
    this.#isJoining = true;
    try {
      const joined = await this.#coordinator.join(this.#memberId);
      this.#memberId = joined.memberId;
      const sentMs = performance.now();
      const places = await this.#coordinator.sync(joined);
      this.#joined = joined;
      this.#aliveMs = sentMs;
      this.#reported.clear();
      return places;
    } finally {
      this.#isJoining = false;
    }
  }

  /** Until the places are given out anew, or it is to leave. @throws what kept it from the coordinator for too long */
  async #stay(): Promise<void> {
    while (!this.#isLeaving) {
      await this.#pause(this.#options.heartbeatMs);
      const isMember = await this.#beat();
      if (!isMember) break;
      if (performance.now() >= this.#committedMs + this.#options.commitMs) await this.#commit();
    }
    await this.#giveUp();
  }

  /** When it counts itself out: earlier than the brokers do, since its own clock may wake it late. */
  get #silentUntil(): number {
    return this.#aliveMs + SILENT_SHARE * this.#options.sessionTimeoutMs;
  }

  /** False where it is to join again. */
  async #beat(): Promise<boolean> {
    for (;;) {
      const sentMs = performance.now();
      const leftMs = this.#silentUntil - sentMs;
      try {
        const waitMs = Math.min(this.#options.timeoutMs, Math.max(0, leftMs));
        await this.#coordinator.beat(this.#joined as Joined, waitMs);
        this.#aliveMs = sentMs;
        return true;
      } catch (error) {
        if (REJOIN.includes(this.#note(error))) return false;
        if (performance.now() >= this.#silentUntil) throw error;
        this.#coordinator.drop();
        await this.#pause(AGAIN_MS);
      }
    }
  }

  /** The name of an error; one that says that the coordinator does not know the member makes it a new one. */
  #note(error: unknown): string {
    const { name } = kafkaFault(error);
    if (name === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    return name;
  }

  /** Waits, within the time of a rebalance, until the work has ended, and remains a member meanwhile. */
  async #giveUp(): Promise<void> {
    if (!this.#holds) return;
    this.#holds = false;
    const { rebalanceTimeoutMs, heartbeatMs, timeoutMs } = this.#options;
    const overdueMs = performance.now() + rebalanceTimeoutMs;
    const waiting = new AbortController();
    const ended = this.#hear
      .revoked()
      .catch((error: unknown) => this.#hear.failed(error))
      .finally(() => waiting.abort());
    for (;;) {
      const leftMs = overdueMs - performance.now();
      const pausing = delay(Math.max(0, Math.min(heartbeatMs, leftMs)), undefined, {
        signal: waiting.signal,
      });
      await Promise.race([ended, pausing.catch(() => undefined)]);
      if (waiting.signal.aborted || leftMs <= 0) break;
      const beating = this.#coordinator.beat(this.#joined as Joined, timeoutMs);
      await Promise.race([ended, beating.catch(() => undefined)]);
    }
    await this.#commit();
  }

  async #commit(): Promise<void> {
    this.#committedMs = performance.now();
    const offsets = [...this.#reported.values()];
    if (offsets.length === 0) return;
    try {
      await this.#coordinator.commit(this.#joined as Joined, offsets);
    } catch {
      // The next commit has them too; who is no longer a member hears it by the next heartbeat.
      return;
    }
    for (const one of offsets) {
      const key = `${one.topic}/${one.partition}`;
      if (this.#reported.get(key) === one) this.#reported.delete(key);
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#leaving.signal }).catch(() => undefined);
  }
}
