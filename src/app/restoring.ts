// fenghuo restore, composed: a back-up checked whole, then brought into a new data folder; nothing is started.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { startWarehouse } from '../adapters/chdb/supervisor.js';
import { checkRoom, fileFailure, syncTree } from '../adapters/backups/files.js';
import { copyFiles, readManifest, verifyFiles } from '../adapters/backups/folder.js';
import type { Manifest } from '../adapters/backups/manifest.js';
import { restoreDatabase } from '../adapters/clickhouse/copying.js';
import { syncFolder } from '../adapters/files/sync-folder.js';
import { CodedError } from '../events/coded-error.js';
import { byteCounter } from './backing-up.js';
import { DATABASE } from './warehouse.js';

export interface RestoreRequest {
  readonly from: string;
  readonly dataDir: string;
  readonly warehouse: boolean;
  readonly onProgress: (line: string) => void;
}

/** Checks a back-up against its manifest; nothing is written. @throws CodedError BACKUP_* */
export async function verifyBackup(from: string, onProgress: (line: string) => void): Promise<Manifest> {
  const folder = resolve(from);
  const manifest = await readManifest(folder);
  await verifyFiles(folder, manifest.files, byteCounter(onProgress));
  return manifest;
}

/**
 * Brings a back-up into a folder that is empty or not there. It is put together beside it and takes its name when it is
 * whole, so that a restore that is broken off leaves no data folder.
 * @returns the manifest
 * @throws CodedError BACKUP_*, RESTORE_TARGET, RESTORE_WAREHOUSE
 */
export async function restore({ from, dataDir, warehouse, onProgress }: RestoreRequest): Promise<Manifest> {
  const [folder, target] = [resolve(from), resolve(dataDir)];
  await checkEmpty(target);
  onProgress('the back-up is checked');
  const manifest = await verifyBackup(folder, onProgress);
  const wanted = warehouse && manifest.warehouse !== null;
  const files = manifest.files.filter(({ path }) => wanted || !path.startsWith('warehouse/'));
  const partial = join(dirname(target), `.${basename(target)}.partial-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(dirname(target), { recursive: true });
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    // Twice, since the engine reads its copy while it writes its tables.
    await checkRoom(dirname(target), bytes * 2);
    await mkdir(partial, { mode: 0o750 });
    onProgress('the files are copied');
    const copies = join(partial, 'copies');
    const isOfWarehouse = ({ path }: { readonly path: string }) => path.startsWith('warehouse/');
    const count = byteCounter(onProgress);
    await copyFiles(
      folder,
      files.filter((file) => !isOfWarehouse(file)),
      partial,
      count,
    );
    if (wanted) {
      await copyFiles(folder, files.filter(isOfWarehouse), copies, count);
      onProgress('the warehouse is brought in');
      await bringIn(partial, copies, manifest);
      await rm(copies, { recursive: true });
    }
    await syncTree(partial);
    await rmdir(target).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
    await rename(partial, target);
    await syncFolder(dirname(target));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw fileFailure(error, 'RESTORE_TARGET');
  }
}

/** Makes the tables from their copy, in an engine that ends before this returns. */
async function bringIn(partial: string, copies: string, manifest: Manifest): Promise<void> {
  const quiet = { info: () => undefined, warn: () => undefined };
  try {
    const child = await startWarehouse({ path: join(partial, 'warehouse'), copies, log: quiet });
    try {
      const input = { url: child.url, password: child.token, database: DATABASE };
      const rows = await restoreDatabase(input, join(copies, 'warehouse'));
      for (const [table, expected] of Object.entries(manifest.warehouse?.rows ?? {}))
        if (rows[table] !== expected)
          throw new Error(`${table} has ${rows[table] ?? 0} rows and not ${expected}.`);
    } finally {
      await child.stop();
    }
  } catch (error) {
    throw new CodedError('RESTORE_WAREHOUSE', error instanceof Error ? error.message : '', error);
  }
}

async function checkEmpty(target: string): Promise<void> {
  try {
    if ((await readdir(target)).length === 0) return;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new CodedError('RESTORE_TARGET', `${target}: ${code}.`, error);
  }
  throw new CodedError('RESTORE_TARGET', `${target} is not empty.`);
}
