// The files of back-ups: written durably, hashed as they pass, never through a link.
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { cp, lstat, open, readdir, rename, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../events/coded-error.js';
import type { Code } from '../../events/codes.js';
import { BACKUP_LIMITS } from './manifest.js';

const BLOCK_BYTES = 1024 * 1024;

/** What a file holds. */
export interface Content {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Copies a regular file into one that is not there yet, of mode 0600, and flushes it.
 * @param most no more of it than so many bytes
 */
export async function copyFileHashed(from: string, to: string, most = Infinity): Promise<Content> {
  // Before the target, which is not made of a file that is not there.
  const source = await openRegular(from);
  try {
    return await writeHashed(blocksIn(source, most), to);
  } finally {
    await source.close();
  }
}

/** Writes what comes into a file that is not there yet, of mode 0600, and flushes it. @param to null only counts and hashes */
export async function writeHashed(blocks: AsyncIterable<Uint8Array>, to: string | null): Promise<Content> {
  const target = to === null ? null : await open(to, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const block of blocks) {
      hash.update(block);
      bytes += block.length;
      for (let at = 0; target !== null && at < block.length;)
        at += (await target.write(block, at, block.length - at)).bytesWritten;
    }
    await target?.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await target?.close();
  }
}

/** What a regular file holds, in blocks that are whose they are given to. */
export async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  const file = await openRegular(path);
  try {
    yield* blocksIn(file, Infinity);
  } finally {
    await file.close();
  }
}

async function* blocksIn(file: FileHandle, most: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < most;) {
    const buffer = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, most - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Hashes a regular file. @param flush whether it is to be on the disk afterwards */
export async function hashFile(path: string, flush = false): Promise<Content> {
  if (flush) {
    const file = await openRegular(path);
    await file.sync().finally(() => file.close());
  }
  return writeHashed(blocksOf(path), null);
}

/** Paths of the regular files below a folder, with `/` between, in order. @throws CodedError BACKUP_TARGET for others */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (prefix: string): Promise<void> => {
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) found.push(path);
      else throw new CodedError('BACKUP_TARGET', `${join(folder, path)} is neither a file nor a folder.`);
      if (found.length > BACKUP_LIMITS.files)
        throw new CodedError('BACKUP_TARGET', `${folder} has more than ${BACKUP_LIMITS.files} files.`);
    }
  };
  await walk('');
  return found.sort();
}

/** Makes the names of a folder and of all below it durable. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await syncTree(join(folder, entry.name));
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a folder, onto another disk where need be. */
export async function moveFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, force: false, errorOnExist: true });
  }
}

/**
 * Visits all below a path but folders, or what is at it. What vanishes meanwhile is passed over.
 * @returns false where there is nothing
 */
export async function visitFiles(path: string, visit: (stats: Stats) => void): Promise<boolean> {
  try {
    const stats = await lstat(path);
    if (!stats.isDirectory()) visit(stats);
    else for (const name of await readdir(path)) await visitFiles(join(path, name), visit);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Bytes of all regular files below a folder, or of a file; 0 where there is none. What vanishes meanwhile is passed over. */
export async function sizeOf(path: string): Promise<number> {
  let bytes = 0;
  await visitFiles(path, (stats) => {
    if (stats.isFile()) bytes += stats.size;
  });
  return bytes;
}

/** @throws CodedError BACKUP_SPACE where a disk has less room than is needed */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > bytes) return;
  const megabytes = (count: number) => `${Math.ceil(count / 1_000_000)} MB`;
  const room = `${folder} has room for ${megabytes(bavail * bsize)}, and ${megabytes(bytes)} are needed.`;
  throw new CodedError('BACKUP_SPACE', room);
}

/** What the system refused while files were written, as an error that says what to do. */
export function fileFailure(error: unknown, otherwise: Code): unknown {
  if (error instanceof CodedError) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new CodedError('BACKUP_SPACE', path ?? '', error);
  return new CodedError(otherwise, `${path ?? ''}: ${code}.`, error);
}

async function openRegular(path: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0));
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error('no regular file'), { code: 'EINVAL', path });
}
