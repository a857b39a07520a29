// Lines out: a file that appears whole or not at all, gzip where its name says so.
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { CodedError } from '../../events/coded-error.js';

/** Text handed to the stream at once. */
const BATCH_CHARACTERS = 65_536;

export interface LineWriter {
  /** Adds one line; resolves once the target takes more. */
  write(line: string): Promise<void> | void;
  /** Completes the file under its name. */
  close(): Promise<void>;
  /** Leaves no half file behind. */
  abandon(): Promise<void>;
}

/** Lines to a stream that somebody else owns, such as standard output. */
export class StreamLines implements LineWriter {
  private batch = '';

  constructor(private readonly stream: Writable) {}

  write(line: string): Promise<void> | void {
    this.batch += `${line}\n`;
    if (this.batch.length >= BATCH_CHARACTERS) return this.flush();
  }

  async flush(): Promise<void> {
    const text = this.batch;
    this.batch = '';
    if (text !== '' && !this.stream.write(text)) await once(this.stream, 'drain');
  }

  close(): Promise<void> {
    return this.flush();
  }

  async abandon(): Promise<void> {
    this.batch = '';
  }
}

/**
 * Lines to a file. A regular file is written beside its name and renamed when it is complete, readable by its owner
 * alone where `secret` is set; a device or pipe is written directly.
 */
export async function openLines(path: string, secret: boolean): Promise<LineWriter> {
  const direct = await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
  const target = direct ? path : `${path}.part`;
  if (!direct) await rm(target, { force: true });
  const file = createWriteStream(target, { flags: direct ? 'w' : 'wx', mode: secret ? 0o600 : 0o644 });
  try {
    await once(file, 'open');
  } catch (error) {
    throw writeFailure(path, error);
  }
  return new FileLines(path, target, file, path.endsWith('.gz') ? createGzip() : undefined);
}

class FileLines implements LineWriter {
  private readonly lines: StreamLines;
  private failure: unknown;

  constructor(
    private readonly path: string,
    private readonly target: string,
    private readonly file: WriteStream,
    private readonly gzip: Gzip | undefined,
  ) {
    const fail = (error: Error): void => {
      this.failure ??= error;
      gzip?.destroy(error);
    };
    file.on('error', fail);
    gzip?.on('error', fail);
    gzip?.pipe(file);
    this.lines = new StreamLines(gzip ?? file);
  }

  async write(line: string): Promise<void> {
    try {
      if (this.failure !== undefined) throw this.failure as Error;
      await this.lines.write(line);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  async close(): Promise<void> {
    try {
      await this.lines.close();
      (this.gzip ?? this.file).end();
      await finished(this.file);
      if (this.target !== this.path) await rename(this.target, this.path);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  async abandon(): Promise<void> {
    this.gzip?.destroy();
    this.file.destroy();
    if (this.target !== this.path) await rm(this.target, { force: true });
  }
}

function writeFailure(path: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new CodedError('FILE_WRITE', `${path}: ${reason}`, error);
}
