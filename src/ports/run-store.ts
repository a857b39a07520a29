// Runs: sequences of records that a sort puts aside where they do not fit in memory.

/** One run, in the order in which it was written. */
export interface StoredRun {
  /** Pages of bounded size; may be read once. */
  read(): AsyncIterable<readonly Uint8Array[]>;
  /** Gives its room back. */
  drop(): Promise<void>;
}

export interface RunStore {
  /** @throws CodedError FILE_WRITE where there is no room */
  write(pages: AsyncIterable<readonly Uint8Array[]>): Promise<StoredRun>;
  /** Drops every run. */
  close(): Promise<void>;
}
