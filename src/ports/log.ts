// An append-only, partitioned log of opaque records; a record is durable before its append resolves.

export interface StoredRecord {
  readonly offset: number;
  readonly value: Uint8Array;
}

export interface Log {
  /**
   * Appends in order and resolves once the records are durable.
   * Rejects with a `CodedError` where the records cannot be kept; then none of them is.
   * @returns the offset of the first of them; the others follow without holes.
   */
  append(partition: number, values: readonly Uint8Array[]): Promise<number>;
  /**
   * Reads up to `limit` records from `offset` on; fewer, or none, at the end of the log. Records of its past may be
   * missing (letting-go.ts), so a reader goes on behind the last one that it got, and asks each for its offset.
   * Rejects with the `CodedError` RECORD_GONE where the log has let go of the first of them.
   */
  read(partition: number, offset: number, limit: number): Promise<StoredRecord[]>;
  /** The offset that the next appended record will get. */
  end(partition: number): Promise<number>;
}

/** The logs of a deployment by name. */
export type LogName =
  | 'events'
  | 'inbox'
  | 'verdicts'
  | 'deliveries'
  | 'actions'
  | 'dead-letters'
  | 'operator'
  | 'audit'
  | 'withheld'
  | 'cases'
  | 'seals';
export type Logs = { readonly [name in LogName]: Log };

/** Logs that only a deployment of several partitions has: what strata say to higher ones, and what all say to the inbox. */
export type WideLogName = 'derived' | 'transitions';
export type WideLogs = Logs & { readonly [name in WideLogName]: Log };
