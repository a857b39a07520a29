// The texts of a ledger: ids, metrics and values as bytes, written and read without an object for each.
import type { Event, Json } from '../events/event.js';
import { ExpressionError, type Value } from '../model/expression/expression.js';

/** Longest text of one event, bytes; one with more is kept as an object. */
const TEXT_BYTES_MAX = 4_096;
/** Names that are numbered; there are as many as sources and metrics. */
const NAMES_MAX = 65_536;

const SPACE = 0x20;

const TAG = { null: 0, false: 1, true: 2, whole: 3, double: 4, string: 5, json: 6 } as const;

/** Names that come again and again, numbered once for the whole process; the empty name is 0. */
export class Names {
  private readonly numbers = new Map<string, number>([['', 0]]);
  private readonly names: string[] = [''];
  private last = '';
  private lastNumber = 0;

  /** The number of a name; -1 where there are too many names. */
  numberOf(name: string): number {
    if (name === this.last) return this.lastNumber;
    let number = this.numbers.get(name);
    if (number === undefined) {
      if (this.names.length === NAMES_MAX) return -1;
      number = this.names.push(name) - 1;
      this.numbers.set(name, number);
    }
    this.last = name;
    this.lastNumber = number;
    return number;
  }

  nameOf(number: number): string {
    return this.names[number] as string;
  }

  /** The number of a name that is told in ASCII. */
  numberOfAscii(bytes: Uint8Array, start: number, end: number): number {
    const { last } = this;
    let index = start;
    if (last.length === end - start) {
      while (index < end && last.charCodeAt(index - start) === bytes[index]) index++;
      if (index === end) return this.lastNumber;
    }
    let name = '';
    for (index = start; index < end; index++) name += String.fromCharCode(bytes[index] as number);
    return this.numberOf(name);
  }
}

/** How ids begin: with their source and a space. */
const BEGINNINGS = new Names();
export const METRICS = new Names();

/** Lists to read the units of a text into, by their length. */
const UNITS: number[][] = [];

/** One double, as a number and as bytes. */
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** A writer and a reader over bytes that others own. */
export class LedgerText {
  private readonly written = new Uint8Array(TEXT_BYTES_MAX);
  /** Bytes written so far. */
  length = 0;
  /** What was to be written does not fit; nothing of it can be used. */
  tooLong = false;
  private source: Uint8Array = this.written;
  private cursor = 0;

  /** Begins a text with the id of an event, and its metric if it is a reading that has one. */
  begin(event: Event, metric: string | null): void {
    this.length = 0;
    this.tooLong = false;
    const { id, source } = event;
    const beginning = id.charCodeAt(source.length) === 0x20 && id.startsWith(source) ? source : '';
    const number = BEGINNINGS.numberOf(beginning);
    this.writeWhole(Math.max(0, number));
    this.writeText(id, number > 0 ? source.length + 1 : 0);
    this.writeMetric(metric);
  }

  /** Begins a text with an id that is told in ASCII, and the metric of a reading. */
  beginAscii(bytes: Uint8Array, start: number, end: number, metric: string | null): void {
    this.length = 0;
    this.tooLong = end - start > TEXT_BYTES_MAX - 16;
    if (this.tooLong) return;
    let space = start;
    while (space < end && bytes[space] !== SPACE) space++;
    const number = space > start && space < end ? BEGINNINGS.numberOfAscii(bytes, start, space) : 0;
    this.writeWhole(Math.max(0, number));
    const from = number > 0 ? space + 1 : start;
    this.writeWhole((end - from) << 1);
    const { written } = this;
    let { length } = this;
    for (let index = from; index < end; index++) written[length++] = bytes[index] as number;
    this.length = length;
    this.writeMetric(metric);
  }

  private writeMetric(metric: string | null): void {
    if (metric === null) return;
    const number = METRICS.numberOf(metric);
    if (number < 0) this.tooLong = true;
    else this.writeWhole(number);
  }

  writeValue(value: Value): void {
    if (value === null) this.writeByte(TAG.null);
    else if (typeof value === 'boolean') this.writeByte(value ? TAG.true : TAG.false);
    else if (typeof value === 'number') this.writeNumber(value);
    else if (typeof value === 'string') {
      this.writeByte(TAG.string);
      this.writeText(value, 0);
    } else if (value instanceof ExpressionError) this.tooLong = true;
    else {
      this.writeByte(TAG.json);
      this.writeText(JSON.stringify(value), 0);
    }
  }

  copyTo(bytes: Uint8Array, start: number): void {
    const { written, length } = this;
    for (let index = 0; index < length; index++) bytes[start + index] = written[index] as number;
  }

  /** Readies to read what was copied. */
  read(bytes: Uint8Array, start: number): void {
    this.source = bytes;
    this.cursor = start;
  }

  id(): string {
    const beginning = BEGINNINGS.nameOf(this.whole());
    const rest = this.readText();
    return beginning === '' ? rest : `${beginning} ${rest}`;
  }

  /** Puts the id into bytes, without a text of it. @returns its length; -1 where it is not ASCII or does not fit */
  idTo(bytes: Uint8Array, start: number): number {
    const beginning = BEGINNINGS.nameOf(this.whole());
    const header = this.whole();
    const length = header >>> 1;
    const { source, cursor } = this;
    if ((header & 1) !== 0 || start + beginning.length + 1 + length > bytes.length) return -1;
    let all = 0;
    let at = start;
    for (let index = 0; index < beginning.length; index++) all |= bytes[at++] = beginning.charCodeAt(index);
    if (at > start) bytes[at++] = SPACE;
    for (let index = 0; index < length; index++) all |= bytes[at++] = source[cursor + index] as number;
    return all < 0x80 ? at - start : -1;
  }

  skipId(): void {
    this.whole();
    const header = this.whole();
    this.cursor += (header >>> 1) * ((header & 1) + 1);
  }

  whole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.source[this.cursor++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  value(): Value {
    const tag = this.source[this.cursor++];
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
        return this.readDouble();
      case TAG.string:
        return this.readText();
      default:
        return JSON.parse(this.readText()) as Json;
    }
  }

  private readText(): string {
    const header = this.whole();
    const length = header >>> 1;
    const { source, cursor } = this;
    if ((header & 1) === 0) {
      this.cursor += length;
      const units = (UNITS[length] ??= new Array<number>(length).fill(0));
      for (let index = 0; index < length; index++) units[index] = source[cursor + index] as number;
      return String.fromCharCode.apply(null, units);
    }
    this.cursor += 2 * length;
    let text = '';
    for (let at = cursor; at < cursor + 2 * length; at += 2) {
      text += String.fromCharCode((source[at] as number) | ((source[at + 1] as number) << 8));
    }
    return text;
  }

  private readDouble(): number {
    for (let index = 0; index < 8; index++) doubleBytes[index] = this.source[this.cursor++] as number;
    return double[0] as number;
  }

  private writeByte(byte: number): void {
    if (this.length === TEXT_BYTES_MAX) this.tooLong = true;
    else this.written[this.length++] = byte;
  }

  private writeWhole(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.writeByte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.writeByte(rest);
  }

  private writeNumber(value: number): void {
    if (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) {
      this.writeByte(TAG.whole);
      this.writeWhole(value);
      return;
    }
    this.writeByte(TAG.double);
    double[0] = value;
    for (let index = 0; index < 8; index++) this.writeByte(doubleBytes[index] as number);
  }

  /** One byte a unit where all of them fit, else two. */
  private writeText(value: string, from: number): void {
    const units = value.length - from;
    if (this.length + 2 * units + 8 > TEXT_BYTES_MAX) {
      this.tooLong = true;
      return;
    }
    const start = this.length;
    this.writeWhole(units << 1);
    const { written } = this;
    let at = this.length;
    for (let index = from; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit > 0xff) {
        this.length = start;
        this.writeWide(value, from);
        return;
      }
      written[at++] = unit;
    }
    this.length = at;
  }

  private writeWide(value: string, from: number): void {
    this.writeWhole(((value.length - from) << 1) | 1);
    for (let index = from; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      this.writeByte(unit & 0xff);
      this.writeByte(unit >>> 8);
    }
  }
}
