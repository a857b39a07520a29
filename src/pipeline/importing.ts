// Rows in, CloudEvents out: each row becomes one line of NDJSON, or a reject with its reason.
import { CODES, type Code } from '../events/codes.js';
import { parseCloudEvent } from '../events/envelope.js';
import type { JsonObject } from '../events/event.js';
import type { RowRead } from '../ports/rows.js';
import type { MapRow, RowReject } from './mapping/mapper.js';

/** A row that became no event, as a line in the file of rejects. It holds the row and whatever is personal in it. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly field?: string;
  readonly message: string;
  readonly row: unknown;
}

/** How often one reason was given, and where first; no values of rows, so that it may be logged. */
export interface RejectReason {
  readonly code: Code;
  readonly field: string | undefined;
  readonly file: string;
  readonly line: number;
  /** What the code means and what to do. */
  readonly explanation: string;
  count: number;
}

export type Imported =
  | { readonly kind: 'event'; readonly event: JsonObject }
  | { readonly kind: 'skip' }
  | { readonly kind: 'reject'; readonly reject: Reject };

/** Distinct (code, field) pairs that are told apart; a mapping names at most 200 fields. */
const MAX_REASONS = 1_000;

/** Applies a mapping to rows and counts what became of them. */
export class RowImport {
  rows = 0;
  events = 0;
  skipped = 0;
  rejected = 0;
  private readonly byReason = new Map<string, RejectReason>();

  constructor(private readonly map: MapRow) {}

  /** Reasons in order of their first row. */
  reasons(): readonly RejectReason[] {
    return [...this.byReason.values()];
  }

  take(read: RowRead, file: string): Imported {
    this.rows++;
    if (!read.ok) return this.reject(file, read.line, { ...read, field: undefined }, read.raw);
    const mapped = this.map(read.row);
    if (mapped.kind === 'skip') {
      this.skipped++;
      return mapped;
    }
    if (mapped.kind === 'reject') return this.reject(file, read.line, mapped, read.row);
    const parsed = parseCloudEvent(mapped.event);
    if (!parsed.ok) return this.reject(file, read.line, parsed, read.row);
    this.events++;
    return mapped;
  }

  private reject(
    file: string,
    line: number,
    reason: { code: Code; message: string; field?: RowReject['field'] | undefined },
    row: unknown,
  ): Imported {
    const { code, message, field } = reason;
    this.rejected++;
    const name = `${code} ${field ?? ''}`;
    const known = this.byReason.get(name);
    if (known !== undefined) known.count++;
    else if (this.byReason.size < MAX_REASONS) {
      const explanation = CODES[code];
      this.byReason.set(name, { code, field, file, line, explanation, count: 1 });
    }
    const reject = { file, line, code, ...(field === undefined ? {} : { field }), message, row };
    return { kind: 'reject', reject };
  }
}
