// What the HTTP front asks of the running system.
import type { BodyText } from '../events/body.js';

/** What became of the events of one body. */
export interface AcceptedEvents {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly {
    readonly index: number;
    readonly place: string;
    readonly code: string;
    readonly message: string;
    readonly field?: string;
  }[];
  /** Why the body as a whole is refused, where it could not be split into events. */
  readonly body?: { readonly code: string; readonly message: string };
}

export interface Front {
  /** Takes a body of events; resolves once what was accepted is durable. */
  accept(body: BodyText): Promise<AcceptedEvents>;
  /** Whether the start is still under way: nothing is taken or shown yet. */
  catchingUp(): boolean;
  /** Seconds after which a sender may try again, or null where events are taken now. */
  busyForSeconds(): number | null;
  /** A page of current warnings, gravest and newest first. */
  warnings(
    offset: number,
    limit: number,
  ): Promise<{ readonly items: readonly unknown[]; readonly total: number }>;
  /** One warning with its evidence; undefined where there is none of that id. */
  warning(id: string): Promise<unknown>;
  /**
   * The bundle of evidence of a warning, up to the last seal; undefined where there is none of that id.
   * Rejects with a `CodedError` EVIDENCE_UNSEALED, EVIDENCE_LIMIT or EVIDENCE_FORMER where it cannot be given.
   */
  evidence(id: string): Promise<unknown>;
  /** Names of what is not ready; empty when all is. */
  notReady(): Promise<readonly string[]>;
  /** Prometheus text exposition, and its content type. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}
