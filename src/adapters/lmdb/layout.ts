// How keys and checkpoints lie in LMDB; whole numbers are big-endian, so that byte order is their order.

/**
 * Key of a log record:
 *
 *   | partition u32 | offset u64 |
 */
export function logKey(partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(12);
  key.writeUInt32BE(partition, 0);
  writeU64(key, offset, 4);
  return key;
}

export function offsetOf(key: Buffer): number {
  return readU64(key, 4);
}

/**
 * Key of the offset below which records of a partition may be missing; it comes before those of its records:
 *
 *   | partition u32 |     value: | offset u64 |
 */
export function releasedKey(partition: number): Buffer {
  return logKey(partition, 0).subarray(0, 4);
}

export function encodeReleased(offset: number): Buffer {
  const value = Buffer.allocUnsafe(8);
  writeU64(value, offset, 0);
  return value;
}

export function decodeReleased(value: Buffer | undefined): number {
  return value === undefined ? 0 : readU64(value, 0);
}

/** Key of a state record: | namespace | 0 | key |; texts are UTF-8 without NUL. */
export function recordKey(namespace: string, key: string): Buffer {
  return Buffer.from(`${namespace}\0${key}`);
}

/** The least key above all of a namespace, in records and timers. */
export function afterNamespace(namespace: string): Buffer {
  return Buffer.from(`${namespace}\x01`);
}

export function keyOfRecord(namespaceBytes: number, key: Buffer): string {
  return key.toString('utf8', namespaceBytes + 1);
}

/**
 * Key of a timer; its value is empty:
 *
 *   | namespace | 0 | due u64 | name | 0 | key |
 */
export function timerKey(namespace: string, due: number, name: string, key: string): Buffer {
  const head = timersFrom(namespace, due);
  return Buffer.concat([head, Buffer.from(`${name}\0${key}`)]);
}

/** The least timer key of the namespace that is due at or after an instant. */
export function timersFrom(namespace: string, due: number): Buffer {
  const bytes = Buffer.byteLength(namespace);
  const key = Buffer.allocUnsafe(bytes + 9);
  key.write(namespace, 0);
  key[bytes] = 0;
  writeU64(key, due, bytes + 1);
  return key;
}

export function timerOf(namespaceBytes: number, key: Buffer): { due: number; name: string; key: string } {
  const start = namespaceBytes + 9;
  const separator = key.indexOf(0, start);
  return {
    due: readU64(key, namespaceBytes + 1),
    name: key.toString('utf8', start, separator),
    key: key.toString('utf8', separator + 1),
  };
}

/**
 * Value of a checkpoint; its key is the namespace:
 *
 *   | sequence u64 | nonce length u16 | nonce | meta |
 */
export function encodeCheckpoint(sequence: number, nonce: string, meta: Uint8Array): Buffer {
  const nonceBytes = Buffer.from(nonce);
  const head = Buffer.allocUnsafe(10);
  writeU64(head, sequence, 0);
  head.writeUInt16BE(nonceBytes.byteLength, 8);
  return Buffer.concat([head, nonceBytes, meta]);
}

export function decodeCheckpoint(value: Buffer): { sequence: number; nonce: string; meta: Buffer } {
  const end = 10 + value.readUInt16BE(8);
  return { sequence: readU64(value, 0), nonce: value.toString('utf8', 10, end), meta: value.subarray(end) };
}

/** Copies of the values side by side in one buffer, out of the caller's reach. */
export function copied(values: readonly Uint8Array[]): Buffer[] {
  const slab = Buffer.allocUnsafeSlow(values.reduce((sum, value) => sum + value.byteLength, 0));
  let position = 0;
  return values.map((value) => {
    slab.set(value, position);
    position += value.byteLength;
    return slab.subarray(position - value.byteLength, position);
  });
}

function writeU64(target: Buffer, value: number, at: number): void {
  target.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  target.writeUInt32BE(value % 0x1_0000_0000, at + 4);
}

function readU64(source: Buffer, at: number): number {
  return source.readUInt32BE(at) * 0x1_0000_0000 + source.readUInt32BE(at + 4);
}
