// Compact binary writing and reading: variable-length whole numbers, doubles, strings, and tagged values.
import { CodedError } from '../events/coded-error.js';
import type { Json } from '../events/event.js';
import { ExpressionError, type Value } from '../model/expression/expression.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Longest string that is tried as ASCII first. */
const SHORT = 512;

/** Tags of a value: null, false, true, whole number (zigzag), double, string, JSON text, error. */
const TAG = { null: 0, false: 1, true: 2, whole: 3, double: 4, string: 5, json: 6, error: 7 } as const;

/** Memory that a writer keeps when it begins anew. */
const KEPT_BYTES = 65_536;

export class ByteWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  /** Begins anew, in the memory that it has; a state that was large once leaves no large memory behind. */
  restart(): void {
    this.length = 0;
    if (this.bytes.length <= KEPT_BYTES) return;
    this.bytes = new Uint8Array(256);
    this.view = new DataView(this.bytes.buffer);
  }

  /** The bytes written so far, copied. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, least significant first. */
  whole(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  string(value: string): void {
    if (value.length <= SHORT && this.ascii(value)) return;
    const encoded = encoder.encode(value);
    this.whole(encoded.length);
    this.reserve(encoded.length);
    this.bytes.set(encoded, this.length);
    this.length += encoded.length;
  }

  /** Ids and names are mostly short and ASCII: one byte a character, without the encoder. @returns false where not */
  private ascii(value: string): boolean {
    const start = this.length;
    this.whole(value.length);
    this.reserve(value.length);
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) {
        this.length = start;
        return false;
      }
      this.bytes[this.length++] = unit;
    }
    return true;
  }

  /** What `write` writes, with its length before it, so that a reader can pass over it. */
  section(write: () => void): void {
    const start = this.length;
    this.reserve(4);
    this.length += 4;
    write();
    this.view.setUint32(start, this.length - start - 4, true);
  }

  value(value: Value): void {
    if (value === null) this.byte(TAG.null);
    else if (value === false) this.byte(TAG.false);
    else if (value === true) this.byte(TAG.true);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') {
      this.byte(TAG.string);
      this.string(value);
    } else if (value instanceof ExpressionError) {
      this.byte(TAG.error);
      this.string(value.code);
      this.string(value.message);
    } else {
      this.byte(TAG.json);
      this.string(JSON.stringify(value));
    }
  }

  private number(value: number): void {
    const isWhole = Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
    this.byte(isWhole ? TAG.whole : TAG.double);
    if (isWhole) this.whole(value);
    else this.double(value);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

export class ByteReader {
  private readonly view: DataView;
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.offset >= this.bytes.length;
  }

  byte(): number {
    return this.view.getUint8(this.offset++);
  }

  whole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  double(): number {
    const value = this.view.getFloat64(this.offset, true);
    this.offset += 8;
    return value;
  }

  /** A reader of a section, which lies behind this one then. */
  section(): ByteReader {
    const start = this.offset + 4;
    this.offset = start + this.view.getUint32(this.offset, true);
    return new ByteReader(this.bytes.subarray(start, this.offset));
  }

  string(): string {
    const length = this.whole();
    const start = this.offset;
    this.offset += length;
    return decoder.decode(this.bytes.subarray(start, this.offset));
  }

  value(): Value {
    const tag = this.byte();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.whole:
        return this.whole();
      case TAG.double:
        return this.double();
      case TAG.string:
        return this.string();
      case TAG.json:
        return JSON.parse(this.string()) as Json;
      case TAG.error:
        return new ExpressionError(this.string(), this.string());
      default:
        throw new CodedError('STATE_CORRUPT', `Unknown value tag ${tag}.`);
    }
  }
}
