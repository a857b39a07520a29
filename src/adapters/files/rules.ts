// Files as adapters: the rules folder read as text, and the inboxes that departments read as NDJSON.
import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CodedError } from '../../events/coded-error.js';

/** Bounds on a rules folder; far above what people write, so what exceeds them is a mistake. */
export const RULES_LIMITS = {
  files: 10_000,
  fileBytes: 1024 * 1024,
  totalBytes: 64 * 1024 * 1024,
  depth: 16,
  entries: 100_000,
} as const;

interface Reading {
  readonly root: string;
  readonly texts: Map<string, string>;
  totalBytes: number;
  entries: number;
}

/**
 * Reads every `*.yaml` under a folder, tests of models included.
 * Names that begin with a dot are left out. A link counts where it leads to a file inside the folder, as in a
 * mounted ConfigMap; any other link to a YAML file or folder is an error rather than a rule silently missing.
 * @returns text by path relative to the folder, with `/` between the parts, in the order of the paths.
 * @throws CodedError RULES_FOLDER, RULES_FILE, RULES_LINK or RULES_TOO_LARGE, naming the path.
 */
export async function readRules(dir: string): Promise<Map<string, string>> {
  let root: string;
  try {
    root = await realpath(dir);
  } catch (error) {
    throw new CodedError('RULES_FOLDER', `The folder is ${dir}.`, error);
  }
  const reading: Reading = { root, texts: new Map(), totalBytes: 0, entries: 0 };
  await readFolder(reading, '', 1);
  return new Map([...reading.texts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function readFolder(reading: Reading, folder: string, depth: number): Promise<void> {
  if (depth > RULES_LIMITS.depth) {
    throw new CodedError('RULES_TOO_LARGE', `${folder} is more than ${RULES_LIMITS.depth} folders deep.`);
  }
  let entries;
  try {
    entries = await readdir(join(reading.root, folder), { withFileTypes: true });
  } catch (error) {
    throw new CodedError('RULES_FOLDER', `The folder is ${folder === '' ? reading.root : folder}.`, error);
  }
  reading.entries += entries.length;
  if (reading.entries > RULES_LIMITS.entries) {
    throw new CodedError('RULES_TOO_LARGE', `It has more than ${RULES_LIMITS.entries} entries.`);
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) await readFolder(reading, path, depth + 1);
    else if (entry.name.endsWith('.yaml')) await readRule(reading, path);
    else if (entry.isSymbolicLink() && (await leadsToFolder(reading, path)))
      throw new CodedError('RULES_LINK', path);
  }
}

async function leadsToFolder(reading: Reading, path: string): Promise<boolean> {
  return readdir(join(reading.root, path)).then(
    () => true,
    () => false,
  );
}

async function readRule(reading: Reading, path: string): Promise<void> {
  const bytes = await readBytes(reading, path);
  reading.totalBytes += bytes.byteLength;
  if (reading.texts.size === RULES_LIMITS.files) {
    throw new CodedError('RULES_TOO_LARGE', `It has more than ${RULES_LIMITS.files} files.`);
  }
  if (reading.totalBytes > RULES_LIMITS.totalBytes) {
    throw new CodedError('RULES_TOO_LARGE', `Its files have more than ${RULES_LIMITS.totalBytes} bytes.`);
  }
  try {
    // The decoder drops a byte order mark, which editors on Windows put first.
    reading.texts.set(path, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CodedError('RULES_FILE', `${path} is not UTF-8.`, error);
  }
}

async function readBytes(reading: Reading, path: string): Promise<Buffer> {
  let file;
  try {
    const real = await realpath(join(reading.root, path));
    if (!real.startsWith(reading.root + sep)) throw new CodedError('RULES_LINK', path);
    // The resolved path has no link left; one put in its place since is not followed, a pipe not waited for.
    file = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stats = await file.stat();
    if (!stats.isFile()) throw new CodedError(stats.isDirectory() ? 'RULES_LINK' : 'RULES_FILE', path);
    // One byte more than allowed, so that a file that grows meanwhile is found out as well.
    const content = Buffer.alloc(Math.min(stats.size, RULES_LIMITS.fileBytes) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < content.byteLength; length += read) {
      read = (await file.read(content, length, content.byteLength - length, length)).bytesRead;
    }
    if (length > RULES_LIMITS.fileBytes) {
      throw new CodedError('RULES_TOO_LARGE', `${path} has more than ${RULES_LIMITS.fileBytes} bytes.`);
    }
    return content.subarray(0, length);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('RULES_FILE', path, error);
  } finally {
    await file?.close();
  }
}
