// Legal holds (保全): subjects of whom nothing personal is erased, by its term or by request, until the hold ends.
import { CodedError } from '../../events/coded-error.js';
import { KEY_SCOPES, type Key } from '../../events/event.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { appendAudit, type About } from '../audit.js';
import { CheckpointCursor, FencedError, NO_CHANGES } from '../checkpoint.js';

export interface Hold {
  /** 16 hex digits. */
  readonly id: string;
  /** Whom or what it is about: the key of events. */
  readonly subject: Key;
  readonly reason: string;
  /** Who ordered it, in words. */
  readonly by: string;
  /** Epoch ms; it is in force before `until`. */
  readonly since: number;
  readonly until: number;
}

export type HoldOrder = Omit<Hold, 'since'>;

export const HOLD_LIMITS = { holds: 1_000, text: 500, byText: 100, longestMs: 3660 * 86_400_000 } as const;

/** Where the checkpoint is. */
export const HOLDS_NAMESPACE = 'holds';

/** What the checkpoint says. */
export interface HoldsMeta {
  readonly holds: readonly Hold[];
}

const SUBJECT = new RegExp(`^(${KEY_SCOPES.join('|')}):[^\\p{C}]{1,256}$`, 'u');

export interface HoldsOptions {
  readonly state: StateStore;
  readonly logs: Pick<Logs, 'audit'>;
  readonly nonce: () => string;
}

/** How often in succession others may be faster. */
const ATTEMPTS = 20;

/** Any number of processes may order and end holds at a time: each builds on what the one before left. */
export class Holds {
  private readonly cursor: CheckpointCursor<HoldsMeta>;

  constructor(private readonly options: HoldsOptions) {
    this.cursor = new CheckpointCursor(options.state, HOLDS_NAMESPACE, options.nonce);
  }

  /** Those in force at an instant, the one that ends first coming first. */
  async inForce(now: number): Promise<Hold[]> {
    const all = (await this.cursor.load())?.holds ?? [];
    return all.filter(({ until }) => now < until).sort((a, b) => a.until - b.until);
  }

  /** It is in the audit log, and in force, once this resolves. @throws CodedError HOLD_INVALID, HOLD_LIMIT */
  async add(order: HoldOrder, now: number): Promise<Hold> {
    const { id, subject, reason, by, until } = order;
    const fault = faultOf(order, now);
    if (fault !== null) throw new CodedError('HOLD_INVALID', fault);
    const hold: Hold = { id, subject, reason: reason.trim(), by: by.trim(), since: now, until };
    let isNoted = false;
    return this.change(now, async (holds) => {
      if (holds.length >= HOLD_LIMITS.holds) throw new CodedError('HOLD_LIMIT');
      if (!isNoted) await this.noted('hold', hold, { by: hold.by, reason: hold.reason, until }, now);
      isNoted = true;
      return { changed: hold, holds: [...holds, hold] };
    });
  }

  /** @throws CodedError HOLD_UNKNOWN where none of that id is in force */
  async end(id: string, by: string, reason: string, now: number): Promise<Hold> {
    const fault = textFault('by', by, HOLD_LIMITS.byText) ?? textFault('reason', reason, HOLD_LIMITS.text);
    let isNoted = false;
    return this.change(now, async (holds) => {
      const hold = holds.find((one) => one.id === id);
      if (hold === undefined) throw new CodedError('HOLD_UNKNOWN', `The id is ${id}.`);
      if (fault !== null) throw new CodedError('HOLD_INVALID', fault);
      if (!isNoted) await this.noted('end-hold', hold, { by: by.trim(), reason: reason.trim() }, now);
      isNoted = true;
      return { changed: hold, holds: holds.filter((one) => one !== hold) };
    });
  }

  /**
   * @param next what changes, and the holds in force from then on; asked anew where another was faster
   * @returns what changed
   */
  private async change(
    now: number,
    next: (inForce: readonly Hold[]) => Promise<{ readonly changed: Hold; readonly holds: readonly Hold[] }>,
  ): Promise<Hold> {
    for (let attempt = 1; ; attempt++) {
      const { changed, holds } = await next(await this.inForce(now));
      try {
        await this.cursor.commit({ holds }, NO_CHANGES);
        return changed;
      } catch (error) {
        if (!(error instanceof FencedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async noted(
    what: string,
    hold: Hold,
    said: Pick<About, 'by' | 'reason' | 'until'>,
    at: number,
  ): Promise<void> {
    const account = { account: null, role: null, department: null };
    const about = { hold: hold.id, subject: hold.subject, ...said };
    await appendAudit(this.options.logs, [{ at, ...account, what, ...about, outcome: 'done' }]);
  }
}

function faultOf({ id, subject, reason, by, until }: HoldOrder, now: number): string | null {
  if (!/^[0-9a-f]{16}$/.test(id)) return 'The id has 16 hex digits.';
  if (!SUBJECT.test(subject)) return 'The subject is a key such as subject:91330106MA2XXXXXXX.';
  if (!(until > now && until - now <= HOLD_LIMITS.longestMs))
    return 'It ends in the future, within ten years.';
  return textFault('by', by, HOLD_LIMITS.byText) ?? textFault('reason', reason, HOLD_LIMITS.text);
}

function textFault(name: string, text: string, most: number): string | null {
  const { length } = text.trim();
  return length >= 1 && length <= most ? null : `--${name} has 1 to ${most} characters.`;
}
