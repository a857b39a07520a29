// Evaluate on servers: a worker for each partition of the events log, and one for each of the derived log.
import { randomUUID } from 'node:crypto';
import { evidenceKeyOf } from '../../evidence/blinding.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import { Evaluate } from '../../pipeline/evaluate.js';
import { EvaluateDerived } from '../../pipeline/wide/evaluate-derived.js';
import { archivedEvents } from '../../pipeline/history/archived-history.js';
import { KeyEvents } from '../../pipeline/key-events.js';
import { Outlet } from '../../pipeline/wide/outlet.js';
import type { Share } from '../../ports/membership.js';
import type { Warehouse } from '../../ports/warehouse.js';
import { NATIVE_HASHING } from '../native-hashing.js';
import { SERVERS_PACE } from '../paces.js';
import type { StoredRules } from '../stored-rules.js';
import type { ServerStores } from './server-stores.js';

export interface EvaluateWorkersOptions {
  readonly stores: ServerStores;
  readonly rules: RuleSet;
  readonly storedRules: StoredRules;
  /** Has what the log has let go of. */
  readonly warehouse: Pick<Warehouse, 'query'>;
  readonly probe: Probe;
  readonly batch: number;
  /** Keys that all workers together keep in memory. */
  readonly cachedKeys: number;
  readonly modelKeys: number | undefined;
}

/** What all workers together keep of the events of keys, so that transitions need not read them again. */
const HEARD_BYTES = 64 * 1024 * 1024;

/** Makes the worker of a share. */
export function evaluateWorkers(
  options: EvaluateWorkersOptions,
): (share: Share) => Evaluate | EvaluateDerived {
  const { stores, rules, storedRules, warehouse, probe, batch, cachedKeys, modelKeys } = options;
  const { logs, state, partitions, siteKey } = stores;
  const common = {
    rules,
    rulesOf: (revision: string) => storedRules.load(revision),
    logs,
    state,
    nonce: randomUUID,
    probe,
    batch,
    cachedKeys: Math.ceil(cachedKeys / partitions.events),
    evidenceKey: evidenceKeyOf(siteKey),
    hashing: NATIVE_HASHING,
    heard: new KeyEvents(HEARD_BYTES),
    archive: archivedEvents(warehouse),
    modelKeys,
  };
  return ({ log, partition }) => {
    const outlet = new Outlet(logs, partitions.derived);
    return log === 'events'
      ? new Evaluate({ ...common, partition, outlet, pace: SERVERS_PACE })
      : new EvaluateDerived({ ...common, partition, outlet, partitions });
  };
}
