// fenghuo backup, composed: a copy that belongs together, the files beside it, and a manifest over all of them.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { archived } from '../adapters/backups/archive.js';
import { startWarehouse } from '../adapters/chdb/supervisor.js';
import { checkRoom, copyFileHashed, fileFailure, moveFolder, sizeOf } from '../adapters/backups/files.js';
import { sealBackup } from '../adapters/backups/folder.js';
import { BACKUP_FORMAT, type Manifest } from '../adapters/backups/manifest.js';
import { clearPartials, partialOf } from '../adapters/backups/partial.js';
import { ask, toldFailure } from '../adapters/control/control.js';
import { syncFolder } from '../adapters/files/sync-folder.js';
import { LOG_NAMES, openLmdb, type LmdbStores } from '../adapters/lmdb/lmdb.js';
import { openLmdbReading, type LmdbReading } from '../adapters/lmdb/reading.js';
import { CodedError } from '../events/coded-error.js';
import { checkpointOf } from '../pipeline/checkpoint.js';
import type { LogName } from '../ports/log.js';
import { noteBackup } from './last-backup.js';
import {
  BACKED_UP,
  controlPath,
  isThere,
  SNAPSHOT,
  SNAPSHOT_WITHOUT_WAREHOUSE,
  takeSnapshot,
  type Snapshot,
} from './snapshot.js';
import { tokensOf } from './stores.js';
import { version } from './version.js';
import { DATABASE } from './warehouse.js';

export interface BackupRequest {
  readonly dataDir: string;
  /** What the back-up becomes, which must not be there: a folder, a file `.tar`, `.tar.gz` or `.tgz`; `-` for standard output. */
  readonly to: string;
  /** Whether seal.key and tokens.json go with it. */
  readonly keys: boolean;
  /** Whether vault.key does, which opens the vault in the same back-up. */
  readonly vaultKey: boolean;
  readonly warehouse: boolean;
  readonly now: number;
  readonly onProgress: (line: string) => void;
}

/** Of every archive, as its checkpoint is named. */
const ARCHIVES = ['events', 'inbox', 'deliveries', 'actions', 'cases', 'dead-letters', 'operator'].map(
  (log) => `${log}/0`,
);
/** Standard output of a back-up, and standard input of a restore. */
export const STANDARD_STREAM = '-';
/** A back-up of such a name is one file. */
const ARCHIVE = /\.(tar|tar\.gz|tgz)$/;
const GZIP = /gz$/;
/** Most of it are parts of the warehouse, which are compressed already. */
const GZIP_LEVEL = 1;
const PROGRESS_BYTES = 256 * 1024 * 1024;

/**
 * Makes a back-up of a data folder, whether or not a process runs on it.
 * @returns its manifest
 * @throws CodedError BACKUP_*, FILE_READ where there is no data folder; nothing is at `to` then
 */
export async function backUp(request: BackupRequest): Promise<Manifest> {
  const dataDir = resolve(request.dataDir);
  if (!(await isThere(join(dataDir, 'lmdb', 'data.mdb'))))
    throw new CodedError('FILE_READ', `${join(dataDir, 'lmdb')}: there is no data folder.`);
  if (request.to === STANDARD_STREAM) {
    await checkCopyRoom(dataDir);
    // Elsewhere a reader that has seen enough is no failure; here it would lack the rest.
    process.stdout.removeAllListeners('error');
    const manifest = await piped(dataDir, request, false, process.stdout);
    await noted(dataDir, request);
    return manifest;
  }
  const to = resolve(request.to);
  if (await isThere(to)) throw new CodedError('BACKUP_TARGET', `${to} is there already.`);
  if (`${to}/`.startsWith(`${dataDir}/`))
    throw new CodedError('BACKUP_TARGET', `${to} lies in the data folder itself.`);
  const partial = partialOf(to);
  try {
    await mkdir(dirname(to), { recursive: true });
    await clearPartials(to, request.now, request.onProgress);
    await checkRoom(dirname(to), await sizeOf(dataDir));
    await checkCopyRoom(dataDir);
    const manifest = await (ARCHIVE.test(to)
      ? intoFile(dataDir, request, partial)
      : intoFolder(dataDir, request, partial));
    await rename(partial, to);
    await syncFolder(dirname(to));
    await noted(dataDir, request);
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw fileFailure(error, 'BACKUP_TARGET');
  }
}

async function checkCopyRoom(dataDir: string): Promise<void> {
  const sizes = [await sizeOf(join(dataDir, 'lmdb')), await sizeOf(join(dataDir, 'warehouse'))] as const;
  await checkRoom(dataDir, sizes[0] + sizes[1]);
}

async function intoFolder(dataDir: string, request: BackupRequest, folder: string): Promise<Manifest> {
  await mkdir(folder, { mode: 0o700 });
  return withSnapshot(dataDir, request, (snapshot) => written(dataDir, snapshot, folder, request));
}

function intoFile(dataDir: string, request: BackupRequest, path: string): Promise<Manifest> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  // What the pipeline does not hear, as nothing is sent yet, it hears at its beginning.
  file.on('error', () => undefined);
  return piped(dataDir, request, GZIP.test(request.to), file).finally(() => file.destroy());
}

/** Puts the back-up together where the copy lies, so that nothing but the archive takes room elsewhere, and sends it on. */
function piped(
  dataDir: string,
  request: BackupRequest,
  isSmall: boolean,
  to: NodeJS.WritableStream,
): Promise<Manifest> {
  return withSnapshot(dataDir, request, async (snapshot) => {
    const whole = join(snapshot.folder, 'whole');
    try {
      await mkdir(whole, { mode: 0o700 });
      const manifest = await written(dataDir, snapshot, whole, request);
      const source = Readable.from(archived(whole, manifest, byteCounter(request.onProgress)));
      await (isSmall ? pipeline(source, createGzip({ level: GZIP_LEVEL }), to) : pipeline(source, to));
      return manifest;
    } catch (error) {
      // The copy is the owner's, who takes it away where it ends.
      if (await isThere(whole)) throw fileFailure(error, 'BACKUP_TARGET');
      throw new CodedError('BACKUP_BROKEN_OFF', '', error);
    }
  });
}

/** Takes the copy, by the process that runs on the folder or here where none does, and lets it go afterwards. */
async function withSnapshot<T>(
  dataDir: string,
  request: BackupRequest,
  take: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const { onProgress } = request;
  const owned = await ownLmdb(dataDir);
  if (owned === null) {
    onProgress('the process that runs on the data folder copies log and warehouse');
    return askedSnapshot(dataDir, request, take);
  }
  onProgress('log and warehouse are copied');
  const copiesDir = join(dataDir, 'copies');
  try {
    await rm(copiesDir, { recursive: true, force: true });
    await tokensOf(dataDir, owned.meta).keepGiven();
    return await take(await idleSnapshot(dataDir, copiesDir, owned, request));
  } finally {
    await rm(copiesDir, { recursive: true, force: true });
    await owned.close();
  }
}

/** Null where a process owns it. */
function ownLmdb(dataDir: string): Promise<LmdbStores | null> {
  return openLmdb({ path: join(dataDir, 'lmdb') }).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'DATA_FOLDER_IN_USE') return null;
    throw error;
  });
}

/** Lets the data folder know of it, for the age of its newest back-up; a back-up is whole without that, too. */
async function noted(dataDir: string, { now, onProgress }: BackupRequest): Promise<void> {
  try {
    const owned = await ownLmdb(dataDir);
    if (owned !== null) return await noteBackup(owned.meta, now).finally(() => owned.close());
    const { lines, end } = await ask(controlPath(dataDir), BACKED_UP, { at: now });
    for await (const line of lines) {
      const failure = toldFailure(line);
      if (failure !== null) throw failure;
      break;
    }
    end();
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'INTERNAL';
    onProgress(
      `the back-up is whole; the data folder could not be told so (${code}), and shows an older one`,
    );
  }
}

async function askedSnapshot<T>(
  dataDir: string,
  { warehouse, now }: BackupRequest,
  take: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const asked = warehouse ? SNAPSHOT : SNAPSHOT_WITHOUT_WAREHOUSE;
  const { lines, end } = await ask(controlPath(dataDir), asked, { at: now });
  try {
    for await (const line of lines) {
      const failure = toldFailure(line);
      if (failure !== null) throw failure;
      return await take(line as Snapshot);
    }
    throw new CodedError('BACKUP_BROKEN_OFF');
  } finally {
    end();
  }
}

async function idleSnapshot(
  dataDir: string,
  copiesDir: string,
  lmdb: LmdbStores,
  { warehouse: wanted, now }: BackupRequest,
): Promise<Snapshot> {
  const path = join(dataDir, 'warehouse');
  if (!wanted || !(await isThere(path))) return takeSnapshot(lmdb, null, copiesDir, now);
  for (const name of ARCHIVES) {
    const found = await archiveOf(lmdb, name);
    if (found.to !== found.next) throw new CodedError('BACKUP_UNSETTLED', `It is of ${name}.`);
  }
  const quiet = { info: () => undefined, warn: () => undefined };
  const child = await startWarehouse({ path, copies: copiesDir, log: quiet }).catch((error: unknown) => {
    throw new CodedError('BACKUP_WAREHOUSE', error instanceof Error ? error.message : '', error);
  });
  try {
    const warehouse = { url: child.url, password: child.token, database: DATABASE };
    return await takeSnapshot(lmdb, warehouse, copiesDir, now);
  } finally {
    await child.stop();
  }
}

/** Fills the folder of the back-up. */
async function written(
  dataDir: string,
  { folder, rows, sums }: Snapshot,
  partial: string,
  { keys, vaultKey, warehouse, now, onProgress }: BackupRequest,
): Promise<Manifest> {
  const facts = await factsOf(join(folder, 'lmdb'));
  if (rows === null && warehouse && Object.values(facts.archived).some((next) => next > 0))
    throw new CodedError('BACKUP_WAREHOUSE', 'Nothing is left of it, although the log was archived.');
  await moveFolder(join(folder, 'lmdb'), join(partial, 'lmdb'));
  if (rows !== null) await moveFolder(join(folder, 'warehouse'), join(partial, 'warehouse'));
  // After the log: every key that it refers to is there, and one that was erased meanwhile is not.
  await copyIfThere(join(dataDir, 'lmdb', 'vault-keys'), join(partial, 'lmdb', 'vault-keys'));
  await copyInboxes(join(dataDir, 'inbox'), join(partial, 'inbox'));
  for (const name of [...(keys ? ['seal.key', 'tokens.json'] : []), ...(vaultKey ? ['vault.key'] : [])])
    await copyIfThere(join(dataDir, name), join(partial, name));
  const made = new Date(now).toISOString();
  const all = { format: BACKUP_FORMAT, made, program: version(), ...facts } as const;
  const sum = byteCounter(onProgress);
  return sealBackup(
    partial,
    { ...all, warehouse: rows === null ? null : { rows, ...(sums && { sums }) } },
    sum,
  );
}

/** What the copy itself says, which proves that it can be opened. */
async function factsOf(lmdbDir: string): Promise<Pick<Manifest, 'logs' | 'archived'>> {
  const reading = openLmdbReading(lmdbDir);
  try {
    const logs: Record<string, number> = {};
    for (const name of Object.keys(LOG_NAMES) as LogName[]) logs[name] = await reading.log(name).end(0);
    const archived: Record<string, number> = {};
    for (const name of ARCHIVES) archived[name] = (await archiveOf(reading, name)).next;
    return { logs, archived };
  } finally {
    await reading.close();
    await rm(join(lmdbDir, 'lock.mdb'), { force: true });
  }
}

async function archiveOf({ state }: Pick<LmdbReading, 'state'>, name: string) {
  const found = await checkpointOf<{ readonly next: number; readonly to: number }>(state, `archive/${name}`);
  return found ?? { next: 0, to: 0 };
}

async function copyInboxes(from: string, to: string): Promise<void> {
  const names = (await isThere(from)) ? await readdir(from) : [];
  await mkdir(to, { mode: 0o700 });
  for (const name of names.filter((one) => /^[a-z0-9-]{1,64}\.ndjson$/.test(one)))
    await copyFileHashed(join(from, name), join(to, name));
}

async function copyIfThere(from: string, to: string): Promise<void> {
  await copyFileHashed(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

/** A line of progress now and then. */
export function byteCounter(onProgress: (line: string) => void): (path: string, bytes: number) => void {
  let [files, sum, next] = [0, 0, PROGRESS_BYTES];
  return (_path, bytes) => {
    files += 1;
    sum += bytes;
    if (sum < next) return;
    next = sum + PROGRESS_BYTES;
    onProgress(`${files} files, ${Math.round(sum / 1_000_000)} MB`);
  };
}
