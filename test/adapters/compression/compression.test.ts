// What becomes clear again, and what is refused: damaged bytes, and those that stand for more than is taken.
import { gzipSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../../src/adapters/compression/compression.js';
import type { Compression } from '../../../src/ports/decompression.js';
import { rawZstd, zstdBomb } from '../../support/zstd.js';

const TEXT = Buffer.alloc(100_000, '监管对象 ');

/** Snappy that copies nothing: lengths in seven bits a byte, then literals of up to 2^16 bytes. */
function rawSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let left = bytes.length; ; left = Math.floor(left / 128)) {
    parts.push(Buffer.from([(left % 128) | (left >= 128 ? 0x80 : 0)]));
    if (left < 128) break;
  }
  for (let at = 0; at < bytes.length; at += 65_536) {
    const literal = bytes.subarray(at, at + 65_536);
    parts.push(Buffer.from([61 << 2, (literal.length - 1) & 0xff, (literal.length - 1) >> 8]), literal);
  }
  return Buffer.concat(parts);
}

/** As Java's library writes it. */
function javaSnappy(...chunks: readonly Buffer[]): Buffer {
  const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const framed = chunks.map(rawSnappy).flatMap((chunk) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(chunk.length);
    return [length, chunk];
  });
  return Buffer.concat([head, ...framed]);
}

const CASES: readonly (readonly [string, Compression, Buffer])[] = [
  ['gzip', 'gzip', gzipSync(TEXT)],
  ['snappy', 'snappy', rawSnappy(TEXT)],
  ['snappy of Java', 'snappy', javaSnappy(TEXT.subarray(0, 40_000), TEXT.subarray(40_000))],
  ['lz4', 'lz4', compressFrameSync(TEXT)],
  ['zstd', 'zstd', rawZstd(TEXT)],
  ['zstd in two frames', 'zstd', Buffer.concat([rawZstd(TEXT.subarray(0, 7)), rawZstd(TEXT.subarray(7))])],
];

describe.each(CASES)('%s', (_, compression, bytes) => {
  it('is clear again, up to the bound and not beyond', async () => {
    const clear = await decompress(compression, bytes, TEXT.length);
    expect(Buffer.compare(Buffer.from(clear), TEXT)).toBe(0);
    const tooLarge = { code: 'COMPRESSION_TOO_LARGE' };
    await expect(decompress(compression, bytes, TEXT.length - 1)).rejects.toMatchObject(tooLarge);
  });

  it('is refused where it ends too soon or is something else', async () => {
    const damaged = { code: 'COMPRESSION_DAMAGED' };
    for (const length of [1, 6, 12, bytes.length - 1]) {
      await expect(decompress(compression, bytes.subarray(0, length), 2 * TEXT.length)).rejects.toMatchObject(
        damaged,
      );
    }
    const other = Buffer.from('{"specversion":"1.0"}');
    await expect(decompress(compression, other, 1_000)).rejects.toMatchObject(damaged);
  });
});

describe('a few bytes that stand for very many', () => {
  const tooLarge = { code: 'COMPRESSION_TOO_LARGE' };

  it('are refused before the memory is taken', async () => {
    const before = process.memoryUsage.rss();
    const zeros = Buffer.alloc(256 * 1024 * 1024);
    const [gzip, lz4] = [gzipSync(zeros), compressFrameSync(zeros)];
    zeros.fill(1);
    await expect(decompress('gzip', gzip, 1_000_000)).rejects.toMatchObject(tooLarge);
    await expect(decompress('lz4', lz4, 1_000_000)).rejects.toMatchObject(tooLarge);
    // 16 GiB in 500 KiB.
    await expect(decompress('zstd', zstdBomb(131_072), 1_000_000)).rejects.toMatchObject(tooLarge);
    expect(process.memoryUsage.rss() - before).toBeLessThan(512 * 1024 * 1024);
  });

  it('are refused by what they say of themselves', async () => {
    const claims = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    await expect(decompress('snappy', claims, 1_000_000)).rejects.toMatchObject(tooLarge);
    const window = rawZstd(Buffer.from('x'), 31);
    await expect(decompress('zstd', window, 1_000_000)).rejects.toMatchObject(tooLarge);
  });
});
