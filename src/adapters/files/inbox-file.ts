// One inbox file: what it holds after a start or a crash, and appending to it durably.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../events/coded-error.js';
import { syncFolder } from './sync-folder.js';

export const INBOX_TAIL_BYTES = 16 * 1024 * 1024;

/** A last line that is torn, and grows no more within this time, was left so by a crash; else somebody is writing it. */
const SETTLED_MS = 20;
const SETTLING_ATTEMPTS = 50;

/** What is known of a file: as long as inode and size agree, nobody else has touched it. */
export interface Seen {
  /** Oldest first. */
  readonly ids: Set<string>;
  inode: bigint;
  /** Every byte up to here is durable, and the last of them ends a line; NaN where another has written meanwhile. */
  size: number;
}

/**
 * Opens a file for appending, without following a link. A file that is new to this process has its torn last line
 * cut off, the ids of its tail read, and is flushed, so that what is acknowledged as already there is durable too.
 * @throws CodedError INBOX_FILE where it is no regular file.
 */
export async function openInboxFile(
  path: string,
  known: Seen | undefined,
): Promise<{ file: FileHandle; seen: Seen }> {
  const file = await openFile(path);
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new CodedError('INBOX_FILE');
    const size = Number(stats.size);
    if (known !== undefined && known.inode === stats.ino && known.size === size) return { file, seen: known };
    // A file that was renamed away took its lines along; their ids stay known.
    const seen: Seen = { ids: known?.ids ?? new Set(), inode: stats.ino, size };
    await readTail(file, seen);
    await file.sync();
    await syncFolder(dirname(path));
    return { file, seen };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Appends lines in one write, which lands whole behind whatever others append; durable once it resolves, and taken back
 * where it fails half-way and nobody has written since.
 */
export async function appendLines(file: FileHandle, seen: Seen, lines: string): Promise<void> {
  const bytes = Buffer.from(lines);
  let written = 0;
  try {
    ({ bytesWritten: written } = await file.write(bytes, 0, bytes.byteLength, null));
    if (written !== bytes.byteLength) throw new CodedError('INBOX_WRITE', 'The disk took only a part.');
    await file.sync();
  } catch (error) {
    // If this fails as well, the next opening finds whole lines and cuts the torn one.
    if ((await sizeOf(file)) === seen.size + written) await file.truncate(seen.size).catch(() => undefined);
    throw error;
  }
  const size = seen.size + written;
  seen.size = (await sizeOf(file)) === size ? size : NaN;
}

/** NaN where it cannot be told. */
async function sizeOf(file: FileHandle): Promise<number> {
  return file.stat().then(
    ({ size }) => size,
    () => NaN,
  );
}

async function openFile(path: string): Promise<FileHandle> {
  const noFollow = constants.O_NOFOLLOW ?? 0;
  const noWait = constants.O_NONBLOCK ?? 0;
  try {
    return await open(
      path,
      constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | noFollow | noWait,
      0o640,
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO')
      throw new CodedError('INBOX_FILE', '', error);
    throw error;
  }
}

async function readTail(file: FileHandle, seen: Seen): Promise<void> {
  const { start, tail, length, end } = await settledTail(file, seen);
  if (length > 0 && end < length) {
    // A line over the whole tail is none of ours: to cut it would cut what somebody else put there.
    if (end === 0 && start > 0)
      throw new CodedError('INBOX_FILE', 'Its last line is longer than any delivery.');
    await file.truncate(start + end);
    seen.size = start + end;
  }
  // The first line of a tail that starts in the middle of the file may be half a line.
  let from = start === 0 ? 0 : tail.indexOf(0x0a) + 1;
  while (from < end) {
    const newline = tail.indexOf(0x0a, from);
    const id = idOf(tail.toString('utf8', from, newline));
    if (id !== undefined) {
      // Added last, so that order is that of the file.
      seen.ids.delete(id);
      seen.ids.add(id);
    }
    from = newline + 1;
  }
}

/** The tail once no line in it is being written: it ends with one, or with what a crash left of one. */
async function settledTail(file: FileHandle, seen: Seen) {
  for (let attempt = 1; ; attempt++) {
    const start = Math.max(0, seen.size - INBOX_TAIL_BYTES);
    const tail = Buffer.alloc(seen.size - start);
    let length = 0;
    for (let read = -1; read !== 0 && length < tail.byteLength; length += read) {
      read = (await file.read(tail, length, tail.byteLength - length, start + length)).bytesRead;
    }
    const end = tail.lastIndexOf(0x0a, length - 1) + 1;
    if (end === length) return { start, tail, length, end };
    if (attempt === SETTLING_ATTEMPTS)
      throw new CodedError('INBOX_WRITE', 'Others write to it all the time.');
    await delay(SETTLED_MS);
    const { size } = await file.stat();
    if (size === seen.size) return { start, tail, length, end };
    seen.size = size;
  }
}

/** The id of a line; undefined for a line that is none of ours. */
function idOf(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
    return typeof value.id === 'string' ? value.id : undefined;
  } catch {
    return undefined;
  }
}
