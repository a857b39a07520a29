// Snappy, alone or in the chunks in which Java's library writes it:
//   0x82 "SNAPPY" 0x00, version int32, least compatible version int32, then chunks: length int32, so many bytes of Snappy
import { uncompress } from 'snappyjs';
import { CodedError } from '../../events/coded-error.js';

const MAGIC = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0]);
const HEAD_BYTES = MAGIC.length + 8;

export async function decompressSnappy(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!input.subarray(0, MAGIC.length).equals(MAGIC)) return Promise.resolve(clear(input, maxBytes));
  if (input.length <= HEAD_BYTES) throw new RangeError('no chunk');
  const chunks: Uint8Array[] = [];
  let left = maxBytes;
  for (let at = HEAD_BYTES; at < input.length;) {
    const end = at + 4 + input.readInt32BE(at);
    if (end < at + 4 || end > input.length) throw new RangeError('a chunk ends outside');
    const chunk = clear(input.subarray(at + 4, end), left);
    chunks.push(chunk);
    left -= chunk.byteLength;
    at = end;
  }
  return Promise.resolve(Buffer.concat(chunks));
}

function clear(bytes: Buffer, maxBytes: number): Uint8Array {
  if (lengthOf(bytes) > maxBytes) throw new CodedError('COMPRESSION_TOO_LARGE');
  return uncompress(bytes, maxBytes);
}

/** Snappy begins with the length of the clear bytes: seven bits a byte, the least first. */
function lengthOf(bytes: Buffer): number {
  let length = 0;
  for (const [index, byte] of bytes.subarray(0, 5).entries()) {
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  return length;
}
