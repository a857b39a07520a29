// A back-up as a folder: sealed by its manifest when it is whole, checked against it before anything is taken from it.
import { createHash } from 'node:crypto';
import { lstat, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../events/coded-error.js';
import { copyFileHashed, filesBelow, hashFile, syncTree, type Content } from './files.js';
import {
  BACKUP_LIMITS,
  DIGEST_FILE,
  MANIFEST_FILE,
  parseManifest,
  type BackupFile,
  type Manifest,
} from './manifest.js';

/** Hears of each file that was read, with its bytes. */
export type OnFile = (path: string, bytes: number) => void;

/** Where the files of a back-up go that is read. */
export interface Placing {
  /** Hears of the manifest before any file is placed. */
  readonly begin: (manifest: Manifest) => Promise<void>;
  /** The place of a file, whose folder is there; null for one that is only looked at. */
  readonly place: (file: BackupFile) => Promise<string | null>;
}

/** Writes the manifest over all files of a folder and flushes everything. The folder is not yet under its name. */
export async function sealBackup(
  folder: string,
  facts: Omit<Manifest, 'files'>,
  onFile: OnFile,
): Promise<Manifest> {
  const files: BackupFile[] = [];
  for (const path of await filesBelow(folder)) {
    files.push({ path, ...(await hashFile(join(folder, path), true)) });
    onFile(path, files.at(-1)?.bytes ?? 0);
  }
  const text = `${JSON.stringify({ ...facts, files }, null, 1)}\n`;
  // What is written is what a restore will take.
  const manifest = parseManifest(text);
  await writeDurably(join(folder, MANIFEST_FILE), text);
  await writeDurably(join(folder, DIGEST_FILE), digestLine(text));
  await syncTree(folder);
  return manifest;
}

/**
 * The manifest of a back-up, itself as it was written; its files are not looked at.
 * @throws CodedError BACKUP_INCOMPLETE, BACKUP_DAMAGED, BACKUP_NEWER, BACKUP_MANIFEST
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readSmall(folder, MANIFEST_FILE);
  const digest = await readSmall(folder, DIGEST_FILE);
  if (digest !== digestLine(text))
    throw new CodedError('BACKUP_DAMAGED', `${join(folder, MANIFEST_FILE)} has another digest.`);
  return parseManifest(text);
}

/** Reads every file of the manifest. @throws CodedError BACKUP_DAMAGED for the first that is not as it was written */
export async function verifyFiles(
  folder: string,
  files: readonly BackupFile[],
  onFile: OnFile,
): Promise<void> {
  for (const file of files) {
    const found = await lookedAt(join(folder, file.path), () => hashFile(join(folder, file.path)));
    checkContent(folder, file, found);
    onFile(file.path, file.bytes);
  }
}

/** Copies files of the manifest to their places, and checks them once more as they pass. */
export async function copyFiles(
  folder: string,
  files: readonly BackupFile[],
  place: Placing['place'],
  onFile: OnFile,
): Promise<void> {
  for (const file of files) {
    const to = await place(file);
    if (to === null) continue;
    checkContent(folder, file, await copyFileHashed(join(folder, file.path), to));
    onFile(file.path, file.bytes);
  }
}

/** @throws CodedError BACKUP_DAMAGED where a file is not as the manifest has it */
export function checkContent(
  folder: string,
  { path, bytes, sha256: expected }: BackupFile,
  found: Content,
): void {
  if (found.bytes === bytes && found.sha256 === expected) return;
  const what = found.bytes === bytes ? 'has another SHA-256' : `has ${found.bytes} bytes and not ${bytes}`;
  throw new CodedError('BACKUP_DAMAGED', `${join(folder, path)} ${what}.`);
}

async function lookedAt<T>(path: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new CodedError('BACKUP_DAMAGED', `${path} cannot be read: ${code}.`, error);
  }
}

async function readSmall(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.size > BACKUP_LIMITS.manifestBytes)
      throw new CodedError('BACKUP_INCOMPLETE', `${path} is no file of a manifest.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new CodedError('BACKUP_INCOMPLETE', `${path}: ${code}.`, error);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What stands in the file of the digest, as `sha256sum` writes it. */
export function digestLine(manifest: string): string {
  return `${createHash('sha256').update(manifest).digest('hex')}  ${MANIFEST_FILE}\n`;
}
