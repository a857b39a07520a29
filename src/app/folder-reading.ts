// Reads what a deployment keeps, of a data folder that nobody has open or on servers: its warnings, by the rules it ran last.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodedError } from '../events/coded-error.js';
import type { RuleSet } from '../model/ruleset.js';
import { ALERT_NAMESPACE } from '../pipeline/alert-names.js';
import { checkpointOf } from '../pipeline/checkpoint.js';
import { WarningBook } from '../pipeline/warning-book.js';
import type { StateStore } from '../ports/state.js';
import type { ServerStores } from './distributed/server-stores.js';
import { siteKey } from './environment.js';
import { openLog } from './log.js';
import type { Place } from './place.js';
import { openDataFolder, type DataFolder, type Stores } from './stores.js';
import { StoredRules } from './stored-rules.js';

/** What a deployment keeps. */
export interface ReadStores {
  readonly stores: Stores;
  /** Partitions of the events log. */
  readonly partitions: number;
  readonly book: WarningBook;
  readonly rules: RuleSet;
  /** Up to when time has passed on the alert side, epoch ms. */
  readonly clock: number;
  /** The same of evaluate, which may be ahead; null before the first record. */
  readonly evaluated: number | null;
}

/**
 * Opens what a deployment keeps, reads from it, and closes it. On servers it may run meanwhile.
 * @param asked what a running server answers instead, for the message
 * @returns null where nothing ever ran there
 * @throws CodedError FILE_READ where there is no folder, RULES_CHANGED where this build does not take its rules any more,
 *   DATA_FOLDER_IN_USE where the owner of the folder runs, and what else opening the stores throws
 */
export async function readStores<T>(
  place: Place,
  asked: string,
  read: (found: ReadStores) => Promise<T>,
): Promise<T | null> {
  const { stores, partitions } = await openStores(place, `The running server answers ${asked}.`);
  try {
    const { revision, clock, evaluated } = await lastRun(stores.state, partitions);
    if (revision === null) return null;
    const rules = await new StoredRules(stores.values).load(revision);
    if (rules === undefined)
      throw new CodedError('RULES_CHANGED', `Revision ${revision} cannot be read by this build.`);
    const book = new WarningBook(stores.state, rules);
    return await read({ stores, partitions, book, rules, clock, evaluated });
  } finally {
    await stores.close();
  }
}

/**
 * Opens what a deployment keeps.
 * @param inUse what to do where the owner of a folder runs, for the message
 * @throws CodedError as `openIdleFolder` and `openServerStores` do
 */
export async function openStores(
  place: Place,
  inUse: string,
): Promise<{ readonly stores: Stores; readonly partitions: number }> {
  if ('dataDir' in place) return { stores: await openIdleFolder(place.dataDir, inUse), partitions: 1 };
  const stores = await openServers(place.config);
  return { stores, partitions: stores.partitions.events };
}

/** Loaded here, so that a data folder does not pay for the clients of servers. */
async function openServers(config: string): Promise<ServerStores> {
  const { readWholeServers } = await import('./servers-file.js');
  const { openServerStores } = await import('./distributed/server-stores.js');
  const servers = await readWholeServers(config);
  return openServerStores(servers, siteKey(), { log: openLog('warn'), now: () => Date.now() });
}

/**
 * Opens a data folder that is there and that nobody has open.
 * @param inUse what to do where the server runs, for the message
 * @throws CodedError FILE_READ, DATA_FOLDER_IN_USE, and what else opening the folder throws
 */
export async function openIdleFolder(dataDir: string, inUse: string): Promise<DataFolder> {
  const dir = resolve(dataDir);
  await stat(join(dir, 'lmdb')).catch((error: unknown) => {
    throw new CodedError('FILE_READ', `${join(dir, 'lmdb')}: there is no data folder.`, error);
  });
  return openDataFolder(dir, siteKey()).catch((error: unknown) => {
    if (!(error instanceof CodedError) || error.code !== 'DATA_FOLDER_IN_USE') throw error;
    throw new CodedError('DATA_FOLDER_IN_USE', inUse, error);
  });
}

/** What the last checkpoint of evaluate says that is asked for here. */
interface Evaluated {
  readonly revision: string;
  readonly stages: readonly { readonly clock: number | null }[];
}

/** By which rules a deployment was evaluated last, and up to when time has passed in all partitions. */
async function lastRun(
  state: StateStore,
  partitions: number,
): Promise<{ revision: string | null; clock: number; evaluated: number | null }> {
  let revision: string | null = null;
  let evaluated: number | null = Infinity;
  for (let partition = 0; partition < partitions; partition++) {
    const found = await checkpointOf<Evaluated>(state, `evaluate/${partition}`);
    revision ??= found?.revision ?? null;
    const clock = found?.stages[0]?.clock ?? null;
    evaluated = evaluated === null || clock === null ? null : Math.min(evaluated, clock);
  }
  const alert = await checkpointOf<{ clock: number | null }>(state, ALERT_NAMESPACE);
  return { revision, clock: alert?.clock ?? -Infinity, evaluated };
}
