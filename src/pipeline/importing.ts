// Rows in, CloudEvents out: each row becomes a line of NDJSON, or one for each cell that is unpivoted, or a reject.
import { CODES, type Code } from '../events/codes.js';
import { parseCloudEvent } from '../events/envelope.js';
import type { JsonObject } from '../events/event.js';
import type { RowRead } from '../ports/rows.js';
import type { MapRow, MappedCell, RowReject } from './mapping/mapper.js';

/** A row that became no event, as a line in the file of rejects. It holds the row and whatever is personal in it. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  /** Of a row that is unpivoted, where it is one cell that became no event; `row` then holds this cell alone. */
  readonly column?: string;
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
  readonly column: string | undefined;
  /** What the code means and what to do. */
  readonly explanation: string;
  count: number;
}

export type Imported =
  | { readonly kind: 'event'; readonly event: JsonObject }
  | { readonly kind: 'reject'; readonly reject: Reject };

/** Where something is rejected: a row, or one of its cells. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: string;
}

interface Reason {
  readonly code: Code;
  readonly message: string;
  readonly field?: RowReject['field'] | undefined;
}

/** Distinct (code, field) pairs that are told apart; a mapping names at most 200 fields. */
const MAX_REASONS = 1_000;

/** Applies a mapping to rows and counts what became of them. */
export class RowImport {
  rows = 0;
  events = 0;
  /** Rows that the mapping passes over. */
  skipped = 0;
  /** Cells that unpivot found empty. */
  emptyCells = 0;
  rejected = 0;
  private readonly byReason = new Map<string, RejectReason>();

  constructor(private readonly map: MapRow) {}

  /** Reasons in order of their first row. */
  reasons(): readonly RejectReason[] {
    return [...this.byReason.values()];
  }

  /** What one row becomes; nothing where it is skipped or has nothing to tell. */
  take(read: RowRead, file: string): readonly Imported[] {
    this.rows++;
    const place = { file, line: read.line };
    if (!read.ok) return [this.reject(place, { code: read.code, message: read.message }, read.raw)];
    const mapped = this.map(read.row);
    switch (mapped.kind) {
      case 'skip':
        this.skipped++;
        return [];
      case 'reject':
        return [this.reject(place, mapped, read.row)];
      case 'event':
        return [this.accept(place, mapped.event, read.row)];
      case 'cells':
        this.emptyCells += mapped.empty;
        return mapped.cells.map((cell) => this.takeCell(place, cell));
    }
  }

  private takeCell(place: Place, mapped: MappedCell): Imported {
    const inRow = { ...place, column: mapped.column };
    const row = { [mapped.column]: mapped.cell };
    return mapped.kind === 'event' ? this.accept(inRow, mapped.event, row) : this.reject(inRow, mapped, row);
  }

  private accept(place: Place, event: JsonObject, row: unknown): Imported {
    const parsed = parseCloudEvent(event);
    if (!parsed.ok) return this.reject(place, parsed, row);
    this.events++;
    return { kind: 'event', event };
  }

  private reject(place: Place, reason: Reason, row: unknown): Imported {
    const { code, message, field } = reason;
    this.rejected++;
    const name = `${code} ${field ?? ''}`;
    const known = this.byReason.get(name);
    if (known !== undefined) known.count++;
    else if (this.byReason.size < MAX_REASONS) {
      const { file, line, column } = place;
      this.byReason.set(name, { code, field, file, line, column, explanation: CODES[code], count: 1 });
    }
    const reject = { ...place, code, ...(field === undefined ? {} : { field }), message, row };
    return { kind: 'reject', reject };
  }
}
