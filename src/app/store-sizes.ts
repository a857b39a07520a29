// What the stores of a data folder hold on the disk, by store.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sample } from './metrics.js';

/** A warehouse has thousands of files: what was found stands for so long. */
const STANDS_MS = 60_000;
/** The system counts what a file takes up in blocks of so many bytes. */
const BLOCK_BYTES = 512;

export class StoreSizes {
  private known: readonly Sample[] = [];
  private knownAt = -Infinity;
  private walking: Promise<readonly Sample[]> | null = null;

  /**
   * @param folders by store
   * @param now epoch ms
   */
  constructor(
    private readonly folders: Readonly<Record<string, string>>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Bytes by store, at most a minute old; a store whose folder is not there has none. */
  async read(): Promise<readonly Sample[]> {
    if (this.now() - this.knownAt < STANDS_MS) return this.known;
    this.walking ??= this.walk().finally(() => (this.walking = null));
    return this.walking;
  }

  private async walk(): Promise<readonly Sample[]> {
    const known: Sample[] = [];
    for (const [store, folder] of Object.entries(this.folders)) {
      const bytes = await sizeOf(folder, new Set());
      if (bytes !== null) known.push([[store], bytes]);
    }
    [this.known, this.knownAt] = [known, this.now()];
    return known;
  }
}

/**
 * Bytes that the files below a folder take up on the disk, each counted once however many names it has.
 * @param counted files with several names that were met
 * @returns null where it is not there; what goes while it is read counts nothing
 */
async function sizeOf(folder: string, counted: Set<string>): Promise<number | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(missing);
  if (entries === null) return null;
  let bytes = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      bytes += (await sizeOf(path, counted)) ?? 0;
      continue;
    }
    const found = await lstat(path).catch(missing);
    if (found === null) continue;
    const file = `${found.dev} ${found.ino}`;
    if (found.nlink > 1 && counted.has(file)) continue;
    if (found.nlink > 1) counted.add(file);
    bytes += found.blocks * BLOCK_BYTES;
  }
  return bytes;
}

function missing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
