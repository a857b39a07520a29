// fenghuo hold, composed: asked of the process that runs on a data folder, or done here where none does.
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ask, toldFailure } from '../adapters/control/control.js';
import { openLmdb } from '../adapters/lmdb/lmdb.js';
import { CodedError } from '../events/coded-error.js';
import { Holds, type Hold } from '../pipeline/retention/holds.js';
import { carriedOut, type HoldRequest } from './retaining.js';
import { controlPath, HOLD, isThere } from './snapshot.js';

/**
 * @returns the holds in force, or the one that was ordered or ended
 * @throws CodedError FILE_READ where there is no data folder, HOLD_*, BACKUP_NO_ANSWER
 */
export async function holdIn(dataDir: string, request: HoldRequest, now: number): Promise<readonly Hold[]> {
  const path = join(resolve(dataDir), 'lmdb');
  if (!(await isThere(join(path, 'data.mdb'))))
    throw new CodedError('FILE_READ', `${path}: there is no data folder.`);
  const owned = await openLmdb({ path }).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'DATA_FOLDER_IN_USE') return null;
    throw error;
  });
  if (owned === null) return asked(resolve(dataDir), request);
  try {
    const logs = { audit: owned.log('audit') };
    return await carriedOut(new Holds({ state: owned.state, logs, nonce: randomUUID }), request, now);
  } finally {
    await owned.close();
  }
}

async function asked(dataDir: string, request: HoldRequest): Promise<readonly Hold[]> {
  const { lines, end } = await ask(controlPath(dataDir), HOLD, request);
  try {
    for await (const line of lines) {
      const failure = toldFailure(line);
      if (failure !== null) throw failure;
      return (line as { readonly holds: readonly Hold[] }).holds;
    }
    throw new CodedError('BACKUP_BROKEN_OFF');
  } finally {
    end();
  }
}
