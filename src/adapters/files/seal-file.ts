// The simplest holder of seals: a file that is only ever appended to, on a medium of the operator's choice.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { HandedSeal, SealHolder, TakeResult } from '../../ports/seal-holder.js';
import { syncFolder } from './sync-folder.js';

/** So much of the file's end is read, the seals of many months. */
export const SEAL_TAIL_BYTES = 4 * 1024 * 1024;
const SEALS_AT_ONCE = 100;
const NEWLINE = 0x0a;

/**
 * A holder that appends each signed seal as one line of JSON. The file may be one that the system lets nobody rewrite
 * (`chattr +a`, a share that only adds): nothing in it is ever cut or overwritten, and a line torn by a crash stays as
 * a line that is no seal. A file that holds another seal of the same number, or lacks seals before the next one, is
 * not appended to: somebody has changed it, or the data folder. An operator may move it away; a new one is begun.
 */
export function openSealFile(path: string): SealHolder {
  const whole = resolve(path);
  const name = `file-${createHash('sha256').update(whole).digest('hex').slice(0, 16)}`;
  return { name, atOnce: SEALS_AT_ONCE, take: (seals) => take(whole, seals) };
}

async function take(path: string, seals: readonly HandedSeal[]): Promise<TakeResult> {
  try {
    const file = await openToAppend(path);
    try {
      if (!(await file.stat()).isFile()) return refused(path, 'it is no regular file.');
      const held = await readHeld(file);
      const missing: HandedSeal[] = [];
      for (const seal of seals) {
        const reason = refusalOf(seal, held, missing.length);
        if (reason !== null) return refused(path, reason);
        if (!held.ids.has(seal.number)) missing.push(seal);
      }
      await append(file, held.torn, missing);
      await file.sync();
      await syncFolder(dirname(path));
    } finally {
      await file.close();
    }
    return { ok: true };
  } catch (error) {
    return refused(path, error instanceof Error ? error.message : String(error));
  }
}

function openToAppend(path: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  return open(path, O_RDWR | O_CREAT | O_APPEND | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0), 0o640);
}

/** What the end of a file holds. */
interface Held {
  readonly ids: ReadonlyMap<number, string>;
  /** The greatest number; null where it holds no seal. */
  readonly last: number | null;
  /** Its last line has no end. */
  readonly torn: boolean;
}

async function readHeld(file: FileHandle): Promise<Held> {
  const { size } = await file.stat();
  const start = Math.max(0, size - SEAL_TAIL_BYTES);
  const tail = Buffer.alloc(size - start);
  let length = 0;
  for (let read = -1; read !== 0 && length < tail.byteLength; length += read) {
    read = (await file.read(tail, length, tail.byteLength - length, start + length)).bytesRead;
  }
  const ids = new Map<number, string>();
  for (const line of tail.toString('utf8', 0, length).split('\n')) {
    const seal = sealOf(line);
    if (seal !== null) ids.set(seal.number, seal.id);
  }
  const last = ids.size === 0 ? null : Math.max(...ids.keys());
  return { ids, last, torn: length > 0 && tail[length - 1] !== NEWLINE };
}

/** Why a seal may not be appended, or null where it may, or is there already. */
function refusalOf({ number, id }: HandedSeal, { ids, last }: Held, before: number): string | null {
  if (last === null) return null;
  if (number > last + 1 + before)
    return `it ends with seal ${last}, and seal ${last + 1} to ${number - 1} are missing; move it away.`;
  if (number > last || ids.get(number) === id) return null;
  return `it holds another seal ${number}, or later ones: it belongs to another state of the data folder.`;
}

async function append(file: FileHandle, torn: boolean, seals: readonly HandedSeal[]): Promise<void> {
  if (seals.length === 0 && !torn) return;
  const text = `${torn ? '\n' : ''}${seals.map(({ line }) => `${line}\n`).join('')}`;
  const bytes = Buffer.from(text);
  const { bytesWritten } = await file.write(bytes, 0, bytes.byteLength);
  if (bytesWritten !== bytes.byteLength) throw new Error('the disk took only a part.');
}

function sealOf(line: string): { readonly number: number; readonly id: string } | null {
  try {
    const { id, seal } = JSON.parse(line) as { id?: unknown; seal?: { number?: unknown } };
    const number = seal?.number;
    return typeof id === 'string' && typeof number === 'number' ? { number, id } : null;
  } catch {
    return null;
  }
}

function refused(path: string, reason: string): TakeResult {
  return { ok: false, reason: `${path}: ${reason}` };
}
