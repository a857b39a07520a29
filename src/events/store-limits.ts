// What a store accepts: the bounds on keys, names and batches, the same in every adapter.
import { CodedError } from './coded-error.js';

/** Lengths are bytes of UTF-8; together they stay below the 1,978 bytes that LMDB allows a key. */
export const STORE_LIMITS = {
  namespaceBytes: 200,
  keyBytes: 1_500,
  timerNameBytes: 200,
  nonceBytes: 200,
  valueBytes: 16 * 1024 * 1024,
  /** Values of one append, or of one checkpoint with its metadata. */
  batchBytes: 256 * 1024 * 1024,
  batchEntries: 200_000,
  readEntries: 200_000,
  partitions: 65_536,
} as const;

export const VAULT_LIMITS = {
  entries: 10_000,
  pseudonymBytes: 500,
  valueBytes: 64 * 1024,
  /** Of the master key, exactly. */
  keyBytes: 32,
} as const;

/** Refuses a string that is empty, too long, ill-formed or holds a NUL, which separates the parts of stored keys. */
export function checkName(what: string, text: string, limitBytes: number): void {
  if (text === '') throw new CodedError('STORE_KEY', `The ${what} is empty.`);
  // Three bytes a unit is the most that UTF-8 takes, so short strings need no exact count.
  if (text.length * 3 > limitBytes && utf8Bytes(text) > limitBytes) {
    throw new CodedError('STORE_KEY', `The ${what} takes ${utf8Bytes(text)} bytes; at most ${limitBytes}.`);
  }
  if (text.includes('\0')) throw new CodedError('STORE_KEY', `The ${what} holds a NUL.`);
  if (/\p{Cs}/u.test(text)) throw new CodedError('STORE_KEY', `The ${what} holds half a surrogate pair.`);
}

/** Refuses a partition, offset, limit or instant that is not a whole number from 0 to `most`. */
export function checkWhole(what: string, value: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return;
  throw new CodedError(
    'STORE_RANGE',
    `The ${what} is ${value}; it must be a whole number from 0 to ${most}.`,
  );
}

/** Refuses values that are too many or too large, alone or together. */
export function checkValues(values: Iterable<Uint8Array | null>): void {
  let count = 0;
  let total = 0;
  for (const value of values) {
    const size = value === null ? 0 : value.byteLength;
    if (size > STORE_LIMITS.valueBytes) {
      throw new CodedError(
        'STORE_TOO_LARGE',
        `A value of ${size} bytes; at most ${STORE_LIMITS.valueBytes}.`,
      );
    }
    count += 1;
    total += size;
  }
  if (count > STORE_LIMITS.batchEntries || total > STORE_LIMITS.batchBytes) {
    throw new CodedError(
      'STORE_TOO_LARGE',
      `${count} values of ${total} bytes; at most ${STORE_LIMITS.batchEntries} of ${STORE_LIMITS.batchBytes}.`,
    );
  }
}

interface Timer {
  readonly due: number;
  readonly key: string;
  readonly name: string;
}

/** Refuses a checkpoint of which a store could keep only a part. */
export function checkCheckpoint(checkpoint: {
  readonly base: number;
  readonly nonce: string;
  readonly meta: Uint8Array;
  readonly records: ReadonlyMap<string, Uint8Array | null>;
  readonly timersSet: readonly Timer[];
  readonly timersCleared: readonly Timer[];
}): void {
  checkWhole('base', checkpoint.base);
  checkName('nonce', checkpoint.nonce, STORE_LIMITS.nonceBytes);
  checkValues([checkpoint.meta, ...checkpoint.records.values()]);
  for (const key of checkpoint.records.keys()) checkName('key', key, STORE_LIMITS.keyBytes);
  const timers = checkpoint.timersSet.length + checkpoint.timersCleared.length;
  if (timers > STORE_LIMITS.batchEntries) {
    throw new CodedError('STORE_TOO_LARGE', `${timers} timers; at most ${STORE_LIMITS.batchEntries}.`);
  }
  for (const list of [checkpoint.timersSet, checkpoint.timersCleared]) {
    for (const timer of list) {
      checkWhole('due instant', timer.due);
      checkName('timer name', timer.name, STORE_LIMITS.timerNameBytes);
      checkName('key', timer.key, STORE_LIMITS.keyBytes);
    }
  }
}

/** Refuses clear values that a vault cannot keep whole; the message never repeats one. */
export function checkClearValues(
  entries: readonly { readonly pseudonym: string; readonly value: string }[],
): void {
  if (entries.length > VAULT_LIMITS.entries) {
    throw new CodedError('STORE_TOO_LARGE', `${entries.length} values; at most ${VAULT_LIMITS.entries}.`);
  }
  for (const { pseudonym, value } of entries) {
    checkName('pseudonym', pseudonym, VAULT_LIMITS.pseudonymBytes);
    if (value.length * 3 > VAULT_LIMITS.valueBytes && utf8Bytes(value) > VAULT_LIMITS.valueBytes) {
      throw new CodedError('STORE_TOO_LARGE', `A clear value of over ${VAULT_LIMITS.valueBytes} bytes.`);
    }
  }
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
