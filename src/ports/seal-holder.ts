// Who holds seals outside the data folder, where nobody who could rewrite that folder can rewrite them.

/** A signed seal, ready to be handed over. */
export interface HandedSeal {
  readonly number: number;
  /** Its SHA-256, hex: the same seal has the same one however often it is handed over. */
  readonly id: string;
  /** The signed seal as one line of JSON, without a newline. */
  readonly line: string;
}

export type TakeResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: string;
      /** How long the holder asks to be left alone. */
      readonly retryAfterMs?: number;
    };

export interface SealHolder {
  /** What tells it from other holders, and stays over restarts: how far it has come is kept under this name. */
  readonly name: string;
  /** Seals that it is handed at once. */
  readonly atOnce: number;
  /** Takes seals in order, all or none; what it has already is acknowledged, not repeated. Durable once it resolves. */
  take(seals: readonly HandedSeal[]): Promise<TakeResult>;
}
