// What the stores of a data folder hold on the disk, by store.
import { visitFiles } from '../adapters/backups/files.js';
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
      const bytes = await occupiedBy(folder);
      if (bytes !== null) known.push([[store], bytes]);
    }
    [this.known, this.knownAt] = [known, this.now()];
    return known;
  }
}

/**
 * Bytes that the files below a folder take up on the disk, holes aside, each counted once however many names it has.
 * @returns null where it is not there; what goes while it is read counts nothing
 */
async function occupiedBy(folder: string): Promise<number | null> {
  const counted = new Set<string>();
  let bytes = 0;
  const isThere = await visitFiles(folder, ({ dev, ino, nlink, blocks }) => {
    const file = `${dev} ${ino}`;
    if (nlink > 1 && counted.has(file)) return;
    if (nlink > 1) counted.add(file);
    bytes += blocks * BLOCK_BYTES;
  });
  return isThere ? bytes : null;
}
