// What the supervisor and its child say to each other over the IPC channel.
import type { ReaderSettings, Verdict } from './readers/reader-front.js';

/** Sent once after the fork. The token travels here, since arguments and environment can be read by others. */
export interface OpenMessage {
  readonly kind: 'open';
  readonly path: string;
  /** The folder of back-ups; null for none. */
  readonly copies: string | null;
  readonly token: string;
  /** 0 lets the system choose; a restarted child is given the port of its predecessor. */
  readonly port: number;
  /** The package that holds the engine. */
  readonly library: string;
  readonly lockWaitMs: number;
  /** Where programs of others read; null for nowhere. */
  readonly readers: ReaderSettings | null;
}

/** What the token of a reader is good for, as the child asked. */
export interface VerdictMessage {
  readonly kind: 'verdict';
  readonly id: number;
  readonly verdict: Verdict;
}

/** Finish what runs, close the data directory, exit. */
export interface StopMessage {
  readonly kind: 'stop';
}

export type ToChild = OpenMessage | VerdictMessage | StopMessage;

export interface ReadyMessage {
  readonly kind: 'ready';
  readonly port: number;
  readonly readersPort: number | null;
  /** Tables from whose deduplication log a block was taken that a kill had kept from being there. */
  readonly mended: readonly string[];
}

/** The child could not start; it exits after this. */
export interface FailedMessage {
  readonly kind: 'failed';
  readonly code:
    'WAREHOUSE_UNAVAILABLE' | 'WAREHOUSE_LOCKED' | 'WAREHOUSE_DAMAGED' | 'WAREHOUSE_PORT' | 'READERS_PORT';
  /** One line. */
  readonly message: string;
}

/** Somebody reads with this token: may he? */
export interface TokenMessage {
  readonly kind: 'token';
  readonly id: number;
  readonly token: string;
}

export type FromChild = ReadyMessage | FailedMessage | TokenMessage;
