// Compact binary reading: what `ByteWriter` wrote.
import { CodedError } from '../events/coded-error.js';
import type { Json } from '../events/event.js';
import { ExpressionError, type Value } from '../model/expression/expression.js';
import { TAG, TEXTS_MAX } from './byte-tags.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Longest string that is put together from its characters: beyond, the decoder is faster. */
const PUT_TOGETHER = 12;

export class ByteReader {
  private view: DataView | null = null;
  /** Null before the first. */
  private texts: string[] | null = null;
  private textCount = 0;

  /** Reads from `offset` up to `end`. */
  constructor(
    readonly bytes: Uint8Array,
    public offset = 0,
    readonly end = bytes.length,
  ) {}

  get done(): boolean {
    return this.offset >= this.end;
  }

  /** Texts read so far are not named again. */
  forgetTexts(): void {
    this.textCount = 0;
  }

  byte(): number {
    if (this.offset >= this.end) throw endless();
    return this.bytes[this.offset++] as number;
  }

  whole(): number {
    const { bytes } = this;
    let { offset } = this;
    let byte = bytes[offset++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[offset++] as number;
      value |= (byte & 0x7f) << shift;
    }
    for (let scale = 2 ** 28; byte >= 0x80; scale *= 0x80) {
      byte = bytes[offset++] as number;
      value += (byte & 0x7f) * scale;
    }
    if (offset > this.end) throw endless();
    this.offset = offset;
    return value;
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  instant(base: number): number {
    const value = this.whole();
    if (value === 0) return this.double();
    return value % 2 === 0 ? base - value / 2 : base + (value - 1) / 2;
  }

  u32(): number {
    return (this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)) >>> 0;
  }

  double(): number {
    const { bytes } = this;
    this.view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.offset + 8 > this.end) throw endless();
    const value = this.view.getFloat64(this.offset, true);
    this.offset += 8;
    return value;
  }

  /** Where what begins here, which can be passed over, ends. */
  open(): number {
    const length = this.whole();
    return this.offset + length;
  }

  string(): string {
    const length = this.whole();
    const start = this.offset;
    const end = start + length;
    if (end > this.end) throw endless();
    this.offset = end;
    const short = length <= PUT_TOGETHER ? putTogether(this.bytes, start, end) : null;
    return short ?? decoder.decode(this.bytes.subarray(start, end));
  }

  value(): Value {
    const tag = this.byte();
    if (tag >= TAG.small) return tag - TAG.small;
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.whole:
        return this.whole();
      case TAG.negative:
        return -this.whole();
      case TAG.double:
        return this.double();
      case TAG.tenths:
        return this.signed() / 10;
      case TAG.hundredths:
        return this.signed() / 100;
      case TAG.string:
        return this.text();
      case TAG.again:
        return this.textAgain();
      case TAG.list:
        return this.list();
      case TAG.object:
        return this.object();
      case TAG.json:
        return JSON.parse(this.string()) as Json;
      case TAG.error:
        return new ExpressionError(this.string(), this.string());
      default:
        throw new CodedError('STATE_CORRUPT', `Unknown value tag ${tag}.`);
    }
  }

  private text(): string {
    const text = this.string();
    if (this.textCount < TEXTS_MAX) (this.texts ??= [])[this.textCount++] = text;
    return text;
  }

  private textAgain(): string {
    const place = this.byte();
    const text = this.texts?.[place];
    if (text === undefined || place >= this.textCount)
      throw new CodedError('STATE_CORRUPT', 'It names a text that it does not tell.');
    return text;
  }

  private list(): Json {
    const list: Json[] = [];
    for (let count = this.whole(); count > 0; count--) list.push(this.value() as Json);
    return list;
  }

  private object(): Json {
    const object: { [name: string]: Json } = {};
    for (let count = this.whole(); count > 0; count--) {
      const name = this.string();
      const value = this.value() as Json;
      if (name !== '__proto__') object[name] = value;
      // As JSON.parse has it, a field like any other.
      else
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  }
}

/** Text of a few bytes from its characters, four at a time; null where one is not ASCII. */
function putTogether(bytes: Uint8Array, start: number, end: number): string | null {
  let text = '';
  let all = 0;
  let index = start;
  for (; index + 4 <= end; index += 4) {
    const [a, b, c, d] = [bytes[index], bytes[index + 1], bytes[index + 2], bytes[index + 3]] as [
      number,
      number,
      number,
      number,
    ];
    all |= a | b | c | d;
    text += String.fromCharCode(a, b, c, d);
  }
  for (; index < end; index++) {
    const unit = bytes[index] as number;
    all |= unit;
    text += String.fromCharCode(unit);
  }
  return all < 0x80 ? text : null;
}

/** Text of bytes that are all ASCII. */
export function textOfAscii(bytes: Uint8Array, length: number): string {
  return decoder.decode(bytes.subarray(0, length));
}

function endless(): CodedError {
  return new CodedError('STATE_CORRUPT', 'It ends too early.');
}
