// Ordering silences, and ending them: who may, and what they may name.
import { chainOf } from '../alerts/authority.js';
import type { MuteRecord, UnmuteRecord } from '../alerts/inbox.js';
import type { Mute, MuteMatch } from '../alerts/silence.js';
import { CodedError } from '../events/coded-error.js';
import { SILENCE_MAX_MS, type SilenceOrder } from '../events/silence.js';
import type { RuleSet } from '../model/ruleset.js';
import type { AlertView } from '../pipeline/alert.js';
import { encodeJson } from '../pipeline/checkpoint.js';
import type { Caller } from '../ports/front.js';
import type { Logs } from '../ports/log.js';

/** Silences in force at a time. */
const SILENCES_MAX = 1_000;

export interface SilencingOptions {
  readonly rules: RuleSet;
  readonly logs: Logs;
  readonly alert: AlertView;
  /** The clock of the log, epoch ms. */
  readonly clock: () => number;
  /** Lets the alert side run. */
  readonly wake: () => void;
}

export class Silencing {
  constructor(private readonly options: SilencingOptions) {}

  /** Those in force that somebody may see, the one that ends first coming first. */
  list(caller: Caller): unknown[] {
    const seen = this.options.alert.silences.filter(({ match }) => this.isVisible(match, caller));
    return seen.sort((a, b) => a.until - b.until).map(silenceView);
  }

  /** Departments see what silences items of theirs, and those below them for a lead, or no item by name. */
  private isVisible({ item, model, region = '' }: MuteMatch, caller: Caller): boolean {
    const { catalogue, models } = this.options.rules;
    const { role, department, region: own } = caller;
    if (own !== null && !region.startsWith(own) && !own.startsWith(region)) return false;
    if (role !== 'department' && role !== 'lead') return true;
    const named = catalogue.items.get(item ?? models.find(({ name }) => name === model)?.item ?? '');
    if (named === undefined) return true;
    if (department === null) return false;
    const parts = [named.lead, ...named.cooperating];
    const below = [...catalogue.departments.keys()].filter((one) =>
      chainOf(one, catalogue).includes(department),
    );
    // An office answers for the department above it, and a lead for all below.
    return parts.some(
      (one) => chainOf(department, catalogue).includes(one) || (role === 'lead' && below.includes(one)),
    );
  }

  /**
   * Orders a silence; it is in force once this resolves.
   * @param id 32 hex digits
   * @throws CodedError SILENCE_INVALID, SILENCE_FORBIDDEN, SILENCE_LIMIT
   */
  async order(id: string, { reason, until, match }: SilenceOrder, caller: Caller): Promise<unknown> {
    const { clock, alert } = this.options;
    const since = clock();
    if (until <= since || until - since > SILENCE_MAX_MS)
      throw new CodedError('SILENCE_INVALID', 'See until.');
    this.check(match, caller);
    if (alert.silences.length >= SILENCES_MAX) throw new CodedError('SILENCE_LIMIT');
    const { role, department } = caller;
    const author = { id: caller.id, role, department };
    const mute: Mute = { id, author, reason, since, until, match };
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

  /**
   * What is named must exist; a lead silences items of departments that it supervises, and nothing wider; who sees one
   * region silences there.
   */
  private check({ item, model, domain, region }: MuteMatch, caller: Caller): void {
    const { role, department } = caller;
    if (caller.region !== null && region?.startsWith(caller.region) !== true)
      throw new CodedError('SILENCE_FORBIDDEN');
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
