// The state of one consumer (evaluate, alert, ...): keyed binary records, timers, and an atomic checkpoint.

export interface TimerEntry {
  /** Epoch milliseconds. */
  readonly due: number;
  readonly key: string;
  /** What falls due for the key; a model's name in evaluate. */
  readonly name: string;
}

/** One atomic step of a consumer. It builds on the checkpoint with `base` and is refused if another is stored. */
export interface Checkpoint {
  /** Sequence number of the checkpoint that this one builds on; 0 for the first. */
  readonly base: number;
  /** Nonce of the checkpoint that this one builds on; empty for the first. */
  readonly baseNonce: string;
  readonly nonce: string;
  /** Offsets, clock, origins, chain heads: opaque here. */
  readonly meta: Uint8Array;
  /** Changed records; null deletes. */
  readonly records: ReadonlyMap<string, Uint8Array | null>;
  /** A timer that is both cleared and set in one step stays. */
  readonly timersSet: readonly TimerEntry[];
  readonly timersCleared: readonly TimerEntry[];
}

export interface StoredCheckpoint {
  readonly sequence: number;
  readonly nonce: string;
  readonly meta: Uint8Array;
}

export type CommitResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'fenced' };

/**
 * Each consumer and partition has a namespace of its own, for example `evaluate/0`. A call that is refused as a
 * whole, for a key that is too long or a disk that is full, rejects with a `CodedError`; nothing of it is kept.
 */
export interface StateStore {
  /** The newest checkpoint, or undefined before the first. */
  checkpoint(namespace: string): Promise<StoredCheckpoint | undefined>;
  /**
   * Whether the newest checkpoint is still this one; sequence 0 and an empty nonce before the first. What was read
   * since it was loaded is then of it, and of no later one.
   */
  isCurrent(namespace: string, sequence: number, nonce: string): Promise<boolean>;
  /** Records by key, in the order asked; undefined where there is none. */
  load(namespace: string, keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** Timers due at or before `until`, at most `limit`, in the byte order of (due, name, key). */
  due(namespace: string, until: number, limit: number): Promise<TimerEntry[]>;
  /** Keys of records that start with `prefix`, in byte order, from the key after `after`, at most `limit`. */
  keys(namespace: string, prefix: string, after: string, limit: number): Promise<string[]>;
  /** Applies all or nothing; durable once it resolves. */
  commit(namespace: string, checkpoint: Checkpoint): Promise<CommitResult>;
}
