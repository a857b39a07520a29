// The files of back-ups: written durably, hashed as they pass, never through a link.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
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
  const source = await openRegular(from);
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const content = await hashed(source, most, async (block) => {
        for (let at = 0; at < block.length;)
          at += (await target.write(block, at, block.length - at)).bytesWritten;
      });
      await target.sync();
      return content;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Hashes a regular file. @param flush whether it is to be on the disk afterwards */
export async function hashFile(path: string, flush = false): Promise<Content> {
  const file = await openRegular(path);
  try {
    if (flush) await file.sync();
    return await hashed(file, Infinity, async () => undefined);
  } finally {
    await file.close();
  }
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

/** Bytes of all regular files below a folder, or of a file; 0 where there is none. What vanishes meanwhile is passed over. */
export async function sizeOf(path: string): Promise<number> {
  try {
    const stats = await lstat(path);
    if (!stats.isDirectory()) return stats.isFile() ? stats.size : 0;
    let bytes = 0;
    for (const name of await readdir(path)) bytes += await sizeOf(join(path, name));
    return bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
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

async function hashed(
  file: FileHandle,
  most: number,
  take: (block: Buffer) => Promise<unknown>,
): Promise<Content> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  let bytes = 0;
  while (bytes < most) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(BLOCK_BYTES, most - bytes), bytes);
    if (bytesRead === 0) break;
    const block = buffer.subarray(0, bytesRead);
    hash.update(block);
    await take(block);
    bytes += bytesRead;
  }
  return { bytes, sha256: hash.digest('hex') };
}
