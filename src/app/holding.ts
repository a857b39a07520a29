// fenghuo hold, composed: asked of the process that runs on a data folder, or done here where none does, and on servers.
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ask, toldFailure } from '../adapters/control/control.js';
import { openLmdb } from '../adapters/lmdb/lmdb.js';
import { CodedError } from '../events/coded-error.js';
import { Holds } from '../pipeline/retention/holds.js';
import { siteKey } from './environment.js';
import { openLog } from './log.js';
import type { Place } from './place.js';
import { answered, carriedOut, type HoldAnswer, type HoldRequest } from './retaining.js';
import { controlPath, HOLD, isThere } from './snapshot.js';

/**
 * @returns the holds in force, or the one that was ordered or ended; also what is known of its subject
 * @throws CodedError FILE_READ where there is no data folder, HOLD_*, BACKUP_NO_ANSWER, and as the servers do; InvalidFiles
 *   for a faulty file of servers
 */
export function heldAt(place: Place, request: HoldRequest, now: number): Promise<HoldAnswer> {
  return 'config' in place ? onServers(place.config, request, now) : inFolder(place.dataDir, request, now);
}

async function inFolder(dataDir: string, request: HoldRequest, now: number): Promise<HoldAnswer> {
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
    const holds = new Holds({ state: owned.state, logs, nonce: randomUUID });
    const done = await carriedOut(holds, request, now);
    // To start chDB for a count takes longer than all else.
    return await answered(done, request, { state: owned.state, partitions: 1, warehouse: null });
  } finally {
    await owned.close();
  }
}

/** Any number of processes may do so while the deployment runs. */
async function onServers(config: string, request: HoldRequest, now: number): Promise<HoldAnswer> {
  // Loaded here, so that a data folder does not pay for the clients of servers.
  const { readWholeServers } = await import('./servers-file.js');
  const { openServerStores } = await import('./distributed/server-stores.js');
  const { openWarehouse } = await import('../adapters/clickhouse/warehouse.js');
  const log = openLog('warn');
  const servers = await readWholeServers(config);
  const stores = await openServerStores(servers, siteKey(), { log, now: Date.now });
  const warehouse = openWarehouse(servers.clickhouse);
  try {
    const { state, logs, partitions } = stores;
    const holds = await carriedOut(new Holds({ state, logs, nonce: randomUUID }), request, now);
    return await answered(holds, request, { state, partitions: partitions.events, warehouse });
  } finally {
    await warehouse.close();
    await stores.close();
  }
}

async function asked(dataDir: string, request: HoldRequest): Promise<HoldAnswer> {
  const { lines, end } = await ask(controlPath(dataDir), HOLD, request);
  try {
    for await (const line of lines) {
      const failure = toldFailure(line);
      if (failure !== null) throw failure;
      // A process of a former build does not say whether it knows the subject, nor how many events of it there are.
      return { isUnknown: false, events: null, ...(line as Pick<HoldAnswer, 'holds'>) };
    }
    throw new CodedError('BACKUP_BROKEN_OFF');
  } finally {
    end();
  }
}
