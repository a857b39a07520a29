// Reads a data folder that nobody has open: its warnings, by the rules that it ran last.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodedError } from '../events/coded-error.js';
import type { RuleSet } from '../model/ruleset.js';
import { ALERT_NAMESPACE } from '../pipeline/alert-names.js';
import { CheckpointCursor } from '../pipeline/checkpoint.js';
import { WarningBook } from '../pipeline/warning-book.js';
import type { StateStore } from '../ports/state.js';
import { siteKey } from './environment.js';
import { openDataFolder, type DataFolder } from './stores.js';
import { StoredRules } from './stored-rules.js';

/** What lies in a folder. */
export interface ReadFolder {
  readonly folder: DataFolder;
  readonly book: WarningBook;
  readonly rules: RuleSet;
  /** Up to when time has passed on the alert side, epoch ms. */
  readonly clock: number;
  /** The same of evaluate, which may be ahead; null before the first record. */
  readonly evaluated: number | null;
}

/**
 * Opens a data folder, reads from it, and closes it.
 * @param asked what a running server answers instead, for the message
 * @returns null where nothing ever ran in it
 * @throws CodedError FILE_READ where there is no folder, RULES_CHANGED where this build does not take its rules any more,
 *   DATA_FOLDER_IN_USE where the server runs, and what else opening the folder throws
 */
export async function readFolder<T>(
  dataDir: string,
  asked: string,
  read: (found: ReadFolder) => Promise<T>,
): Promise<T | null> {
  const folder = await openIdleFolder(dataDir, `The running server answers ${asked}.`);
  try {
    const { state, meta } = folder.lmdb;
    const { revision, clock, evaluated } = await lastRun(state);
    if (revision === null) return null;
    const rules = await new StoredRules(meta).load(revision);
    if (rules === undefined)
      throw new CodedError('RULES_CHANGED', `Revision ${revision} cannot be read by this build.`);
    return await read({ folder, book: new WarningBook(state, rules), rules, clock, evaluated });
  } finally {
    await folder.close();
  }
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

/** By which rules a folder was evaluated last, and up to when time has passed. */
async function lastRun(
  state: StateStore,
): Promise<{ revision: string | null; clock: number; evaluated: number | null }> {
  const nonce = () => '';
  const evaluate = await new CheckpointCursor<Evaluated>(state, 'evaluate/0', nonce).load();
  const alert = await new CheckpointCursor<{ clock: number | null }>(state, ALERT_NAMESPACE, nonce).load();
  return {
    revision: evaluate?.revision ?? null,
    clock: alert?.clock ?? -Infinity,
    evaluated: evaluate?.stages[0]?.clock ?? null,
  };
}
