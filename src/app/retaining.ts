// Retention as it runs in embedded mode: holds, and once a day the end of the terms of personal values.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RuleSet } from '../model/ruleset.js';
import { decodeJson, encodeJson } from '../pipeline/checkpoint.js';
import { Holds, type Hold } from '../pipeline/retention/holds.js';
import { PersonalIndex } from '../pipeline/retention/personal-index.js';
import { PersonalTerm, type Swept } from '../pipeline/retention/personal-term.js';
import { WhenQuiet } from '../pipeline/retention/when-quiet.js';
import { CodedError } from '../events/coded-error.js';
import type { Log as Logger } from './log.js';
import type { Stores } from './stores.js';

export interface RetainingOptions {
  readonly folder: Pick<Stores, 'logs' | 'state' | 'vault' | 'values'>;
  /** In force. */
  readonly rules: () => RuleSet;
  readonly underWay: () => number;
  readonly now: () => number;
  readonly log: Logger;
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
/** Name of the instant of the last sweep among the values. */
const SWEPT = 'retention-swept';

export class Retaining {
  private readonly holds: Holds;
  private readonly term: PersonalTerm;
  /** One thing at a time: index and holds have one owner. */
  private queue: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: RetainingOptions) {
    const { folder, underWay } = options;
    const { logs, state, vault } = folder;
    const holds = new Holds({ state, logs, nonce: randomUUID });
    const index = new PersonalIndex({ logs, state, nonce: randomUUID });
    const pause = () => delay(PAUSE_MS);
    const erasing = new WhenQuiet({ index, holds, vault, logs, underWay, pause });
    this.holds = holds;
    this.term = new PersonalTerm({ index, holds, vault, erasing });
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
      this.daily().catch((error: unknown) => this.options.log.failure('retention', error, LOOK_MS));
    };
    this.timer = setInterval(look, LOOK_MS);
    this.timer.unref();
    look();
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.queue;
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
