// Rows of a ledger as words, and rows that are put together before a ledger takes them in.
//
// A row has nine 32-bit words:
//
//   0 mark of the id, or of the time of a reading     5 offset's upper 21 bits, stream << 21, flags << 26
//   1 time, whole minutes                             6 windows that it joined, a bit for each reader of its stream
//   2 ms beyond them: time << 16, arrival             7 how long it is kept, as a number of `Kept`
//   3 arrival, whole minutes                          8 its text: offset in the block << 16, length
//   4 offset's lower 32 bits
import type { LedgerText } from './ledger-text.js';

const WORDS = 9;
const MINUTE_MS = 60_000;
const STREAM_SHIFT = 21;
const FLAG_SHIFT = 26;

/**
 * How a row is laid out. To be taken apart into constants of the module that reads rows: those of another module are
 * looked up at each use.
 */
export const ROW = {
  words: WORDS,
  bytes: WORDS * 4,
  minuteMs: MINUTE_MS,
  streamShift: STREAM_SHIFT,
  highMask: (1 << STREAM_SHIFT) - 1,
  flagShift: FLAG_SHIFT,
  /** Flags: a reading that has a metric; an event that can begin a match of a sequence. */
  reading: 1,
  starts: 2,
} as const;
/** Rows of one ledger; a key with more events keeps them as objects, whose cost does not grow with their number. */
export const ROWS_MAX = 256;

/** Bytes of the largest block. */
const TEXTS_MAX = 24_576;

/** Writes all of a row but the place of its text. @param word where it begins */
export function putRow(
  words: Int32Array,
  word: number,
  mark: number,
  time: number,
  at: number,
  offset: number,
  stream: number,
  flags: number,
  members: number,
  kept: number,
): void {
  const timeMinute = Math.floor(time / MINUTE_MS);
  const atMinute = Math.floor(at / MINUTE_MS);
  words[word] = mark;
  words[word + 1] = timeMinute;
  words[word + 2] = ((time - timeMinute * MINUTE_MS) << 16) | (at - atMinute * MINUTE_MS);
  words[word + 3] = atMinute;
  words[word + 4] = offset | 0;
  words[word + 5] = Math.floor(offset / 4_294_967_296) | (stream << STREAM_SHIFT) | (flags << FLAG_SHIFT);
  words[word + 6] = members;
  words[word + 7] = kept;
}

/** Rows and texts that are put together one after the other; reused for every key. */
export class Rows {
  readonly words = new Int32Array(ROWS_MAX * WORDS);
  readonly texts = new Uint8Array(TEXTS_MAX);
  size = 0;
  /** Bytes of the texts. */
  length = 0;

  begin(): void {
    this.size = this.length = 0;
  }

  /** Adds the text of the row whose words were put at its place. @returns false where there is no room for it */
  take(text: LedgerText): boolean {
    if (text.tooLong || this.length + text.length > TEXTS_MAX) return false;
    text.copyTo(this.texts, this.length);
    // From the beginning of the texts; from that of the block once a ledger has it.
    this.words[this.size * WORDS + 8] = (this.length << 16) | text.length;
    this.length += text.length;
    this.size++;
    return true;
  }
}
