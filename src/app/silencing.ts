// Ordering silences, and ending them: who may, and what they may name.
import { randomBytes } from 'node:crypto';
import { chainOf } from '../alerts/authority.js';
import type { MuteRecord, UnmuteRecord } from '../alerts/inbox.js';
import type { Mute, MuteMatch } from '../alerts/silence.js';
import { CodedError } from '../events/coded-error.js';
import { SILENCE_MAX_MS, type SilenceOrder } from '../events/silence.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Alert } from '../pipeline/alert.js';
import { encodeJson } from '../pipeline/checkpoint.js';
import type { Caller } from '../ports/front.js';
import type { Logs } from '../ports/log.js';

/** Silences in force at a time. */
const SILENCES_MAX = 1_000;

export interface SilencingOptions {
  readonly rules: RuleSet;
  readonly logs: Logs;
  readonly alert: Alert;
  /** The clock of the log, epoch ms. */
  readonly clock: () => number;
  /** Lets the alert side run. */
  readonly wake: () => void;
}

export class Silencing {
  constructor(private readonly options: SilencingOptions) {}

  /** Those in force, the one that ends first coming first. */
  list(): unknown[] {
    return [...this.options.alert.silences].sort((a, b) => a.until - b.until).map(silenceView);
  }

  /**
   * Orders a silence; it is in force once this resolves.
   * @throws CodedError SILENCE_INVALID, SILENCE_FORBIDDEN, SILENCE_LIMIT
   */
  async order({ reason, until, match }: SilenceOrder, caller: Caller): Promise<unknown> {
    const { clock, alert } = this.options;
    const since = clock();
    if (until <= since || until - since > SILENCE_MAX_MS)
      throw new CodedError('SILENCE_INVALID', 'See until.');
    this.check(match, caller);
    if (alert.silences.length >= SILENCES_MAX) throw new CodedError('SILENCE_LIMIT');
    const { id, role, department } = caller;
    const author = { id, role, department };
    const mute: Mute = { id: randomBytes(16).toString('hex'), author, reason, since, until, match };
    await this.tell({ kind: 'mute', at: since, mute });
    return silenceView(mute);
  }

  /** @returns false where none of that id is in force. @throws CodedError SILENCE_FORBIDDEN */
  async end(id: string, caller: Caller): Promise<boolean> {
    const mute = this.options.alert.silences.find((one) => one.id === id);
    if (mute === undefined) return false;
    this.check(mute.match, caller);
    const by = { id: caller.id, role: caller.role, department: caller.department };
    await this.tell({ kind: 'unmute', at: this.options.clock(), id, by });
    return true;
  }

  /** What is named must exist; a lead silences items of departments that it supervises, and nothing wider. */
  private check({ item, model, domain }: MuteMatch, { role, department }: Caller): void {
    const { catalogue, models } = this.options.rules;
    const named = models.find(({ name }) => name === model);
    const domains = new Set([...catalogue.items.values()].map((one) => one.domain));
    const isKnown =
      (item === undefined || catalogue.items.has(item)) &&
      (model === undefined || named !== undefined) &&
      (domain === undefined || domains.has(domain));
    if (!isKnown) throw new CodedError('SILENCE_INVALID', 'See match.');
    if (role !== 'lead') return;
    const lead = catalogue.items.get(item ?? named?.item ?? '')?.lead;
    if (lead === undefined || department === null || !chainOf(lead, catalogue).includes(department))
      throw new CodedError('SILENCE_FORBIDDEN');
  }

  private async tell(record: MuteRecord | UnmuteRecord): Promise<void> {
    const { logs, alert, wake } = this.options;
    const offset = await logs.inbox.append(0, [encodeJson(record)]);
    wake();
    await alert.passed(offset);
  }
}

function silenceView({ since, until, ...mute }: Mute): unknown {
  return { ...mute, since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}
