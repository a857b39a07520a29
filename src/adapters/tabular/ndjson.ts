// NDJSON in chunks: one JSON object a line.
import type { RowRead } from '../../ports/rows.js';
import { readJsonRow, refuseJsonRow } from './json-row.js';

const MAX_LINE_CHARACTERS = 1_048_576;

export class NdjsonSplitter {
  private rest = '';
  private line = 0;
  private dropping = false;

  constructor(private readonly read: (text: string, line: number) => RowRead = readJsonRow) {}

  push(text: string): RowRead[] {
    const reads: RowRead[] = [];
    let from = 0;
    const whole = this.rest + text;
    for (let to = whole.indexOf('\n'); to >= 0; to = whole.indexOf('\n', from)) {
      this.take(whole.slice(from, to), reads);
      from = to + 1;
    }
    this.rest = this.dropping ? '' : whole.slice(from);
    if (this.rest.length > MAX_LINE_CHARACTERS) {
      reads.push(refuseJsonRow(this.line + 1, 'ROW_TOO_LARGE', tooLong, this.rest));
      this.rest = '';
      this.dropping = true;
    }
    return reads;
  }

  end(): RowRead[] {
    const reads: RowRead[] = [];
    if (this.rest !== '') this.take(this.rest, reads);
    this.rest = '';
    return reads;
  }

  private take(text: string, reads: RowRead[]): void {
    this.line++;
    if (this.dropping) this.dropping = false;
    else if (text.length > MAX_LINE_CHARACTERS) {
      reads.push(refuseJsonRow(this.line, 'ROW_TOO_LARGE', tooLong, text));
    } else if (text.trim() !== '') reads.push(this.read(text, this.line));
  }
}

const tooLong = `the line is over ${MAX_LINE_CHARACTERS} characters`;
