// Decompression of what senders compress, each with a bound on the clear bytes: a few bytes can stand for gigabytes.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CodedError } from '../../events/coded-error.js';
import type { Decompress } from '../../ports/decompression.js';
import { decompressLz4 } from './lz4.js';
import { decompressSnappy } from './snappy.js';
import { decompressZstd } from './zstd.js';

const gunzipped = promisify(gunzip);

const BY_NAME: { readonly [name in Parameters<Decompress>[0]]: typeof decompressGzip } = {
  gzip: decompressGzip,
  snappy: decompressSnappy,
  lz4: decompressLz4,
  zstd: decompressZstd,
};

/** Any of them; see `Decompress`. */
export const decompress: Decompress = async (compression, bytes, maxBytes) => {
  try {
    return await BY_NAME[compression](bytes, maxBytes);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('COMPRESSION_DAMAGED', `It should be ${compression}.`, error);
  }
};

async function decompressGzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await gunzipped(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    throw new CodedError('COMPRESSION_TOO_LARGE', `At most ${maxBytes} bytes.`);
  }
}
