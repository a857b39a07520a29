// What the HTTP front asks of the running system.
import type { Act, Role } from '../events/act.js';
import type { BodyText } from '../events/body.js';
import type { ModelsOrder } from '../events/models-order.js';
import type { ErasureOrder, PersonalOrder } from '../events/personal-access.js';
import type { SilenceOrder } from '../events/silence.js';
import type { WithheldFilter } from '../events/withheld.js';

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

/** One thing that readiness rests on; what is left out was not to be seen. */
export interface ReadyCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Records that wait. */
  readonly lag_records?: number;
  /** The instant up to which time has passed, RFC 3339; null before the first. */
  readonly clock?: string | null;
  /** How far the clock is behind this machine's. */
  readonly behind_seconds?: number;
  /** The shares of this process, as `role: log/partition`. */
  readonly partitions?: readonly string[];
  /** What to do where it does not hold. */
  readonly next?: string;
}

/** On whose behalf a request comes. */
export interface Caller {
  /** Id of the account. */
  readonly id: string;
  readonly role: Role;
  /** For whom; null for who acts for no department. */
  readonly department: string | null;
  /** Only what lies in the regions that begin with this code; null for all. */
  readonly region: string | null;
}

/** What a request shows of its sender. */
export interface Credentials {
  readonly token: string | null;
  /** The department to act for, where this machine asks for no tokens. */
  readonly department: string | null;
}

export interface WarningQuery {
  /** Those that are not over and that this department has a part in; null for all current ones. */
  readonly department: string | null;
  readonly offset: number;
  readonly limit: number;
}

export interface QueueQuery {
  /** Whose queue; null for that of the caller's own department. */
  readonly department: string | null;
  readonly offset: number;
  readonly limit: number;
}

/** What became of an action. */
export type ActOutcome =
  | { readonly kind: 'done'; readonly warning: unknown }
  | {
      readonly kind: 'refused';
      readonly code: 'ACTION_ILLEGAL' | 'ACTION_FORBIDDEN' | 'ACTION_INVALID' | 'ACTION_LIMIT' | 'ACTION_KEY';
      readonly message: string;
      readonly allowed: readonly string[];
    }
  /** There is no such warning that the caller may read. */
  | { readonly kind: 'absent' };

/** What became of an order to bring other rules in; `invalid` where they have errors, and nothing changes. */
export type ModelsOutcome =
  | { readonly outcome: 'announced'; readonly revision: string; readonly at: string }
  | { readonly outcome: 'asked' | 'known'; readonly revision: string }
  | { readonly outcome: 'invalid'; readonly faults: readonly string[] };

/** What the pages know of the catalogue. */
export interface Directory {
  /** IANA zone of local time. */
  readonly zone: string;
  readonly departments: readonly { readonly id: string; readonly name: string }[];
  /** Departments whose warnings the caller may ask for; empty where there is nothing to choose. */
  readonly visible: readonly string[];
}

export interface Front {
  /**
   * Who a request comes from; undefined where it says nothing valid. Without any token the machine is open: whoever
   * reaches it counts as its operator, or as the department that the request names.
   */
  caller(credentials: Credentials): Promise<Caller | undefined>;
  /**
   * Takes a body of events, and of actions for the caller's department; resolves once what was accepted is durable.
   * @param traceparent of the request, as W3C Trace Context has it; null or left out for none
   */
  accept(body: BodyText, caller: Caller, traceparent?: string | null): Promise<AcceptedEvents>;
  /** Whether the start is still under way: nothing is taken or shown yet. */
  catchingUp(): boolean;
  /** Seconds after which a sender may try again, or null where events are taken now. */
  busyForSeconds(): number | null;
  /**
   * A page of the warnings that a caller may read, gravest and newest first. It is `incomplete` where there are more
   * departments, or warnings, than one list looks through.
   */
  warnings(
    query: WarningQuery,
    caller: Caller,
  ): Promise<{ readonly items: readonly unknown[]; readonly total: number; readonly incomplete?: true }>;
  /** One warning with its evidence; undefined where there is none of that id that the caller may read. */
  warning(id: string, caller: Caller): Promise<unknown>;
  /**
   * Takes an action on a warning; resolves once it is taken or refused for good.
   * @param action its id: the same one again changes nothing and gets the same answer
   */
  act(
    warning: string,
    action: { readonly id: string; readonly act: Act },
    caller: Caller,
  ): Promise<ActOutcome>;
  directory(caller: Caller): Directory;
  /** A page of what departments were not told at once, newest first; null for `next` where nothing older is left. */
  withheld(
    filter: WithheldFilter,
    limit: number,
    caller: Caller,
  ): Promise<{ readonly items: readonly unknown[]; readonly next: string | null }>;
  /** The silences that were ordered and have not ended. */
  silences(caller: Caller): Promise<readonly unknown[]>;
  /** Orders a silence; resolves once it is in force. Rejects with a `CodedError` SILENCE_* where it may not be. */
  silence(order: SilenceOrder, caller: Caller): Promise<unknown>;
  /** Ends a silence. @returns false where there is none of that id; rejects with SILENCE_FORBIDDEN */
  endSilence(id: string, caller: Caller): Promise<boolean>;
  /**
   * The clear value behind a pseudonym, noted in the audit log; undefined where there is no such warning that the caller
   * may read, or it does not show the pseudonym. Rejects with a `CodedError` PERSONAL_*.
   */
  reveal(order: PersonalOrder, caller: Caller): Promise<unknown>;
  /** Erases a personal value for good, noted in the audit log. @returns false where there is none; rejects with PERSONAL_FORBIDDEN */
  erase(order: ErasureOrder, caller: Caller): Promise<boolean>;
  /** Notes that somebody logged in, unless it was noted a moment ago. */
  entered(caller: Caller): Promise<void>;
  /** Notes that somebody was refused; resolves once that is durable, and also where it cannot be written. */
  refused(caller: Caller | null, what: string): Promise<void>;
  /** Of a page of the audit log from an offset on, oldest first, what the caller may read. */
  audit(
    offset: number,
    limit: number,
    caller: Caller,
  ): Promise<{ readonly items: readonly unknown[]; readonly total: number }>;
  /**
   * The bundle of evidence of a warning, up to the last seal; undefined where there is none that the caller may read.
   * Rejects with a `CodedError` EVIDENCE_UNSEALED, EVIDENCE_LIMIT or EVIDENCE_FORMER where it cannot be given.
   */
  evidence(id: string, caller: Caller): Promise<unknown>;
  /**
   * The warnings that wait for a department, ranked; undefined where there is no such department that the caller may
   * ask for, or none is named and the caller acts for none.
   */
  queue(query: QueueQuery, caller: Caller): Promise<unknown>;
  /** What came of the warnings that a caller may read, by model and by department. */
  report(caller: Caller): Promise<unknown>;
  /** Which rules run, which come, and every change so far. */
  models(): Promise<unknown>;
  /** Brings other rules in. Rejects with a `CodedError` MODELS_BUSY, MODELS_UNKNOWN or RULES_CHANGED. */
  changeModels(order: ModelsOrder, caller: Caller): Promise<ModelsOutcome>;
  /** All that readiness rests on; ready where every check holds. */
  readiness(): Promise<readonly ReadyCheck[]>;
  /** Prometheus text exposition, and its content type. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}
