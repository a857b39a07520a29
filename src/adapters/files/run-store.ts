// Runs of a sort as files without a name: nobody else can open them, and they are gone when the process is, however it ends.
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../events/coded-error.js';
import type { RunStore, StoredRun } from '../../ports/run-store.js';

/** Bytes read and written at a time. */
const PAGE_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;

/**
 * A run is a sequence of
 *
 *     length u32, little-endian | record of that length
 *
 * @param folder where the files lie for the instant between being made and losing their names
 */
export function openRunStore(folder = tmpdir()): RunStore {
  const handles = new Set<FileHandle>();
  return {
    write: async (pages) => {
      try {
        const handle = await nameless(folder);
        handles.add(handle);
        const size = await writeAll(handle, pages);
        return runOf(handle, size, () => handles.delete(handle));
      } catch (error) {
        if (error instanceof CodedError) throw error;
        throw new CodedError('FILE_WRITE', `Events to be sorted do not fit in ${folder}; set TMPDIR.`, error);
      }
    },
    close: async () => {
      const open = [...handles];
      handles.clear();
      await Promise.all(open.map((handle) => handle.close()));
    },
  };
}

/** A file that has no name any more when it is written to: personal values are still clear in it. */
async function nameless(folder: string): Promise<FileHandle> {
  const own = await mkdtemp(join(folder, 'fenghuo-sort-'));
  try {
    return await open(join(own, 'run'), 'wx+', 0o600);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function writeAll(handle: FileHandle, pages: AsyncIterable<readonly Uint8Array[]>): Promise<number> {
  let size = 0;
  for await (const records of pages) {
    const page = Buffer.alloc(records.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
    let at = 0;
    for (const record of records) {
      at = page.writeUInt32LE(record.length, at);
      page.set(record, at);
      at += record.length;
    }
    for (let done = 0; done < page.length;) {
      done += (await handle.write(page, done, page.length - done, size + done)).bytesWritten;
    }
    size += page.length;
  }
  return size;
}

function runOf(handle: FileHandle, size: number, forget: () => boolean): StoredRun {
  return {
    read: () => recordsOf(handle, size),
    drop: async () => {
      if (forget()) await handle.close();
    },
  };
}

async function* recordsOf(handle: FileHandle, size: number): AsyncGenerator<readonly Uint8Array[]> {
  let rest = Buffer.alloc(0);
  for (let place = 0; place < size;) {
    const page = Buffer.alloc(Math.min(PAGE_BYTES, size - place));
    const { bytesRead } = await handle.read(page, 0, page.length, place);
    if (bytesRead === 0)
      throw new CodedError('FILE_READ', 'A run of the sort is shorter than it was written.');
    place += bytesRead;
    const bytes = Buffer.concat([rest, page.subarray(0, bytesRead)]);
    const records: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readUInt32LE(at);
      if (end > bytes.length) break;
      records.push(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    rest = bytes.subarray(at);
    if (records.length > 0) yield records;
  }
}
