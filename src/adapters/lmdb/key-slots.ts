// The wrapped keys of persons, in a file of slots of their own: LMDB would leave a deleted key in its free pages
// until some later transaction wrote over them, whereas a slot is overwritten where it lies.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { CodedError } from '../../events/coded-error.js';

/** An erased or never written slot is all zeros. */
export const SLOT_BYTES = 64;

/** Calls are queued, so that no two allocate the same slot. */
export class KeySlots {
  readonly #path: string;
  #opening: Promise<FileHandle> | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Runs one change of the vault after the other. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(change);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Appends slots, durable once it resolves, and returns the number of the first. */
  async append(slots: readonly Buffer[]): Promise<number> {
    const file = await this.#file();
    const { size } = await file.stat();
    // A slot that a crash tore was never referred to.
    const first = Math.ceil(size / SLOT_BYTES);
    await writeWhole(file, Buffer.concat(slots), first * SLOT_BYTES);
    return first;
  }

  /** The content of a slot, or undefined where it was erased. */
  async read(slot: number): Promise<Buffer | undefined> {
    const file = await this.#file();
    const content = Buffer.alloc(SLOT_BYTES);
    await file.read(content, 0, SLOT_BYTES, slot * SLOT_BYTES);
    return content.every((byte) => byte === 0) ? undefined : content;
  }

  /** Overwrites a slot, durably. */
  async erase(slot: number): Promise<void> {
    await writeWhole(await this.#file(), Buffer.alloc(SLOT_BYTES), slot * SLOT_BYTES);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
    const file = await this.#opening?.catch(() => undefined);
    await file?.close();
  }

  #file(): Promise<FileHandle> {
    if (this.#closed) return Promise.reject(new CodedError('STORE_CLOSED'));
    this.#opening ??= open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    return this.#opening;
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  try {
    for (let written = 0; written < bytes.byteLength;) {
      const part = await file.write(bytes, written, bytes.byteLength - written, position + written);
      written += part.bytesWritten;
    }
    await file.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CodedError(
      code === 'ENOSPC' || code === 'EDQUOT' ? 'STORE_FULL' : 'STORE_WRITE_FAILED',
      '',
      error,
    );
  }
}
