// The history under rules that came into force, told by one of the processes that evaluate.
import { randomUUID } from 'node:crypto';
import type { RuleSet } from '../../model/ruleset.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import { ArchivedHistory } from '../../pipeline/history/archived-history.js';
import { Primer } from '../../pipeline/primer.js';
import { archivedOf } from '../../pipeline/positions.js';
import { ReleasedEvents } from '../../pipeline/retention/released.js';
import { rulesNamed } from '../../pipeline/running-rules.js';
import { partitionOf } from '../../pipeline/wide/partition.js';
import { WideTelling } from '../../pipeline/wide/wide-telling.js';
import type { Warehouse } from '../../ports/warehouse.js';
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
  readonly warehouse: Pick<Warehouse, 'query'>;
  /** Whether it falls to this process; where two think so for a moment, what comes twice is heard once. */
  readonly holds: () => boolean;
  readonly log: Log;
}

/** How often it is looked whether the rules have changed. */
const IDLE_MS = 1_000;

export function primingPump(options: PrimingOptions): Pump {
  const { stores, rules, storedRules, warehouse, probe, batch, holds, log } = options;
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
  const history = toldHistory(stores, warehouse);
  const told = { inbox: logs.inbox, history, telling, partitionOf: spread };
  const primer = new Primer({ ...told, probe, batch });
  return new Pump({
    round: async () => (holds() ? primer.run() : 0),
    // What ended halfway is told again, from its first record on.
    reopen: () => primer.close(),
    idleMs: IDLE_MS,
    onFailure: (error, retryInMs) => log.failure('primer', error, retryInMs),
  });
}

/** The history that new indicators are told of. */
export function toldHistory(
  { logs, state, partitions, begin }: Pick<ServerStores, 'logs' | 'state' | 'partitions' | 'begin'>,
  warehouse: Pick<Warehouse, 'query'>,
): ArchivedHistory {
  // What the log does not hold any more was archived before it was let go; what went at the end of its term is not looked
  // for in the log, which may still have some of it.
  const archived = async (partition: number) => {
    const { below } = await ReleasedEvents.in(state, partition);
    return Math.max(await begin('events', partition), Math.min(below, await archivedOf(state, partition)));
  };
  return new ArchivedHistory({
    warehouse,
    events: logs.events,
    partitions: partitions.events,
    archived,
  });
}
