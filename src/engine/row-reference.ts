// The event of a row of a ledger as an object.
import type { Ledger } from './ledger.js';
import { EventReference } from './reference.js';

/** Its id is read when somebody asks for it, which must be before the ledger changes. */
export class RowReference extends EventReference {
  constructor(
    private readonly ledger: Ledger,
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
    return (this.text ??= this.ledger.id(this.row));
  }
}
