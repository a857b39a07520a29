// Bytes to text: files and standard input, gzip where the first two bytes say so, any encoding of the platform.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CodedError } from '../../events/coded-error.js';

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** The bytes of a file, or of standard input for `-`. */
export function fileBytes(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? process.stdin : createReadStream(path);
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
  const decoder = new TextDecoder(encoding);
  try {
    for await (const chunk of plainBytes(bytes)) {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    }
    const last = decoder.decode();
    if (last !== '') yield last;
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
