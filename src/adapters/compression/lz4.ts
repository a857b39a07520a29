// LZ4 in its frame format: magic, flags, size of blocks, optional size and dictionary, check byte, blocks, end mark.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
import { decompressFrame } from 'lz4-napi';
import { CodedError } from '../../events/coded-error.js';

const MAGIC = 0x184d2204;
const FLAG = { blockChecksum: 0x10, contentSize: 0x08, dictionary: 0x01 } as const;
const BLOCK_BYTES: readonly number[] = [0, 0, 0, 0, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024];
/** No byte of a compressed block stands for more. */
const RATIO = 255;
const IS_CLEAR = 0x80000000;

export async function decompressLz4(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { frameBytes, mostBytes, blockBytes } = measure(input);
  // The last block need not be full, so what is a little over the bound is measured once it is clear.
  if (mostBytes > maxBytes + blockBytes) throw new CodedError('COMPRESSION_TOO_LARGE');
  const clear = await decompressFrame(input.subarray(0, frameBytes));
  if (clear.byteLength > maxBytes) throw new CodedError('COMPRESSION_TOO_LARGE');
  return clear;
}

/** The bytes of the first frame, and the most that it can stand for, from the heads of its blocks. */
function measure(input: Buffer): { frameBytes: number; mostBytes: number; blockBytes: number } {
  if (input.readUInt32LE(0) !== MAGIC) throw new RangeError('no frame');
  const flags = input.readUInt8(4);
  const blockBytes = BLOCK_BYTES[(input.readUInt8(5) >> 4) & 7] ?? 0;
  const optional = (flags & FLAG.contentSize ? 8 : 0) + (flags & FLAG.dictionary ? 4 : 0);
  const checkBytes = flags & FLAG.blockChecksum ? 4 : 0;
  let mostBytes = 0;
  for (let at = 7 + optional; ;) {
    const head = input.readUInt32LE(at);
    if (head === 0) return { frameBytes: input.length, mostBytes, blockBytes };
    const size = head >= IS_CLEAR ? head - IS_CLEAR : head;
    mostBytes += head >= IS_CLEAR ? size : Math.min(blockBytes, RATIO * size);
    at += 4 + size + checkBytes;
  }
}
