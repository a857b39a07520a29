// The history under rules that came into force, told by one of the processes that evaluate.
import { randomUUID } from 'node:crypto';
import type { RuleSet } from '../../model/ruleset.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import { Primer } from '../../pipeline/primer.js';
import { rulesNamed } from '../../pipeline/running-rules.js';
import { partitionOf } from '../../pipeline/wide/partition.js';
import { WideTelling } from '../../pipeline/wide/wide-telling.js';
import type { Log } from '../log.js';
import { Pump } from '../pump.js';
import type { StoredRules } from '../stored-rules.js';
import type { ServerStores } from './server-stores.js';

export interface PrimingOptions {
  readonly stores: ServerStores;
  readonly rules: RuleSet;
  readonly storedRules: StoredRules;
  readonly probe: Probe;
  readonly batch: number;
  /** Whether it falls to this process; where two think so for a moment, what comes twice is heard once. */
  readonly holds: () => boolean;
  readonly log: Log;
}

/** How often it is looked whether the rules have changed. */
const IDLE_MS = 1_000;

export function primingPump({ stores, rules, storedRules, probe, batch, holds, log }: PrimingOptions): Pump {
  const { logs, state, partitions } = stores;
  const rulesOf = (revision: string) => storedRules.load(revision);
  const telling = new WideTelling({
    events: logs.events,
    state,
    partitions,
    nonce: randomUUID,
    rulesNamed: (revision) => rulesNamed({ rules, rulesOf }, revision),
  });
  const spread = (key: string) => partitionOf(key, partitions.events);
  const open = () => new Primer({ logs, telling, partitionOf: spread, probe, batch });
  let primer = open();
  return new Pump({
    round: async () => (holds() ? primer.run() : 0),
    // What ended halfway is told again, from its first record on.
    reopen: () => {
      primer = open();
      return Promise.resolve();
    },
    idleMs: IDLE_MS,
    onFailure: (error, retryInMs) => log.failure('primer', error, retryInMs),
  });
}
