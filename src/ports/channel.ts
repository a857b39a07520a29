// A way to departments: one interface for files, webhooks, mail and robots.
import type { Layout } from '../alerts/letter.js';

export type { Layout, Letter } from '../alerts/letter.js';

/** One message for one department; `id` is the idempotency key. */
export interface Delivery {
  readonly id: string;
  readonly department: string;
  readonly channel: string;
  /** The message as data. */
  readonly body: { readonly [name: string]: unknown };
}

/** One attempt at a delivery. */
export interface Message extends Delivery {
  /** 1 for the first; a receiver is told that a later one is a retry. */
  readonly attempt: number;
  /** Sent by a person who tries a channel out; it rests on no warning. */
  readonly isTest: boolean;
  /** The letter, laid out; shortened, where it must be, until it has at most so many bytes of UTF-8. */
  text(layout: Layout, maxBytes: number): string;
  /** As `text`, with every character of its parts neutralised that could mark up, mention or link. */
  markdown(layout: Layout, maxBytes: number): string;
}

/** Why a send did not work. */
export interface SendFailure {
  readonly ok: false;
  /** A code of the catalogue. */
  readonly reason: string;
  /** What the receiver said, for operators; it never holds a secret or a personal value. */
  readonly detail?: string;
  readonly retriable: boolean;
  /** The receiver is there and asks for fewer messages. */
  readonly limited?: true;
  /** How long the receiver asks to be left alone. */
  readonly retryAfterMs?: number;
  /** The receiver may have taken it all the same: the answer was lost. */
  readonly inDoubt?: true;
}

/** `note` is what an operator should know although it was taken, for example that one of several addresses refused. */
export type SendResult = { readonly ok: true; readonly note?: string } | SendFailure;

/** At most so many messages in a span of time. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** Hours of the local day in which messages of low levels wait; minutes after midnight, the end before the start where they span it. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Levels that wait; red is never among them. The end of a warning waits as well. */
  readonly levels: readonly string[];
}

/** How messages are handed to a channel. */
export interface ChannelPolicy {
  /** Messages in one send. */
  readonly batch: number;
  /** Attempts at a message before it is undeliverable. */
  readonly attempts: number;
  /** How long a message may wait, from when it could first be sent. */
  readonly giveUpAfterMs: number;
  /** Bounds of the back-off; the wait after attempt n is random, at most the first doubled n - 1 times. */
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** After so many failures in a row an endpoint is left alone for a while, and then tried with one message. */
  readonly circuitFailures: number;
  readonly circuitCoolDownMs: number;
  /** Of each endpoint. */
  readonly rates: readonly Rate[];
  /** Endpoints that are sent to at a time. */
  readonly concurrent: number;
  /** Whether a receiver knows a message again by its id, so that a repetition does no harm. */
  readonly knowsKey: boolean;
  /** What becomes of an attempt without a known result, where the receiver does not know messages again. */
  readonly inDoubt: 'repeat' | 'avoid';
  readonly quiet: QuietHours | null;
  /** Whether the log is read no faster than messages are taken, as long as they are taken. */
  readonly isPatient: boolean;
}

export interface Channel {
  readonly name: string;
  readonly policy: ChannelPolicy;
  /** The endpoint of a department, by a name that holds no secret; messages to one never wait for another. Null where there is none. */
  endpointOf(department: string): string | null;
  /** Sends messages to one endpoint, all or none. It answers soon after `signal` aborts, and never rejects. */
  send(messages: readonly Message[], signal: AbortSignal): Promise<SendResult>;
  /** What would be sent, as a person reads it; without secrets. */
  preview(message: Message): string;
  close(): Promise<void>;
}
