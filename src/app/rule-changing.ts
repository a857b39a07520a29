// Other rules in place of those that run: kept by hash, noted with who asked and why, and announced; in whatever mode.
import { randomUUID } from 'node:crypto';
import { CodedError } from '../events/coded-error.js';
import { formatInstant } from '../events/timestamp.js';
import { changedRules } from '../model/rules-diff.js';
import type { RuleSet } from '../model/ruleset.js';
import { appendAudit } from '../pipeline/audit.js';
import { RuleChanges, type ChangeWay, type RuleChange } from '../pipeline/rule-changes.js';
import type { Logs } from '../ports/log.js';
import type { NamedValues } from '../ports/values.js';
import { account } from './account.js';
import type { StoredRules } from './stored-rules.js';

/** On whose behalf the rules change. */
export interface Asker {
  readonly account: string;
  readonly role: string | null;
  readonly department: string | null;
}

/** Rules that are to come into force. */
export interface WantedRules {
  readonly rules: RuleSet;
  /** The texts that they were loaded from, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly way: ChangeWay;
  readonly note: string | null;
}

/** What came of it: announced with its instant, asked for while nobody lets time pass, or in force before. */
export type Applied =
  | { readonly outcome: 'announced'; readonly revision: string; readonly at: number }
  | { readonly outcome: 'asked' | 'known'; readonly revision: string };

export interface RuleChangingOptions {
  readonly values: NamedValues;
  readonly storedRules: StoredRules;
  readonly logs: Pick<Logs, 'audit'>;
  readonly now: () => number;
  /** What was announced last, and its instant, epoch ms; null for the rules of the first start. */
  readonly announced: () => Promise<{ readonly revision: string; readonly at: number | null }>;
  /** Whether another change is on its way. */
  readonly busy: () => Promise<boolean>;
  /** Announces a revision. @returns the instant from which it is in force; null where that is not known yet */
  readonly announce: (revision: string) => Promise<number | null>;
}

/** A change as people and programs read it. */
export type ChangeView = Omit<RuleChange, 'nonce' | 'asked' | 'at' | 'changed'> &
  RuleChange['changed'] & { readonly asked: string; readonly at: string | null };

export class RuleChanging {
  private readonly changes: RuleChanges;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RuleChangingOptions) {
    this.changes = new RuleChanges(options.values);
  }

  /**
   * Brings rules in; each change is tried alone.
   * @throws CodedError MODELS_BUSY while another is on its way
   */
  apply(wanted: WantedRules, asker: Asker): Promise<Applied> {
    return this.exclusively(asker, wanted, async () => {
      if (await this.options.busy()) throw new CodedError('MODELS_BUSY');
      return this.bring(wanted, asker);
    });
  }

  /** As `apply`, for a start: whatever is on its way came before. */
  start(wanted: WantedRules): Promise<Applied> {
    const asker = userOfSystem();
    return this.exclusively(asker, wanted, () => this.bring(wanted, asker));
  }

  /**
   * Brings a former revision in again.
   * @param prefix the beginning of its hash
   * @throws CodedError MODELS_UNKNOWN, RULES_CHANGED where this build does not take it any more, MODELS_BUSY
   */
  async rollback(prefix: string, note: string | null, asker: Asker): Promise<Applied> {
    const wanted = await this.former(prefix);
    return this.apply({ ...wanted, way: 'rollback', note }, asker);
  }

  /** A revision that ran here, by the beginning of its hash. @throws CodedError as `rollback` */
  async former(prefix: string): Promise<Pick<WantedRules, 'rules' | 'files'>> {
    return formerRules(prefix, await this.history(), this.options.storedRules);
  }

  /** Every change, oldest first. */
  async history(): Promise<RuleChange[]> {
    const [all, { revision, at }] = await Promise.all([this.changes.all(), this.options.announced()]);
    return all.map((change, index) =>
      // Whoever announced it may have been cut off before it could be noted.
      change.at === null && index === all.length - 1 && change.revision === revision
        ? { ...change, at }
        : change,
    );
  }

  /**
   * Notes that the last change is in force where whoever announced it was cut off before.
   * @returns how that came which was announced last
   */
  async settle(): Promise<ChangeWay | null> {
    const { revision, at } = await this.options.announced();
    const all = await this.changes.all();
    const last = all[all.length - 1];
    if (last?.at === null && last.revision === revision) await this.changes.announced(last, at ?? last.asked);
    return [...all].reverse().find((change) => change.revision === revision)?.way ?? null;
  }

  private async bring({ rules, files, way, note }: WantedRules, asker: Asker): Promise<Applied> {
    const { storedRules, announced, announce, logs, now } = this.options;
    const { revision } = rules;
    const { revision: former } = await announced();
    if (former === revision) return { outcome: 'known', revision };
    await storedRules.keep(rules, files);
    const changed = changedRules((await storedRules.files(former)) ?? null, files);
    const by = asker.account;
    const change = await this.changes.add({
      ...{ revision, former, by, note, way, asked: now(), at: null, changed, nonce: randomUUID() },
    });
    // In this order: nothing comes into force that the records do not name.
    await appendAudit(logs, [entryOf(now(), asker, { revision, former, note, outcome: 'asked' })]);
    const at = await announce(revision);
    if (at === null) return { outcome: 'asked', revision };
    await this.changes.announced(change, at);
    return { outcome: 'announced', revision, at };
  }

  /** One change after the other; a refusal is noted as well. */
  private exclusively(asker: Asker, { rules, note }: WantedRules, action: () => Promise<Applied>) {
    const result = this.turn.then(action).catch(async (error: unknown) => {
      const { revision } = rules;
      if (error instanceof CodedError && error.code === 'MODELS_BUSY') {
        const outcome = error.code;
        const entry = entryOf(this.options.now(), asker, { revision, former: null, note, outcome });
        await appendAudit(this.options.logs, [entry]);
      }
      throw error;
    });
    this.turn = result.catch(() => undefined);
    return result;
  }
}

/** Notes the rules that a deployment begins with, which its first record names. @param at epoch ms */
export async function noteFirst(
  values: NamedValues,
  { revision }: RuleSet,
  files: ReadonlyMap<string, string>,
  at: number,
): Promise<void> {
  const changed = changedRules(null, files);
  const by = userOfSystem().account;
  const entry = { revision, by, note: null, way: 'start' as const, asked: at, at, changed };
  await new RuleChanges(values).begin({ ...entry, nonce: randomUUID() });
}

/** A revision that ran, by the beginning of its hash. @throws CodedError MODELS_UNKNOWN, RULES_CHANGED */
export async function formerRules(
  prefix: string,
  changes: readonly RuleChange[],
  storedRules: StoredRules,
): Promise<Pick<WantedRules, 'rules' | 'files'>> {
  const all = new Set(
    changes.flatMap(({ revision, former }) => (former === null ? [revision] : [revision, former])),
  );
  const named = [...all].filter((revision) => revision.startsWith(prefix));
  const [revision] = named;
  if (revision === undefined || named.length > 1)
    throw new CodedError('MODELS_UNKNOWN', named.length > 1 ? `They are ${named.join(', ')}.` : '');
  const [rules, files] = await Promise.all([storedRules.load(revision), storedRules.files(revision)]);
  if (rules === undefined || files === undefined)
    throw new CodedError('RULES_CHANGED', `Revision ${revision} cannot be read by this build.`);
  return { rules, files };
}

export function changeView({ nonce: _, asked, at, changed, ...change }: RuleChange): ChangeView {
  return {
    ...change,
    asked: formatInstant(asked),
    at: at === null ? null : formatInstant(at),
    ...changed,
  };
}

/** Whoever runs this process. */
export function userOfSystem(): Asker {
  return { account: account(), role: null, department: null };
}

function entryOf(
  at: number,
  asker: Asker,
  said: {
    readonly revision: string;
    readonly former: string | null;
    readonly note: string | null;
    readonly outcome: string;
  },
) {
  const { revision, former, note, outcome } = said;
  return {
    ...{ at, ...asker, what: 'models', revision },
    ...(former === null ? {} : { former }),
    ...(note === null ? {} : { reason: note }),
    outcome,
  };
}
