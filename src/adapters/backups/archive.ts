// A back-up as one stream of tar: its manifest comes first, so that whoever reads it checks each file as it passes.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Header, Parser, Pax, type ReadEntry } from 'tar';
import { CodedError } from '../../events/coded-error.js';
import { blocksOf, writeHashed, type Content } from './files.js';
import { checkContent, digestLine, type OnFile, type Placing } from './folder.js';
import {
  BACKUP_LIMITS,
  DIGEST_FILE,
  MANIFEST_FILE,
  parseManifest,
  type BackupFile,
  type Manifest,
} from './manifest.js';

const BLOCK_BYTES = 512;
/** The end of an archive. */
const END = Buffer.alloc(2 * BLOCK_BYTES);

/**
 * The bytes of an archive of a back-up's folder.
 * @throws CodedError BACKUP_DAMAGED where a file is no longer as the manifest has it
 */
export async function* archived(
  folder: string,
  { made, files }: Manifest,
  onFile: OnFile,
): AsyncGenerator<Buffer> {
  const mtime = new Date(made);
  for (const name of [MANIFEST_FILE, DIGEST_FILE]) {
    const blocks: Buffer[] = [];
    for await (const block of blocksOf(join(folder, name))) blocks.push(block);
    const text = Buffer.concat(blocks);
    yield* [head(name, text.length, mtime), text, padding(text.length)];
  }
  for (const file of files) {
    yield head(file.path, file.bytes, mtime);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const block of blocksOf(join(folder, file.path))) {
      hash.update(block);
      bytes += block.length;
      yield block;
    }
    checkContent(folder, file, { bytes, sha256: hash.digest('hex') });
    yield padding(bytes);
    onFile(file.path, bytes);
  }
  yield END;
}

/**
 * Reads an archive, clear or by gzip, and puts its files where they are wanted. Nothing but regular files of the manifest
 * is taken, each once and of the bytes that it names, whatever the archive says besides.
 * @throws CodedError BACKUP_INCOMPLETE, BACKUP_DAMAGED, BACKUP_NEWER, BACKUP_MANIFEST; what was written by then stays
 */
export async function unpack(source: Readable, placing: Placing, onFile: OnFile): Promise<Manifest> {
  const reader = new ArchiveReader(placing, onFile);
  const parser = new Parser({ strict: true });
  let taken: Promise<void> = Promise.resolve();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  let current: ReadEntry | null = null;
  let isOver = false;
  parser.on('entry', (entry: ReadEntry) => {
    current = entry;
    entry.on('error', () => undefined);
    taken = taken.then(() => (isOver ? undefined : reader.take(entry)));
    taken.catch(fail);
  });
  parser.on('ignoredEntry', ({ path }: ReadEntry) => fail(refused(path, 'is none of its files')));
  parser.on('error', fail);
  const ended = once(parser, 'end');
  ended.catch(() => undefined);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>)
      if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed]);
    parser.end();
    await Promise.race([ended, failed]);
    await Promise.race([taken, failed]);
    return reader.whole();
  } catch (error) {
    // What the parser refuses has a code of its own; all else is of the disk, or of this program.
    const { message, tarCode } = error as Error & { readonly tarCode?: string };
    if (tarCode === undefined) throw error;
    throw new CodedError('BACKUP_DAMAGED', `The archive cannot be read: ${message}.`, error);
  } finally {
    source.destroy();
    isOver = true;
    // Whoever called may take away what was written: nothing is written any more then.
    (current as ReadEntry | null)?.destroy(new Error('broken off'));
    await taken.catch(() => undefined);
  }
}

/** Takes the entries of an archive in turn. */
class ArchiveReader {
  private text: string | null = null;
  private manifest: Manifest | null = null;
  /** Files that have not come yet. */
  private readonly wanted = new Map<string, BackupFile>();

  constructor(
    private readonly placing: Placing,
    private readonly onFile: OnFile,
  ) {}

  async take(entry: ReadEntry): Promise<void> {
    const { path, type, size } = entry;
    if (type !== 'File' && type !== 'OldFile') throw refused(path, `is no file: ${type}`);
    if (this.text === null) {
      if (path !== MANIFEST_FILE)
        throw new CodedError('BACKUP_INCOMPLETE', `It begins with ${shown(path)} and not ${MANIFEST_FILE}.`);
      this.text = await smallText(entry, BACKUP_LIMITS.manifestBytes);
      return;
    }
    if (this.manifest === null) {
      if (path !== DIGEST_FILE || (await smallText(entry, BLOCK_BYTES)) !== digestLine(this.text))
        throw new CodedError('BACKUP_DAMAGED', `${MANIFEST_FILE} has another digest.`);
      this.manifest = parseManifest(this.text);
      for (const file of this.manifest.files) this.wanted.set(file.path, file);
      await this.placing.begin(this.manifest);
      return;
    }
    const file = this.wanted.get(path);
    if (file === undefined) throw refused(path, 'is none of its files, or is there twice');
    this.wanted.delete(path);
    if (size !== file.bytes) throw refused(path, `has ${size} bytes and not ${file.bytes}`);
    checkContent('', file, await this.kept(entry, file));
    this.onFile(path, file.bytes);
  }

  /** @throws CodedError BACKUP_INCOMPLETE where something is missing */
  whole(): Manifest {
    const [missing] = this.wanted.keys();
    if (this.manifest === null) throw new CodedError('BACKUP_INCOMPLETE', `It has no ${MANIFEST_FILE}.`);
    if (missing === undefined) return this.manifest;
    throw new CodedError(
      'BACKUP_INCOMPLETE',
      `${this.wanted.size} files are missing, ${missing} among them.`,
    );
  }

  private async kept(entry: ReadEntry, file: BackupFile): Promise<Content> {
    return writeHashed(entry as AsyncIterable<Buffer>, await this.placing.place(file));
  }
}

async function smallText(entry: ReadEntry, most: number): Promise<string> {
  if (entry.size > most) throw refused(entry.path, `has ${entry.size} bytes, more than ${most}`);
  const blocks: Buffer[] = [];
  for await (const block of entry as AsyncIterable<Buffer>) blocks.push(block);
  return Buffer.concat(blocks).toString('utf8');
}

function refused(path: string, what: string): CodedError {
  return new CodedError('BACKUP_DAMAGED', `${shown(path)} in the archive ${what}.`);
}

/** A name that somebody else chose, fit for one line. */
function shown(path: string): string {
  return JSON.stringify(path.slice(0, BACKUP_LIMITS.pathLength));
}

function head(path: string, size: number, mtime: Date): Buffer {
  const fields = { path, size, mtime, mode: 0o600, uid: 0, gid: 0 } as const;
  const block = Buffer.alloc(BLOCK_BYTES);
  const isLong = new Header({ ...fields, type: 'File' }).encode(block, 0);
  return isLong ? Buffer.concat([new Pax({ path, size }).encode(), block]) : block;
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
