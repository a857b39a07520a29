// Rules that change while one process runs all roles: announced in its one log, and told to its alert side in their turn.
import type { RulesRecord } from '../alerts/inbox.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Alert } from '../pipeline/alert.js';
import { checkpointOf, decodeJson, encodeJson, type Probe } from '../pipeline/checkpoint.js';
import type { Evaluate } from '../pipeline/evaluate.js';
import type { EvaluateMeta } from '../pipeline/evaluate-meta.js';
import type { Ingest } from '../pipeline/ingest.js';
import type { Log } from '../ports/log.js';
import type { NamedValues } from '../ports/values.js';
import { announcedRevision } from './announced.js';
import type { Log as Logger } from './log.js';
import { RuleChanging, userOfSystem, type Applied } from './rule-changing.js';
import type { StoredRules } from './stored-rules.js';
import type { DataFolder } from './stores.js';

export interface EmbeddedModelsOptions {
  readonly folder: DataFolder;
  readonly storedRules: StoredRules;
  readonly ingest: Ingest;
  readonly evaluate: Evaluate;
  readonly alert: Alert;
  readonly now: () => number;
  readonly log: Logger;
  readonly probe: Probe;
  /** Lets evaluate run. */
  readonly wake: () => void;
}

/** How long after the last record other rules come into force. */
const RULES_DELAY_MS = 2_000;
const PAGE = 1_000;
/** The value that names the revision that the folder of rules had when it was looked at last. */
const FOLDER = 'rules-folder';

/** What comes of a reading of the watched folder. */
const RELOADS = ['applied', 'unchanged', 'refused'] as const;
export type Reload = (typeof RELOADS)[number];

export class EmbeddedModels {
  readonly changing: RuleChanging;
  /** What came of the folder of rules while it was watched, by outcome, and whether it is refused now. */
  readonly watched = { read: new Map([...RELOADS].map((outcome) => [outcome, 0])), faulty: false };
  /** The revision that the inbox names last; null where it is to be looked up. */
  private told: string | null = null;

  constructor(private readonly options: EmbeddedModelsOptions) {
    const { folder, storedRules, ingest, now, wake, probe } = options;
    this.changing = new RuleChanging({
      ...{ values: folder.values, logs: folder.logs, storedRules, now },
      announced: () => this.announced(),
      // Until the instant of the last change has come; what arrives meanwhile is dated by it.
      busy: async () => ingest.clock > now(),
      announce: async (revision) => {
        const at = ingest.clock + RULES_DELAY_MS;
        probe('before-announce');
        await ingest.announce(revision, at);
        probe('after-announce');
        wake();
        return at;
      },
    });
  }

  /**
   * Lets the log name the rules of a start where their folder has changed since it was looked at last; what was brought
   * in otherwise stands until then.
   */
  async startWith(rules: RuleSet, files: ReadonlyMap<string, string>): Promise<void> {
    const { folder, log } = this.options;
    const { revision } = rules;
    const { revision: former } = await this.announced();
    const way = await this.changing.settle();
    if (former === revision) return this.look(revision);
    const isFolders = way !== 'apply' && way !== 'rollback';
    if (!isFolders && (await textOf(folder.values, FOLDER)) === revision) {
      const advice = 'the folder of rules is as it was; the rules that were brought in since run on';
      log.info({ running: former, folder: revision }, advice);
      return;
    }
    log.info({ former, revision }, 'the rules have changed; the new ones come into force');
    await this.changing.start({ rules, files, way: 'start', note: null });
    await this.look(revision);
  }

  /** Counts what came of a reading of the watched folder. */
  noteReload(outcome: Reload): void {
    this.watched.faulty = outcome === 'refused';
    this.watched.read.set(outcome, (this.watched.read.get(outcome) ?? 0) + 1);
  }

  /**
   * Brings in what the folder of rules holds now, where it has changed since it was looked at last.
   * @param isAsked whether somebody asks for the folder, so that it comes in as it is
   * @throws CodedError MODELS_BUSY
   */
  async takeFolder(rules: RuleSet, files: ReadonlyMap<string, string>, isAsked: boolean): Promise<Applied> {
    const { revision } = rules;
    if (!isAsked && (await textOf(this.options.folder.values, FOLDER)) === revision)
      return { outcome: 'known', revision };
    const applied = await this.changing.apply({ rules, files, way: 'folder', note: null }, userOfSystem());
    await this.look(revision);
    return applied;
  }

  /** Looks up anew what the inbox names; called after a failure, since a round may have ended halfway. */
  reopen(): void {
    this.told = null;
  }

  /** Tells the alert side which rules are in force, once evaluate has turned to them. @returns 0 where it knows */
  async run(): Promise<number> {
    const { folder, evaluate, alert, log } = this.options;
    const { revision } = evaluate.rules;
    this.told ??= await revisionNamed(folder.logs.inbox, alert.position, alert.inForce.revision);
    if (this.told === revision) return 0;
    // Each turn is at a further offset than those before it.
    const origin = { source: 'rules', offset: evaluate.position, ordinal: 0 };
    const record: RulesRecord = { kind: 'rules', origin, at: evaluate.clock, revision };
    await folder.logs.inbox.append(0, [encodeJson(record)]);
    this.told = revision;
    log.info({ revision }, 'the rules are in force');
    return 1;
  }

  /** What runs, and what comes. */
  async status() {
    const { alert, evaluate } = this.options;
    const { revision, at } = await this.announced();
    const unprimed = evaluate.telling === null ? 0 : 1;
    return { running: alert.inForce.revision, announced: revision, at, waiting: false, unprimed };
  }

  private async announced(): Promise<{ revision: string; at: number | null }> {
    const { folder, evaluate } = this.options;
    const { revision } = evaluate.rules;
    return announcedRevision(folder.logs.events, evaluate.position, revision);
  }

  private look(revision: string): Promise<void> {
    return this.options.folder.values.put(FOLDER, Buffer.from(revision));
  }
}

/** The rules that a data folder was evaluated by last; those given where it never was, or they cannot be read. */
export async function lastEvaluated(
  { state }: Pick<DataFolder, 'state'>,
  storedRules: StoredRules,
  given: RuleSet,
): Promise<RuleSet> {
  const meta = await checkpointOf<EvaluateMeta>(state, 'evaluate/0');
  return (meta === undefined ? undefined : await storedRules.load(meta.revision)) ?? given;
}

/** The revision that the inbox names last from an offset on; `inForce` where it names none. */
async function revisionNamed(inbox: Log, from: number, inForce: string): Promise<string> {
  let revision = inForce;
  for (let offset = from; ; offset += PAGE) {
    const page = await inbox.read(0, offset, PAGE);
    for (const { value } of page) {
      const record = decodeJson<{ readonly kind: string; readonly revision?: string }>(value);
      if (record.kind === 'rules' && record.revision !== undefined) ({ revision } = record);
    }
    if (page.length < PAGE) return revision;
  }
}

async function textOf(values: NamedValues, name: string): Promise<string | undefined> {
  const bytes = await values.get(name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}
