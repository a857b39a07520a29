// fenghuo restore, composed: a back-up checked whole, then brought into a new data folder; nothing is started.
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { unpack } from '../adapters/backups/archive.js';
import { startWarehouse } from '../adapters/chdb/supervisor.js';
import { checkRoom, fileFailure, syncTree } from '../adapters/backups/files.js';
import { copyFiles, readManifest, verifyFiles, type Placing } from '../adapters/backups/folder.js';
import type { BackupFile, Manifest } from '../adapters/backups/manifest.js';
import { clearPartials, partialOf } from '../adapters/backups/partial.js';
import { restoreDatabase } from '../adapters/clickhouse/copying.js';
import { syncFolder } from '../adapters/files/sync-folder.js';
import { CodedError } from '../events/coded-error.js';
import { byteCounter, STANDARD_STREAM } from './backing-up.js';
import { DATABASE } from './warehouse.js';

export interface RestoreRequest {
  /** A folder, a file of tar, or `-` for standard input. */
  readonly from: string;
  readonly dataDir: string;
  readonly warehouse: boolean;
  readonly now: number;
  readonly onProgress: (line: string) => void;
}

/** Checks a back-up against its manifest; nothing is written. @throws CodedError BACKUP_* */
export async function verifyBackup(from: string, onProgress: (line: string) => void): Promise<Manifest> {
  return readFrom(from, { begin: async () => undefined, place: async () => null }, onProgress);
}

/** Reads a back-up whole, and has its files placed as they pass, or once the whole was checked where it can be read twice. */
async function readFrom(
  from: string,
  placing: Placing,
  onProgress: (line: string) => void,
): Promise<Manifest> {
  if (from === STANDARD_STREAM) return unpack(process.stdin, placing, byteCounter(onProgress));
  const path = resolve(from);
  if ((await stat(path).catch(() => null))?.isFile() === true)
    return unpack(createReadStream(path), placing, byteCounter(onProgress));
  const manifest = await readManifest(path);
  await verifyFiles(path, manifest.files, byteCounter(onProgress));
  await placing.begin(manifest);
  await copyFiles(path, manifest.files, placing.place, byteCounter(onProgress));
  return manifest;
}

/**
 * Brings a back-up into a folder that is empty or not there. It is put together beside it and takes its name when it is
 * whole, so that a restore that is broken off leaves no data folder.
 * @returns the manifest
 * @throws CodedError BACKUP_*, RESTORE_TARGET, RESTORE_WAREHOUSE
 */
export async function restore(request: RestoreRequest): Promise<Manifest> {
  const { from, dataDir, warehouse, now, onProgress } = request;
  const target = resolve(dataDir);
  await checkEmpty(target);
  onProgress('the back-up is checked');
  await clearPartials(target, now, onProgress);
  const partial = partialOf(target);
  const copies = join(partial, 'copies');
  const isWanted = ({ path }: BackupFile) => warehouse || !path.startsWith('warehouse/');
  const begin = async ({ files }: Manifest) => {
    await mkdir(dirname(target), { recursive: true });
    const bytes = files.filter(isWanted).reduce((sum, file) => sum + file.bytes, 0);
    // Twice, since the engine reads its copy while it writes its tables.
    await checkRoom(dirname(target), bytes * 2);
    await mkdir(partial, { mode: 0o750 });
    onProgress('the files are copied');
  };
  const place = async (file: BackupFile) => {
    if (!isWanted(file)) return null;
    const to = join(file.path.startsWith('warehouse/') ? copies : partial, file.path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    return to;
  };
  try {
    const manifest = await readFrom(from, { begin, place }, onProgress);
    if (warehouse && manifest.warehouse !== null) {
      onProgress('the warehouse is brought in');
      await bringIn(partial, copies, manifest, now);
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
async function bringIn(partial: string, copies: string, manifest: Manifest, now: number): Promise<void> {
  const quiet = { info: () => undefined, warn: () => undefined };
  try {
    const child = await startWarehouse({ path: join(partial, 'warehouse'), copies, log: quiet });
    try {
      const input = { url: child.url, password: child.token, database: DATABASE };
      const times = { made: Date.parse(manifest.made), now };
      const held = await restoreDatabase(input, join(copies, 'warehouse'), times);
      const { rows, sums = {} } = manifest.warehouse ?? { rows: {} };
      for (const [table, expected] of Object.entries(rows))
        if (held.rows[table] !== expected)
          throw new Error(`${table} has ${held.rows[table] ?? 0} rows and not ${expected}.`);
      // What may have come to the end of its term since is not compared.
      for (const [table, sum] of Object.entries(held.sums))
        if (sums[table] !== undefined && sums[table] !== sum)
          throw new Error(`${table} adds up to ${sum} and not to ${sums[table]}.`);
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
