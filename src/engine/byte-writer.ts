// Compact binary writing: variable-length whole numbers, instants, strings, and tagged values.
import type { Json } from '../events/event.js';
import { ExpressionError, type Value } from '../model/expression/expression.js';
import { SIGNED_MAX, SMALL_MAX, TAG, TEXTS_MAX } from './byte-tags.js';

const encoder = new TextEncoder();

/** Longest string that is written without the encoder. */
const SHORT = 512;

/** Memory that a writer keeps when it begins anew. */
const KEPT_BYTES = 65_536;
/** What stands for characters beyond the basic plane, in pairs. */
const SURROGATES = 0xd800;
const BEYOND_SURROGATES = 0xe000;
/** Memory that many records share, and what of it must be free for the next one to begin. */
const SHARED_BYTES = 1_048_576;
const ROOM_BYTES = 32_768;

export class ByteWriter {
  /** Written up to `length`. */
  bytes = new Uint8Array(1_024);
  length = 0;
  private view = new DataView(this.bytes.buffer);
  private readonly texts: string[] = [];
  private textCount = 0;
  /** Where what it writes begins: behind what others have. */
  private start = 0;

  /** Begins anew, in the memory that it has; a state that was large once leaves no large memory behind. */
  restart(): void {
    const { bytes, start } = this;
    const isUsedUp =
      start === 0
        ? bytes.length > KEPT_BYTES
        : bytes.length - start < ROOM_BYTES || bytes.length > SHARED_BYTES;
    if (isUsedUp) {
      this.take(new Uint8Array(1_024));
      this.start = 0;
    }
    this.length = this.start;
    this.forgetTexts();
  }

  /** Texts told so far are not named again: a reader may begin here. */
  forgetTexts(): void {
    this.textCount = 0;
  }

  /** The bytes written so far, copied. */
  finish(): Uint8Array {
    return this.bytes.slice(this.start, this.length);
  }

  /**
   * The bytes written so far, which it leaves alone from now on: for many records that are used soon, since each keeps
   * the memory of those beside it.
   */
  give(): Uint8Array {
    if (this.start === 0 && this.bytes.length < SHARED_BYTES) {
      const shared = new Uint8Array(SHARED_BYTES);
      shared.set(this.bytes.subarray(0, this.length));
      this.take(shared);
    }
    const given = this.bytes.subarray(this.start, this.length);
    this.start = this.length;
    return given;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, least significant first. */
  whole(value: number): void {
    this.reserve(8);
    this.length = putWhole(this.bytes, this.length, value);
  }

  /** A whole number of either sign, small ones in few bytes. */
  signed(value: number): void {
    this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** An instant near another one; what is no whole number of ms away, or nowhere near, is written in full. */
  instant(value: number, base: number): void {
    const distance = value - base;
    if (Number.isInteger(distance) && Math.abs(distance) < SIGNED_MAX && base + distance === value) {
      this.whole(distance < 0 ? -2 * distance : 2 * distance + 1);
      return;
    }
    this.byte(0);
    this.double(value);
  }

  u32(value: number): void {
    this.byte(value & 0xff);
    this.byte((value >>> 8) & 0xff);
    this.byte((value >>> 16) & 0xff);
    this.byte(value >>> 24);
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  string(value: string): void {
    if (value.length <= SHORT && (this.ascii(value) || this.basic(value))) return;
    const encoded = encoder.encode(value);
    this.whole(encoded.length);
    this.reserve(encoded.length);
    this.bytes.set(encoded, this.length);
    this.length += encoded.length;
  }

  /** Names are mostly short and ASCII: one byte a character, without the encoder. @returns false where not */
  private ascii(value: string): boolean {
    const start = this.length;
    const characters = value.length;
    this.whole(characters);
    this.reserve(characters);
    const { bytes, length } = this;
    for (let index = 0; index < characters; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) {
        this.length = start;
        return false;
      }
      bytes[length + index] = unit;
    }
    this.length = length + characters;
    return true;
  }

  /** Text of the basic plane, such as Chinese: up to three bytes a character, without the encoder. @returns false where not */
  private basic(value: string): boolean {
    const characters = value.length;
    let size = characters;
    for (let index = 0; index < characters; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= SURROGATES && unit < BEYOND_SURROGATES) return false;
      if (unit >= 0x80) size += unit < 0x800 ? 1 : 2;
    }
    this.whole(size);
    this.reserve(size);
    const { bytes } = this;
    let { length } = this;
    for (let index = 0; index < characters; index++) {
      const unit = value.charCodeAt(index);
      if (unit < 0x80) {
        bytes[length++] = unit;
        continue;
      }
      if (unit < 0x800) bytes[length++] = 0xc0 | (unit >> 6);
      else {
        bytes[length++] = 0xe0 | (unit >> 12);
        bytes[length++] = 0x80 | ((unit >> 6) & 0x3f);
      }
      bytes[length++] = 0x80 | (unit & 0x3f);
    }
    this.length = length;
    return true;
  }

  /** Begins what a reader can pass over; to be given to `close` at its end. */
  open(): number {
    this.byte(0);
    return this.length;
  }

  /** Ends what began at `start`, and puts its length before it. */
  close(start: number): void {
    const length = this.length - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    let more = 1;
    for (let rest = length; rest >= 0x4000; rest = Math.floor(rest / 0x80)) more++;
    this.reserve(more);
    this.bytes.copyWithin(start + more, start, this.length);
    this.length = start - 1;
    this.whole(length);
    this.length += length;
  }

  value(value: Value): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (value === true) this.byte(TAG.true);
    else if (value === false) this.byte(TAG.false);
    else if (value === null) this.byte(TAG.null);
    else if (value instanceof ExpressionError) {
      this.byte(TAG.error);
      this.string(value.code);
      this.string(value.message);
    } else if (Array.isArray(value)) this.list(value);
    else this.object(value);
  }

  /** A text among values: the next time it is named by its place. */
  private text(value: string): void {
    const { texts, textCount } = this;
    for (let known = 0; known < textCount; known++) {
      if (texts[known] !== value) continue;
      this.byte(TAG.again);
      this.byte(known);
      return;
    }
    if (textCount < TEXTS_MAX) texts[this.textCount++] = value;
    this.byte(TAG.string);
    this.string(value);
  }

  private list(list: readonly Json[]): void {
    this.byte(TAG.list);
    this.whole(list.length);
    for (let index = 0; index < list.length; index++) this.value(list[index] ?? null);
  }

  private object(object: { readonly [name: string]: Json | undefined }): void {
    this.byte(TAG.object);
    let count = 0;
    for (const name in object) if (object[name] !== undefined) count++;
    this.whole(count);
    for (const name in object) {
      const value = object[name];
      if (value === undefined) continue;
      this.string(name);
      this.value(value);
    }
  }

  private number(value: number): void {
    if (Number.isInteger(value) && !Object.is(value, -0)) {
      if (value >= 0 && value <= SMALL_MAX) this.byte(TAG.small + value);
      else if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) this.tagged(TAG.whole, value);
      else if (value < 0 && value >= -Number.MAX_SAFE_INTEGER) this.tagged(TAG.negative, -value);
      else this.tagged(TAG.double, value);
    } else if (isDecimal(value, 10)) this.tagged(TAG.tenths, Math.round(value * 10));
    else if (isDecimal(value, 100)) this.tagged(TAG.hundredths, Math.round(value * 100));
    else this.tagged(TAG.double, value);
  }

  private tagged(tag: number, value: number): void {
    this.byte(tag);
    if (tag === TAG.double) this.double(value);
    else if (tag === TAG.tenths || tag === TAG.hundredths) this.signed(value);
    else this.whole(value);
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes);
    this.take(larger);
  }

  private take(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** Puts a whole number, for which there is room, into bytes. @returns the place behind it */
export function putWhole(bytes: Uint8Array, place: number, value: number): number {
  let next = place;
  let rest = value;
  while (rest > 0x7fffffff) {
    bytes[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    bytes[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[next++] = rest;
  return next;
}

/** Whether a number is the one nearest to a whole number of tenths or hundredths, as measured values mostly are. */
function isDecimal(value: number, parts: number): boolean {
  const whole = Math.round(value * parts);
  return Math.abs(whole) < SIGNED_MAX && whole !== 0 && whole / parts === value;
}
