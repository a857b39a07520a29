// What a back-up or a data folder is called until it is whole, and what runs that were killed left under such names.
import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Longer than any run writes nothing, be it that a process copies a large log for it. */
export const ORPHAN_MS = 12 * 3_600_000;

const RANDOM_BYTES = 6;
const RANDOM = new RegExp(`^[0-9a-f]{${RANDOM_BYTES * 2}}$`);

/** A new name beside the target, for it until it is whole. */
export function partialOf(target: string): string {
  return join(dirname(target), prefixOf(target) + randomBytes(RANDOM_BYTES).toString('hex'));
}

/**
 * Removes what runs for the same target left that were killed: seal.key may be in it. What was written to within
 * `ORPHAN_MS` may be of a run that goes on, and stays.
 * @param onProgress hears of each that was found
 */
export async function clearPartials(
  target: string,
  now: number,
  onProgress: (line: string) => void,
): Promise<void> {
  const prefix = prefixOf(target);
  for (const name of await namesIn(dirname(target))) {
    if (!name.startsWith(prefix) || !RANDOM.test(name.slice(prefix.length))) continue;
    const path = join(dirname(target), name);
    try {
      if (now - (await writtenAt(path)) < ORPHAN_MS) {
        onProgress(`${path} was written to lately: remove it where no other run for this target goes on`);
        continue;
      }
      await rm(path, { recursive: true, force: true });
      onProgress(`${path} was left by a run that was killed, and is removed`);
    } catch (error) {
      // What others own is no reason to have no back-up.
      const { code = '' } = error as NodeJS.ErrnoException;
      onProgress(`${path} was left by a run that was killed, and cannot be removed (${code})`);
    }
  }
}

function prefixOf(target: string): string {
  return `.${basename(target)}.partial-`;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
}

/** When it, or anything below it, was written to last, epoch ms. */
async function writtenAt(path: string): Promise<number> {
  const stats = await lstat(path);
  let latest = stats.mtimeMs;
  if (stats.isDirectory())
    for (const name of await readdir(path)) latest = Math.max(latest, await writtenAt(join(path, name)));
  return latest;
}
