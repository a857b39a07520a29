// Bytes to text: files and standard input, gzip where the first two bytes say so, any encoding of the platform.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { CodedError } from '../../events/coded-error.js';

/** Read at a time: what is done for each chunk is then little for each line. */
const READ_BYTES = 256 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** The bytes of a file, or of standard input for `-`. */
export function fileBytes(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
}

/**
 * Decodes chunk by chunk. Bytes unknown to the encoding become U+FFFD, so that one bad row does not end the rest.
 * Throws CodedError FILE_READ.
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  encoding: string,
  name: string,
): AsyncGenerator<string> {
  const decoder = encoding === 'utf-8' ? new Utf8Text() : new StreamText(encoding);
  try {
    for await (const chunk of plainBytes(bytes)) {
      const text = decoder.push(chunk);
      if (text !== '') yield text;
    }
    const last = decoder.end();
    if (last !== '') yield last;
  } catch (error) {
    throw new CodedError('FILE_READ', `${name}: ${reasonOf(error)}`, error);
  }
}

/** Any encoding of the platform, chunk by chunk. */
class StreamText {
  private readonly decoder: TextDecoder;

  constructor(encoding: string) {
    this.decoder = new TextDecoder(encoding);
  }

  push(chunk: Uint8Array): string {
    return this.decoder.decode(chunk, { stream: true });
  }

  end(): string {
    return this.decoder.decode();
  }
}

/** UTF-8 as the decoder of the platform reads it, a multiple faster as long as all of it is valid. */
class Utf8Text {
  /** The bytes of a character that a chunk cut off. */
  private cut = Buffer.alloc(0);
  private begun = false;
  /** Takes over where something is not valid. */
  private careful: StreamText | undefined;

  push(chunk: Uint8Array): string {
    if (this.careful !== undefined) return this.careful.push(chunk);
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const all = this.cut.length === 0 ? bytes : Buffer.concat([this.cut, bytes]);
    const whole = all.subarray(0, all.length - cutOff(all));
    if (!isUtf8(whole)) return this.carefully().push(all);
    this.cut = Buffer.from(all.subarray(whole.length));
    const text = whole.toString('utf8');
    const isFirst = !this.begun && text !== '';
    this.begun ||= isFirst;
    return isFirst && text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }

  end(): string {
    if (this.careful === undefined && this.cut.length > 0)
      return this.carefully().push(this.cut) + this.end();
    return this.careful?.end() ?? '';
  }

  private carefully(): StreamText {
    const careful = (this.careful = new StreamText('utf-8'));
    // It drops a mark at its beginning, which is not that of the text.
    if (this.begun) careful.push(Buffer.from(' '));
    return careful;
  }
}

const BYTE_ORDER_MARK = 0xfeff;

/** How many bytes at the end begin a character that does not end there. */
function cutOff(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return count < length ? count : 0;
  }
  return 0;
}

/** The bytes of a file, unpacked where they are packed. @throws CodedError FILE_READ */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* plainBytes(bytes);
  } catch (error) {
    throw new CodedError('FILE_READ', `${name}: ${reasonOf(error)}`, error);
  }
}

async function* plainBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Uint8Array.from(Buffer.concat([head, next.value]));
  }
  const whole = chain(head, iterator);
  if (head[0] !== GZIP_MAGIC[0] || head[1] !== GZIP_MAGIC[1]) {
    yield* whole;
    return;
  }
  const source = Readable.from(whole, { objectMode: false });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Uint8Array;
  } finally {
    source.destroy();
  }
}

async function* chain(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file.';
    case 'EACCES':
      return 'reading it is not permitted.';
    case 'EISDIR':
      return 'it is a folder.';
    case 'Z_BUF_ERROR':
    case 'Z_DATA_ERROR':
      return 'the gzip data is cut short or damaged.';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
