// Rules that change while a deployment on servers runs: announced to every partition by whoever lets time pass.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { AlertMeta } from '../../pipeline/alert-meta.js';
import { ALERT_NAMESPACE } from '../../pipeline/alert-names.js';
import { checkpointOf } from '../../pipeline/checkpoint.js';
import type { EvaluateMeta } from '../../pipeline/evaluate-meta.js';
import { announcedIn, inForceSince, TicksCursor } from '../../pipeline/wide/ticks-meta.js';
import { CodedError } from '../../events/coded-error.js';
import type { Logs } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import type { NamedValues } from '../../ports/values.js';
import type { ModelsSide, ModelsStatus } from '../models-side.js';
import { RuleChanging } from '../rule-changing.js';
import type { StoredRules } from '../stored-rules.js';

export interface ServerModelsOptions {
  readonly state: StateStore;
  readonly values: NamedValues;
  readonly logs: Pick<Logs, 'audit'>;
  readonly storedRules: StoredRules;
  /** The revision of the first start. */
  readonly first: string;
  /** Of the events log. */
  readonly partitions: number;
  readonly now: () => number;
}

/** How long is waited for a process that announces, which each that takes events does once a second. */
const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 200;

export class ServerModels implements ModelsSide {
  readonly changing: RuleChanging;
  private readonly ticks: TicksCursor;

  constructor(private readonly options: ServerModelsOptions) {
    const { state, values, logs, storedRules, first, now } = options;
    this.ticks = new TicksCursor(state, randomUUID);
    this.changing = new RuleChanging({
      ...{ values, logs, storedRules, now },
      announced: async () => {
        const announced = announcedIn(await this.ticks.load());
        return { revision: announced.revision ?? first, at: inForceSince(announced) };
      },
      busy: async () => ((await this.ticks.load()).change ?? null) !== null,
      announce: (revision) => this.announce(revision),
    });
  }

  async status(): Promise<ModelsStatus> {
    const { state, first, partitions } = this.options;
    const meta = await this.ticks.load();
    const named = announcedIn(meta);
    const alert = await checkpointOf<AlertMeta>(state, ALERT_NAMESPACE);
    let unprimed = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const evaluate = await checkpointOf<EvaluateMeta>(state, `evaluate/${partition}`);
      if ((evaluate?.telling ?? null) !== null) unprimed++;
    }
    return {
      running: alert?.revision ?? first,
      announced: named.revision ?? first,
      at: inForceSince(named),
      waiting: (meta.change ?? null) !== null,
      unprimed,
    };
  }

  /** @throws CodedError MODELS_BUSY where another process was faster */
  private async announce(revision: string): Promise<number | null> {
    if (!(await this.ticks.request({ kind: 'revision', revision }))) throw new CodedError('MODELS_BUSY');
    for (
      const overdue = performance.now() + WAIT_MS;
      performance.now() < overdue;
      await delay(LOOK_EVERY_MS)
    ) {
      const announced = announcedIn(await this.ticks.load());
      if (announced.revision === revision) return inForceSince(announced);
    }
    return null;
  }
}
