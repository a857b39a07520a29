// CSV (RFC 4180) in chunks. A line with broken quoting is refused alone: reading goes on at the next line,
// where a parser that looks for the closing quote would lose the rest of the file.

/** Longest record, in UTF-16 units, the line ends inside quotes included. */
const MAX_RECORD_CHARACTERS = 1_048_576;
/** Of a refused line this much is kept for the file of rejects. */
const RAW_KEPT_CHARACTERS = 10_000;

export type CsvRecord =
  | { readonly ok: true; readonly line: number; readonly cells: readonly string[] }
  | {
      readonly ok: false;
      readonly line: number;
      readonly code: 'ROW_MALFORMED' | 'ROW_TOO_LARGE';
      readonly message: string;
      readonly raw: string;
    };

type QuotedResult =
  | { readonly kind: 'record'; readonly cells: string[]; readonly end: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly message: string };

const INCOMPLETE: QuotedResult = { kind: 'incomplete' };

/** Splits CSV text into records; empty lines are passed over. */
export class CsvSplitter {
  private rest = '';
  private line = 1;
  /** Inside a line that was refused for its length: all is dropped up to the next line end. */
  private dropping = false;

  constructor(private readonly delimiter: string) {}

  push(text: string): CsvRecord[] {
    return this.split(this.rest + text, false);
  }

  end(): CsvRecord[] {
    return this.split(this.rest, true);
  }

  private split(text: string, last: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    let quote = text.indexOf('"');
    while (at < text.length) {
      const lineEnd = this.lineEnd(text, at, last);
      if (lineEnd < 0) break;
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
      let end = lineEnd;
      if (this.dropping) this.dropping = false;
      else if (quote < 0 || quote >= lineEnd) this.plain(records, withoutReturn(text, at, lineEnd));
      else {
        const result = this.quoted(text, at, last);
        if (result.kind === 'incomplete' && !last && text.length - at <= MAX_RECORD_CHARACTERS) break;
        if (result.kind === 'record') {
          records.push({ ok: true, line: this.line, cells: result.cells });
          end = result.end;
        } else records.push(this.refused(text.slice(at, lineEnd), result));
      }
      this.line += 1 + lineEndsWithin(text, at, end);
      at = end + 1;
    }
    this.rest = this.keep(text.slice(at), records);
    return records;
  }

  private lineEnd(text: string, at: number, last: boolean): number {
    const lineEnd = text.indexOf('\n', at);
    return lineEnd < 0 && last ? text.length : lineEnd;
  }

  private plain(records: CsvRecord[], text: string): void {
    if (text === '') return;
    if (text.length > MAX_RECORD_CHARACTERS) records.push(this.tooLarge(text));
    else records.push({ ok: true, line: this.line, cells: text.split(this.delimiter) });
  }

  /** What stays for the next chunk; a line without end is refused once and then dropped. */
  private keep(rest: string, records: CsvRecord[]): string {
    if (this.dropping) return '';
    if (rest.length <= MAX_RECORD_CHARACTERS || rest.includes('\n')) return rest;
    records.push(this.tooLarge(rest));
    this.dropping = true;
    return '';
  }

  private tooLarge(text: string): CsvRecord {
    const message = `the line is over ${MAX_RECORD_CHARACTERS} characters`;
    const raw = text.slice(0, RAW_KEPT_CHARACTERS);
    return { ok: false, line: this.line, code: 'ROW_TOO_LARGE', message, raw };
  }

  private refused(line: string, result: QuotedResult): CsvRecord {
    const message = result.kind === 'malformed' ? result.message : 'a quote is opened and not closed';
    const raw = line.slice(0, RAW_KEPT_CHARACTERS);
    return { ok: false, line: this.line, code: 'ROW_MALFORMED', message, raw };
  }

  /** One record from `at` that has a quote on its first line; it may span lines. */
  private quoted(text: string, at: number, last: boolean): QuotedResult {
    const cells: string[] = [];
    let from = at;
    for (;;) {
      let next: number;
      if (text[from] === '"') {
        const close = closingQuote(text, from);
        if (close < 0 || (close + 1 >= text.length && !last)) return INCOMPLETE;
        cells.push(text.slice(from + 1, close).replaceAll('""', '"'));
        next = close + 1;
      } else {
        next = this.bareEnd(text, from);
        const cell = withoutReturn(text, from, next);
        if (cell.includes('"'))
          return { kind: 'malformed', message: 'a quote stands inside an unquoted cell' };
        cells.push(cell);
      }
      if (text[next] === '\r' && (text[next + 1] === '\n' || next + 1 >= text.length)) {
        if (next + 1 >= text.length && !last) return INCOMPLETE;
        next++;
      }
      if (next >= text.length) return last ? { kind: 'record', cells, end: text.length } : INCOMPLETE;
      if (text[next] === '\n') return { kind: 'record', cells, end: next };
      if (text[next] !== this.delimiter) {
        return { kind: 'malformed', message: 'text follows a closing quote' };
      }
      from = next + 1;
    }
  }

  private bareEnd(text: string, from: number): number {
    const lineEnd = text.indexOf('\n', from);
    const delimiter = text.indexOf(this.delimiter, from);
    const end = lineEnd < 0 ? text.length : lineEnd;
    return delimiter < 0 || delimiter > end ? end : delimiter;
  }
}

function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  return close;
}

function withoutReturn(text: string, from: number, to: number): string {
  return text.slice(from, to > from && text[to - 1] === '\r' ? to - 1 : to);
}

function lineEndsWithin(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
