// The event of a row of a ledger as an object.
import { EventReference } from './reference.js';

/** Where ids are by row, as a ledger has them. */
interface Rows {
  id(row: number): string;
}

/** Its id is read when somebody asks for it, which must be before the ledger changes. */
export class RowReference extends EventReference {
  constructor(
    private readonly rows: Rows,
    private readonly row: number,
    stream: number,
    time: number,
    at: number,
    offset: number,
    keepUntil: number,
    metric: string | null,
  ) {
    super(null, stream, time, at, offset, keepUntil, metric);
  }

  override get id(): string {
    return (this.text ??= this.rows.id(this.row));
  }
}
