// The audit log: what one line of it is, and how lines come into it.
import type { Key } from '../events/event.js';
import type { Logs } from '../ports/log.js';
import { encodeJson } from './checkpoint.js';

/** What an entry of the audit log is about. */
export interface About {
  readonly warning?: string;
  /** A silence that was ordered or ended. */
  readonly silence?: string;
  /** A legal hold that was ordered or ended, on whom, and by whom in words. */
  readonly hold?: string;
  readonly subject?: string;
  readonly by?: string;
  /** When a hold that was ordered ends, epoch ms. */
  readonly until?: number;
  /** Places of dead letters in their log, such as `17` or `17, 20-31`. */
  readonly dead_letters?: string;
  /** The rules that were brought in, and those before them. */
  readonly revision?: string;
  readonly former?: string;
  /** Whose clear value was asked for, for what, and why in the words of who asked. */
  readonly pseudonym?: string;
  readonly purpose?: string;
  readonly reason?: string;
  /** Events that were let go: how many of which stream, and when the first and the last arrived, epoch ms. */
  readonly stream?: string;
  readonly count?: number;
  readonly first?: number;
  readonly last?: number;
  /** Where they were in the events log: the partition, offsets with the last one excluded, and by key what a hold kept first. */
  readonly partition?: number;
  readonly from?: number;
  readonly below?: number;
  readonly stayed?: { readonly [key: Key]: number };
  /** How many like it came before, and were not noted one by one. */
  readonly more?: number;
}

/** One line of the audit log. */
export interface AuditEntry extends About {
  /** Epoch ms. */
  readonly at: number;
  readonly account: string | null;
  readonly role: string | null;
  readonly department: string | null;
  /** What was done or asked for. */
  readonly what: string;
  readonly outcome: string;
}

/** Appends entries; durable once it resolves. */
export async function appendAudit(logs: Pick<Logs, 'audit'>, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length > 0) await logs.audit.append(0, entries.map(encodeJson));
}
