// A JSON array of rows in chunks: finds where each element ends without holding the whole array.
import { CodedError } from '../../events/coded-error.js';
import type { RowRead } from '../../ports/rows.js';
import { readJsonRow, refuseJsonRow } from './json-row.js';

const MAX_ELEMENT_CHARACTERS = 1_048_576;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const NEW_LINE = 0x0a;
const SPACE = 0x20;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** Throws CodedError IMPORT_FORMAT where the text does not begin with an array. */
export class JsonArraySplitter {
  private stage: 'before' | 'inside' | 'after' | 'done' = 'before';
  /** Text of the element so far; what lies before the current chunk. */
  private element = '';
  private elementLine = 1;
  private elements = 0;
  private line = 1;
  private depth = 0;
  private inText = false;
  private escaped = false;
  private oversized = false;

  constructor(private readonly name: string) {}

  push(text: string): RowRead[] {
    const reads: RowRead[] = [];
    if (this.stage === 'done') return reads;
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === NEW_LINE) this.line++;
      if (this.stage === 'inside') {
        if (!this.ends(unit)) continue;
        this.finish(this.element + text.slice(from, i), unit === CLOSE_LIST, reads);
        from = i + 1;
      } else if (unit > SPACE) {
        if (this.stage === 'after') {
          this.stage = 'done';
          reads.push(refuseJsonRow(this.line, 'ROW_MALFORMED', 'text follows the array', text.slice(i)));
          return reads;
        }
        this.begin(unit);
        from = i + 1;
      }
    }
    if (this.stage === 'inside') this.keep(text.slice(from), reads);
    return reads;
  }

  end(): RowRead[] {
    if (this.stage === 'after' || this.stage === 'done') return [];
    if (this.stage === 'before') throw new CodedError('IMPORT_FORMAT', `${this.name} is empty.`);
    this.stage = 'after';
    return [refuseJsonRow(this.elementLine, 'ROW_MALFORMED', 'the array is not closed', this.element)];
  }

  private begin(unit: number): void {
    if (unit !== OPEN_LIST) {
      throw new CodedError(
        'IMPORT_FORMAT',
        `${this.name} does not begin with [; expected an array of rows. For one object a line use ndjson.`,
      );
    }
    this.stage = 'inside';
    this.elementLine = this.line;
  }

  /** Whether the element ends before this unit. */
  private ends(unit: number): boolean {
    if (this.inText) {
      if (this.escaped) this.escaped = false;
      else if (unit === BACKSLASH) this.escaped = true;
      else if (unit === QUOTE) this.inText = false;
      return false;
    }
    if (this.depth === 0 && (unit === COMMA || unit === CLOSE_LIST)) return true;
    if (unit === QUOTE) this.inText = true;
    else if (unit === OPEN_MAP || unit === OPEN_LIST) this.depth++;
    else if ((unit === CLOSE_MAP || unit === CLOSE_LIST) && this.depth > 0) this.depth--;
    return false;
  }

  private finish(element: string, closed: boolean, reads: RowRead[]): void {
    const text = element.trim();
    const emptyArray = text === '' && closed && this.elements === 0;
    const begins = this.elementLine + leadingLineEnds(element);
    if (!emptyArray && !this.oversized) reads.push(readJsonRow(text, begins));
    this.elements++;
    this.element = '';
    this.oversized = false;
    this.elementLine = this.line;
    if (closed) this.stage = 'after';
  }

  private keep(text: string, reads: RowRead[]): void {
    if (this.oversized) return;
    this.element += text;
    if (this.element.length <= MAX_ELEMENT_CHARACTERS) return;
    const message = `the row is over ${MAX_ELEMENT_CHARACTERS} characters`;
    reads.push(refuseJsonRow(this.elementLine, 'ROW_TOO_LARGE', message, this.element));
    this.element = '';
    this.oversized = true;
  }
}

function leadingLineEnds(text: string): number {
  const blank = text.slice(0, text.length - text.trimStart().length);
  return blank.split('\n').length - 1;
}
