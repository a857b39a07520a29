// Files of the rules folder written: whole or not at all, and never through a link.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CodedError } from '../../events/coded-error.js';

const BYTE_ORDER_MARK = '\u{FEFF}';
const MODE = 0o777;
const NEW_MODE = 0o644;

/** Whether the name in a rules folder is a link, which leads to a file that has a name of its own. */
export async function isLink(dir: string, path: string): Promise<boolean> {
  return (await lstat(join(dir, path))).isSymbolicLink();
}

/**
 * Puts a text in the place of another. A byte order mark stays, and who may read the file.
 * @param path of the file relative to the folder, as `readRules` gives it
 * @param before the text that was read
 * @throws CodedError RULES_LINK where a link leads to the file, FILE_WRITE where it is not as it was read, or cannot
 *   be written; it is then as it was
 */
export async function writeRule(dir: string, path: string, before: string, after: string): Promise<void> {
  try {
    const folder = join(await realpath(dir), dirname(path));
    if ((await realpath(folder)) !== folder) throw new CodedError('RULES_LINK', path);
    const target = join(folder, basename(path));
    const { mark, mode } = await checkUnchanged(path, target, before);
    // Names that begin with a dot are no rules.
    const aside = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
    try {
      await writeNew(aside, mark + after, mode);
      await rename(aside, target);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('FILE_WRITE', `${path}: ${error instanceof Error ? error.message : ''}`, error);
  }
}

/**
 * Makes a file that is not there yet, whole or not at all; folders on the way are made.
 * @param path relative to the folder, of checked names only
 * @throws CodedError RULES_LINK where a link lies on the way, FILE_WRITE where there is something, or it cannot be
 *   written
 */
export async function createRule(dir: string, path: string, text: string): Promise<void> {
  try {
    const root = await realpath(dir);
    const folder = join(root, dirname(path));
    // Before anything is made below it: a link on the way would lead elsewhere.
    let known = root;
    for (const part of dirname(path).split('/')) {
      known = join(known, part);
      const found = await lstat(known).catch(() => null);
      if (found === null) break;
      if (!found.isDirectory()) throw new CodedError('RULES_LINK', path);
    }
    await mkdir(folder, { recursive: true });
    const aside = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
    try {
      await writeNew(aside, text, NEW_MODE);
      // Unlike a renaming, this never takes the place of another file.
      await link(aside, join(folder, basename(path)));
    } finally {
      await rm(aside, { force: true });
    }
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const why = isThere ? 'there is such a file already' : error instanceof Error ? error.message : '';
    throw new CodedError('FILE_WRITE', `${path}: ${why}`, error);
  }
}

/** Takes back a file that was just created. */
export async function removeCreated(dir: string, path: string): Promise<void> {
  await rm(join(dir, path), { force: true });
}

async function checkUnchanged(
  path: string,
  target: string,
  before: string,
): Promise<{ readonly mark: string; readonly mode: number }> {
  if ((await lstat(target)).isSymbolicLink()) throw new CodedError('RULES_LINK', path);
  return using(await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)), async (file) => {
    const { mode } = await file.stat();
    const now = await file.readFile('utf8');
    const mark = now.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
    if (now !== mark + before) throw new CodedError('FILE_WRITE', `${path} has changed since it was read.`);
    return { mark, mode: mode & MODE };
  });
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await using(await open(path, 'wx', 0o600), async (file) => {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
  });
}

async function using<T>(file: FileHandle, work: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
