// fenghuo models: other rules for a deployment while it runs, on servers or in one process, and how its rules came.
import { join, resolve } from 'node:path';
import { openLmdbReading } from '../adapters/lmdb/reading.js';
import { CodedError } from '../events/coded-error.js';
import type { AlertMeta } from '../pipeline/alert-meta.js';
import { ALERT_NAMESPACE } from '../pipeline/alert-names.js';
import { checkpointOf } from '../pipeline/checkpoint.js';
import type { EvaluateMeta } from '../pipeline/evaluate-meta.js';
import { RuleChanges } from '../pipeline/rule-changes.js';
import type { ServerModels } from './distributed/server-models.js';
import { announcedRevision } from './announced.js';
import { askForModels, orderModels } from './models-client.js';
import { modelsView, outcomeOf, viewOf, type ModelsView } from './models-side.js';
import { loadRulesAt } from './named-rules.js';
import type { ModelsOutcome } from '../ports/front.js';
import { userOfSystem } from './rule-changing.js';

export type { ModelsOutcome } from '../ports/front.js';

/** On the servers of a file, or a process that is running somewhere. */
export type RunningPlace = { readonly config: string } | { readonly url: string };
/** The same, or a data folder, which is read beside its owner. */
export type ModelsPlace = RunningPlace | { readonly dataDir: string };

/**
 * Brings rules in: they are checked here, then kept and announced.
 * @param note why, for the record
 * @throws InvalidFiles where the rules have errors; CodedError MODELS_BUSY while another change is on its way, NOT_BEGUN
 *   where the deployment never ran, MODELS_UNREACHED
 */
export async function applyModels(
  place: RunningPlace,
  rulesDir: string,
  note: string | null,
  onWarnings: (lines: readonly string[]) => void,
): Promise<ModelsOutcome> {
  const { rules, files, warnings } = await loadRulesAt(rulesDir);
  onWarnings(warnings);
  if ('url' in place) {
    // Tests of models are not kept.
    const kept = [...files].filter(([path]) => !path.endsWith('.test.yaml'));
    return orderModels(place.url, { files: Object.fromEntries(kept), ...because(note) });
  }
  const wanted = { rules, files, way: 'apply', note } as const;
  return onServers(place.config, async ({ changing }) =>
    outcomeOf(await changing.apply(wanted, userOfSystem())),
  );
}

/** Brings a former revision in again. @param prefix the beginning of its hash @throws CodedError as `applyModels`, MODELS_UNKNOWN */
export async function rollbackModels(
  place: RunningPlace,
  prefix: string,
  note: string | null,
): Promise<ModelsOutcome> {
  if ('url' in place) return orderModels(place.url, { revision: prefix, ...because(note) });
  return onServers(place.config, async ({ changing }) =>
    outcomeOf(await changing.rollback(prefix, note, userOfSystem())),
  );
}

/** Which rules run, which come, and every change so far. @throws CodedError NOT_BEGUN, FILE_READ, MODELS_UNREACHED */
export async function modelsAt(place: ModelsPlace): Promise<ModelsView> {
  if ('url' in place) return askForModels(place.url);
  if ('config' in place) return onServers(place.config, modelsView);
  const reading = openLmdbReading(join(resolve(place.dataDir), 'lmdb'));
  try {
    const { state, values } = reading;
    const evaluate = await checkpointOf<EvaluateMeta>(state, 'evaluate/0');
    if (evaluate === undefined) throw new CodedError('NOT_BEGUN');
    const alert = await checkpointOf<AlertMeta>(state, ALERT_NAMESPACE);
    const { offset, revision, telling } = evaluate;
    const { revision: announced, at } = await announcedRevision(reading.log('events'), offset, revision);
    const running = alert?.revision ?? revision;
    const unprimed = (telling ?? null) === null ? 0 : 1;
    const status = { running, announced, at, waiting: false, unprimed };
    return viewOf(status, await new RuleChanges(values).all());
  } finally {
    await reading.close();
  }
}

/** Loaded here, so that a data folder does not pay for the clients of servers. */
async function onServers<T>(config: string, work: (models: ServerModels) => Promise<T>): Promise<T> {
  const { withServerModels } = await import('./server-rules.js');
  return withServerModels(config, work);
}

function because(note: string | null) {
  return note === null ? {} : { because: note };
}
