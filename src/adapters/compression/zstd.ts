// Zstandard (RFC 8878): frames of blocks; the library is asked only once no frame wants a larger window than the bound.
import { Decompress } from 'fzstd';
import { CodedError } from '../../events/coded-error.js';

const MAGIC = 0xfd2fb528;
/** Frames that are skipped have any last hexadecimal digit. */
const SKIPPABLE = 0x184d2a50;
const FLAG = { single: 0x20, checksum: 0x04 } as const;
/** Windows of this size every decoder takes, by RFC 8878, section 3.1.1.1.2. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const RUN = 1;
/** So little goes in at once that little comes out before it is counted: a block holds at most 128 KiB. */
const STEP_BYTES = 4 * 1024;

export async function decompressZstd(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  checkFrames(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((chunk) => {
    length += chunk.byteLength;
    if (length > maxBytes) throw new CodedError('COMPRESSION_TOO_LARGE');
    // The library writes over its chunks.
    chunks.push(chunk.slice());
  });
  for (let at = 0; at < bytes.byteLength; at += STEP_BYTES) {
    stream.push(bytes.subarray(at, at + STEP_BYTES), at + STEP_BYTES >= bytes.byteLength);
  }
  return Promise.resolve(Buffer.concat(chunks));
}

/** Goes over the heads of all frames and blocks; a read outside the bytes throws. */
function checkFrames(input: Buffer, maxBytes: number): void {
  for (let at = 0; at < input.length;) {
    const magic = input.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + input.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== MAGIC) throw new RangeError('no frame');
    const { headBytes, windowBytes, hasChecksum } = frameHead(input, at + 4);
    if (windowBytes > Math.max(WINDOW_BYTES, maxBytes)) throw new CodedError('COMPRESSION_TOO_LARGE');
    at += 4 + headBytes;
    for (let isLast = false; !isLast;) {
      const head = input.readUIntLE(at, 3);
      isLast = (head & 1) === 1;
      at += 3 + (((head >> 1) & 3) === RUN ? 1 : head >> 3);
    }
    at += hasChecksum ? 4 : 0;
    if (at > input.length) throw new RangeError('a frame ends outside');
  }
}

function frameHead(input: Buffer, at: number) {
  const flags = input.readUInt8(at);
  const isSingle = (flags & FLAG.single) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const sizeAt = at + 1 + (isSingle ? 0 : 1) + dictionaryBytes;
  const descriptor = isSingle ? 0 : input.readUInt8(at + 1);
  const base = 2 ** (10 + (descriptor >> 3));
  return {
    headBytes: sizeAt - at + sizeBytes,
    windowBytes: isSingle ? contentBytes(input, sizeAt, sizeBytes) : base + (base / 8) * (descriptor & 7),
    hasChecksum: (flags & FLAG.checksum) !== 0,
  };
}

function contentBytes(input: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(input.readBigUInt64LE(at));
  return input.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}
