// Retention as it runs in embedded mode: holds, and once a day the end of the terms of personal values and of events.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamName } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { decodeJson, encodeJson } from '../pipeline/checkpoint.js';
import { Holds, type Hold } from '../pipeline/retention/holds.js';
import { isKnownKey } from '../pipeline/retention/known-key.js';
import { PersonalIndex } from '../pipeline/retention/personal-index.js';
import { PersonalTerm, type Swept } from '../pipeline/retention/personal-term.js';
import type { ReleasedCounts, ReleaseEvents } from '../pipeline/retention/release-events.js';
import { storedEvents } from '../pipeline/retention/stored-events.js';
import { WhenQuiet } from '../pipeline/retention/when-quiet.js';
import { CodedError } from '../events/coded-error.js';
import type { StateStore } from '../ports/state.js';
import type { Warehouse } from '../ports/warehouse.js';
import type { Log as Logger } from './log.js';
import type { Stores } from './stores.js';
import { within } from './within.js';

export interface RetainingOptions {
  readonly folder: Pick<Stores, 'logs' | 'state' | 'vault' | 'values'>;
  /** In force. */
  readonly rules: () => RuleSet;
  readonly underWay: () => number;
  readonly now: () => number;
  readonly log: Logger;
  /** How events are let go; they are not where undefined. */
  readonly releasing?: (parts: ReleasingParts) => Releasing;
}

/** Shared by the sweeps of events and of personal values. */
export interface SweepParts {
  readonly holds: Holds;
  /** Must have seen an event before that goes. */
  readonly index: PersonalIndex;
}

export interface ReleasingParts extends SweepParts {
  /** False once the process ends. */
  readonly goesOn: () => boolean;
}

/** How events are let go. */
export interface Releasing {
  readonly release: ReleaseEvents;
  /** Why nothing may go now; null where it may. */
  refusal(): Promise<string | null>;
}

/** What is asked for about holds. */
export type HoldRequest =
  | { readonly do: 'list' }
  | {
      readonly do: 'add';
      readonly subject: string;
      readonly reason: string;
      readonly by: string;
      readonly until: number;
    }
  | { readonly do: 'end'; readonly id: string; readonly by: string; readonly reason: string };

const DAY_MS = 86_400_000;
const LOOK_MS = 600_000;
const PAUSE_MS = 20;
/** Names of the instants of the last sweeps among the values. */
const SWEPT = 'retention-swept';
const RELEASED = 'retention-released';
/** Between two steps of a sweep of events, so that it takes a part of the thread at most. */
const STEP_PAUSE_MS = 5;
/** A warehouse that does not answer for so long is not waited for. */
const COUNTED_MS = 5_000;

export class Retaining {
  private readonly holds: Holds;
  private readonly term: PersonalTerm;
  /** One thing at a time: index and holds have one owner. */
  private queue: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private readonly releasing: Releasing | null;
  private stopping = false;
  private looking: Promise<void> | null = null;

  constructor(private readonly options: RetainingOptions) {
    const { folder, underWay } = options;
    const { logs, state, vault } = folder;
    const holds = new Holds({ state, logs, nonce: randomUUID });
    const index = new PersonalIndex({ logs, state, nonce: randomUUID });
    const pause = () => delay(PAUSE_MS);
    const erasing = new WhenQuiet({ index, holds, vault, logs, underWay, pause });
    this.holds = holds;
    this.term = new PersonalTerm({ index, holds, vault, erasing });
    this.releasing = options.releasing?.({ holds, index, goesOn: () => !this.stopping }) ?? null;
  }

  /** Legal holds that keep what stands behind a pseudonym. */
  holding(pseudonym: string): Promise<Hold[]> {
    return this.inTurn(() => this.term.holding(pseudonym, this.options.now()));
  }

  hold(request: HoldRequest): Promise<Hold[]> {
    return this.inTurn(() => carriedOut(this.holds, request, this.options.now()));
  }

  /** Looks now and then whether a day has passed since the last sweep. */
  start(): void {
    const look = () => {
      this.looking ??= this.look().finally(() => (this.looking = null));
    };
    this.timer = setInterval(look, LOOK_MS);
    this.timer.unref();
    look();
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.stopping = true;
    await this.looking;
    await this.queue;
  }

  /** Events that were let go since the start, by stream. */
  get released(): ReleasedCounts {
    return this.releasing?.release.released ?? new Map<StreamName, number>();
  }

  private async look(): Promise<void> {
    try {
      await this.daily();
      await this.releaseDaily();
    } catch (error) {
      this.options.log.failure('retention', error, LOOK_MS);
    }
  }

  /** Sweeps where the last sweep that came to its end is a day ago. @returns null where it is not */
  daily(): Promise<Swept | null> {
    return this.inTurn(async () => {
      const { folder, rules, now, log } = this.options;
      const { personal } = rules().catalogue.retention;
      const kept = await folder.values.get(SWEPT);
      const last = kept === undefined ? -Infinity : decodeJson<{ readonly at: number }>(kept).at;
      if (personal.size === 0 || now() - last < DAY_MS) return null;
      const at = now();
      const swept = await this.term.sweep(personal, at);
      if (swept.whole) await folder.values.put(SWEPT, encodeJson({ at }));
      if (swept.erased + swept.held > 0 || !swept.whole)
        log.info({ ...swept }, 'personal values whose term is over were erased, but for those on hold');
      return swept;
    });
  }

  /**
   * Lets events go whose term is over, where the last sweep that came to its end is a day ago. Step by step, so that orders
   * of holds come in between.
   * @returns whether it came to its end
   */
  async releaseDaily(): Promise<boolean> {
    const { folder, rules, now, log } = this.options;
    const { releasing } = this;
    const kept = await folder.values.get(RELEASED);
    const last = kept === undefined ? -Infinity : decodeJson<{ readonly at: number }>(kept).at;
    if (releasing === null || rules().catalogue.retention.events.size === 0 || now() - last < DAY_MS)
      return false;
    const at = now();
    for (let left = true; left;) {
      const refusal = this.stopping ? 'the process ends' : await releasing.refusal();
      if (refusal !== null) {
        releasing.release.reset();
        log.info({ refusal }, 'events whose term is over are kept for now');
        return false;
      }
      left = await this.inTurn(() => releasing.release.step(rules().catalogue.retention.events, at));
      await delay(STEP_PAUSE_MS);
    }
    await folder.values.put(RELEASED, encodeJson({ at }));
    log.info({ released: Object.fromEntries(this.released) }, 'events whose term is over were let go');
    return true;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

/** @returns the holds in force, or the one that was ordered or ended. @throws CodedError HOLD_* */
export async function carriedOut(holds: Holds, request: HoldRequest, now: number): Promise<Hold[]> {
  if (request.do === 'list') return holds.inForce(now);
  if (request.do === 'end') return [await holds.end(request.id, request.by, request.reason, now)];
  const { subject, reason, by, until } = request;
  return [await holds.add({ id: randomBytes(8).toString('hex'), subject, reason, by, until }, now)];
}

/** What was asked for about holds, with what the one who asked should know. */
export interface HoldAnswer {
  readonly holds: readonly Hold[];
  /** Whether a hold was ordered on a subject of which no event was evaluated, nor is in the warehouse. */
  readonly isUnknown: boolean;
  /** Events of the subject of a hold that was ordered, as `storedEvents`; null where no warehouse could be asked. */
  readonly events: number | null;
}

/** What is asked about the subject of a hold. */
export interface HeldSubject {
  readonly state: Pick<StateStore, 'load'>;
  /** Of the events log. */
  readonly partitions: number;
  /** Null where none is open. */
  readonly warehouse: Pick<Warehouse, 'query'> | null;
}

/** The hold is in force by then, so a warehouse that fails or is slow is no failure of it. */
export async function answered(
  holds: readonly Hold[],
  request: HoldRequest,
  { state, partitions, warehouse }: HeldSubject,
): Promise<HoldAnswer> {
  if (request.do !== 'add') return { holds, isUnknown: false, events: null };
  const { subject } = request;
  const counted = warehouse === null ? null : storedEvents(warehouse, subject).catch(() => null);
  const events = counted === null ? null : await within(COUNTED_MS, counted, null);
  const isUnknown = !((events ?? 0) > 0 || (await isKnownKey(state, subject, partitions)));
  return { holds, isUnknown, events };
}

/** A request as it came over the control socket, where a build of another age may have sent it. */
export function readHoldRequest(given: unknown): HoldRequest {
  const { do: what, ...rest } = (given ?? {}) as { readonly [name: string]: unknown };
  const text = (name: string): string => {
    const value = rest[name];
    if (typeof value !== 'string') throw new CodedError('HOLD_INVALID', `${name} is no text.`);
    return value;
  };
  if (what === 'list') return { do: what };
  const both = { by: text('by'), reason: text('reason') };
  if (what === 'end') return { do: what, id: text('id'), ...both };
  if (what !== 'add') throw new CodedError('HOLD_INVALID', 'Nothing known is asked for.');
  return { do: what, subject: text('subject'), ...both, until: Number(rest['until']) };
}
