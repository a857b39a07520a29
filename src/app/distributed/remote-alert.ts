// The alert side as other processes see it: from its checkpoints, looked at again and again.
import { setTimeout as delay } from 'node:timers/promises';
import type { Mute } from '../../alerts/silence.js';
import { CodedError } from '../../events/coded-error.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { WarningLevel } from '../../model/model.js';
import { levelsIn } from '../../pipeline/alert-levels.js';
import type { AlertMeta } from '../../pipeline/alert-meta.js';
import { ALERT_NAMESPACE, MUTE_PREFIX } from '../../pipeline/alert-names.js';
import type { AlertView } from '../../pipeline/alert.js';
import { checkpointOf } from '../../pipeline/checkpoint.js';
import { rulesNamed } from '../../pipeline/running-rules.js';
import { storedRecords } from '../../pipeline/stored-names.js';
import { SEQUENCE_NAMESPACE, type SequenceMeta } from '../../pipeline/wide/sequence.js';
import type { StateStore } from '../../ports/state.js';

const REFRESH_MS = 500;
const PASSED_EVERY_MS = 25;
/** Whoever waits for an action is told after so long that it is not known yet. */
const PASSED_LIMIT_MS = 30_000;
const PAGE = 500;
/** A failure that lasts is said so often. */
const SAID_EVERY_MS = 60_000;

export class RemoteAlert implements AlertView {
  position = 0;
  current = 0;
  levels: ReadonlyMap<WarningLevel, number> = new Map();
  withheld = 0;
  silentSources = 0;
  silences: readonly Mute[] = [];
  /** Every warning before this instant, epoch ms, is in the inbox; -Infinity before the first. */
  clock = -Infinity;
  private timer: NodeJS.Timeout | null = null;
  private refreshing: Promise<void> | null = null;
  /** When a failure was said last, of the clock that never goes back; -Infinity once a look went well. */
  private said = -Infinity;

  /** @param rules of the deployment's first start, in force until the inbox names others */
  constructor(
    private readonly state: StateStore,
    public rules: RuleSet,
    private readonly rulesOf: (revision: string) => Promise<RuleSet | undefined>,
    /** Hears of a failure, and of one that lasts once a minute. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Looks at once, and from then on now and then. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => {
      this.refreshing ??= this.refresh()
        .then(() => void (this.said = -Infinity))
        .catch((error: unknown) => this.say(error))
        .finally(() => (this.refreshing = null));
    }, REFRESH_MS);
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.refreshing;
  }

  /** @throws CodedError STORE_BUSY where it takes too long: the record is kept and will be decided all the same */
  async passed(offset: number): Promise<void> {
    for (const overdue = performance.now() + PASSED_LIMIT_MS; this.position <= offset;) {
      await this.refresh();
      if (this.position > offset) return;
      if (performance.now() > overdue) throw new CodedError('STORE_BUSY', 'The alert role does not answer.');
      await delay(PASSED_EVERY_MS);
    }
  }

  private say(error: unknown): void {
    const now = performance.now();
    if (now - this.said < SAID_EVERY_MS) return;
    this.said = now;
    this.onFailure(error);
  }

  private async refresh(): Promise<void> {
    const { state } = this;
    const alert = await checkpointOf<AlertMeta>(state, ALERT_NAMESPACE);
    const sequence = await checkpointOf<SequenceMeta>(state, SEQUENCE_NAMESPACE);
    const silences: Mute[] = [];
    for await (const [, mute] of storedRecords<Mute>(state, ALERT_NAMESPACE, MUTE_PREFIX, PAGE)) {
      silences.push(mute);
    }
    this.silences = silences;
    this.current = alert?.current ?? 0;
    this.levels = levelsIn(alert?.levels);
    this.withheld = alert?.withheld ?? 0;
    this.silentSources = Object.keys(alert?.silence ?? {}).length;
    this.clock = Math.max(this.clock, sequence?.done ?? -Infinity, alert?.clock ?? -Infinity);
    this.position = alert?.offset ?? 0;
    const { rules } = this;
    this.rules = await rulesNamed({ rules, rulesOf: this.rulesOf }, alert?.revision ?? rules.revision);
  }
}
