// Zstandard as a test writes it by hand: one frame of raw blocks, and one whose blocks each repeat one byte.

/** @param windowLog the window is two to this power */
function frame(blocks: readonly Buffer[], windowLog: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3]);
  return Buffer.concat([head, ...blocks]);
}

function blockHead(size: number, kind: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (kind << 1) | (isLast ? 1 : 0), 0, 3);
  return head;
}

/** Bytes, at most 128 KiB, as they are. */
export function rawZstd(bytes: Uint8Array, windowLog = 17): Buffer {
  return frame([blockHead(bytes.byteLength, 0, true), Buffer.from(bytes)], windowLog);
}

/** One character so many times, at most 128 Ki. */
export function repeatedZstd(character: string, count: number): Buffer {
  return frame([blockHead(count, 1, true), Buffer.from(character)], 17);
}

/** So many times 128 KiB of one byte, four bytes each. */
export function zstdBomb(blocks: number): Buffer {
  const repeated = Array.from({ length: blocks }, (_, index) =>
    Buffer.concat([blockHead(128 * 1024, 1, index === blocks - 1), Buffer.from('x')]),
  );
  return frame(repeated, 17);
}
