// CSV (RFC 4180) in chunks. Quotes and cells are csv-parse's affair. It ends at the first broken quote, though,
// and so would lose the rest of the file: here the line with that quote is refused alone, and a new parse
// begins at the line after it.
import { CsvError, parse } from 'csv-parse/sync';

/** Longest record in UTF-8, its line ends included. */
const MAX_RECORD_BYTES = 1_048_576;
/** Of a refused line this much is kept for the file of rejects. */
const RAW_KEPT_CHARACTERS = 10_000;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const NOT_CLOSED = 'CSV_QUOTE_NOT_CLOSED';
const TOO_LARGE = 'CSV_MAX_RECORD_SIZE';

const NEVER_CLOSED = `a quote is opened and not closed within ${MAX_RECORD_BYTES} bytes`;
/** What csv-parse objects to, by its code; any other code is a fault of the program and is thrown. */
const OBJECTIONS: ReadonlyMap<string, string> = new Map([
  ['INVALID_OPENING_QUOTE', 'a quote stands inside an unquoted cell'],
  ['CSV_INVALID_CLOSING_QUOTE', 'text follows a closing quote'],
  [NOT_CLOSED, NEVER_CLOSED],
  [TOO_LARGE, NEVER_CLOSED],
]);

export type CsvRecord =
  | { readonly ok: true; readonly line: number; readonly cells: readonly string[] }
  | {
      readonly ok: false;
      readonly line: number;
      readonly code: 'ROW_MALFORMED' | 'ROW_TOO_LARGE';
      readonly message: string;
      readonly raw: string;
    };

/** Splits CSV text into records; empty lines are passed over. */
export class CsvSplitter {
  /** What is not yet split; begins where a record begins. */
  private rest = '';
  /** Number of the line with which `rest` begins. */
  private line = 1;
  /** Shorter than this `rest` is not tried again, so that a long record is parsed twice over, not once a chunk. */
  private worthTrying = 0;
  /** Inside a line that was refused for its length: all is dropped up to the next line end. */
  private dropping = false;

  constructor(private readonly delimiter: string) {}

  push(text: string): CsvRecord[] {
    this.rest += this.dropping ? this.afterDropped(text) : text;
    return this.rest.length < this.worthTrying ? [] : this.split(false);
  }

  end(): CsvRecord[] {
    if (this.rest === '') return [];
    this.rest += '\n';
    return this.split(true);
  }

  private afterDropped(text: string): string {
    const lineEnd = text.indexOf('\n');
    if (lineEnd < 0) return '';
    this.dropping = false;
    this.line++;
    return text.slice(lineEnd + 1);
  }

  private split(last: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    const wholeLines = this.rest.lastIndexOf('\n') + 1;
    let lines: Buffer = Buffer.from(this.rest.slice(0, wholeLines));
    let begun = this.rest.slice(wholeLines);
    while (lines.length > 0) {
      const { end, failure } = this.parse(lines, records);
      lines = lines.subarray(end);
      if (failure === undefined) break;
      const mayClose = !last && lines.length + begun.length <= MAX_RECORD_BYTES;
      if (failure === NOT_CLOSED && mayClose) break;
      lines = this.refuseLine(lines, failure, records);
    }
    if (lines.length === 0 && begun.length > MAX_RECORD_BYTES) {
      records.push(this.tooLarge(begun));
      this.dropping = true;
      begun = '';
    }
    this.rest = lines.toString() + begun;
    this.worthTrying = Math.min(2 * this.rest.length, MAX_RECORD_BYTES + 1);
    return records;
  }

  /** Reads records up to the end or to the first that fails: `end` is where it begins, `failure` the code. */
  private parse(lines: Buffer, records: CsvRecord[]): { end: number; failure?: string } {
    let end = 0;
    try {
      parse(lines, {
        delimiter: this.delimiter,
        record_delimiter: ['\r\n', '\n'],
        relax_column_count: true,
        // Records are taken as they come: those before a failure must not be lost with it.
        on_record: (cells: string[], { bytes }) => {
          const begin = end;
          if (bytes - begin > MAX_RECORD_BYTES) throw new CsvError(TOO_LARGE, 'over the limit');
          if (!isLineEnd(lines, begin)) records.push({ ok: true, line: this.line, cells });
          this.line += lineEndsBetween(lines, begin, bytes);
          end = bytes;
          return null;
        },
      });
      return { end };
    } catch (error) {
      if (error instanceof CsvError && OBJECTIONS.has(error.code)) return { end, failure: error.code };
      throw error;
    }
  }

  /** Refuses the first line alone and gives those after it: the quote may be a slip of that line only. */
  private refuseLine(lines: Buffer, failure: string, records: CsvRecord[]): Buffer {
    const lineEnd = lines.indexOf(LINE_FEED);
    const text = lines.toString('utf8', 0, lineEnd);
    const message = OBJECTIONS.get(failure) ?? failure;
    const raw = text.slice(0, RAW_KEPT_CHARACTERS);
    if (lineEnd >= MAX_RECORD_BYTES) records.push(this.tooLarge(text));
    else records.push({ ok: false, line: this.line, code: 'ROW_MALFORMED', message, raw });
    this.line++;
    return lines.subarray(lineEnd + 1);
  }

  private tooLarge(text: string): CsvRecord {
    const message = `the line is over ${MAX_RECORD_BYTES} bytes`;
    const raw = text.slice(0, RAW_KEPT_CHARACTERS);
    return { ok: false, line: this.line, code: 'ROW_TOO_LARGE', message, raw };
  }
}

function isLineEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED);
}

function lineEndsBetween(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED, from); at >= 0 && at < to; at = bytes.indexOf(LINE_FEED, at + 1))
    count++;
  return count;
}
