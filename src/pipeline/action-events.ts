// Actions that come as events: whose they may be, and their way into the inbox.
import type { Actor } from '../alerts/action.js';
import type { ActionRecord } from '../alerts/inbox.js';
import { parseActionEvent, type ActionEvent } from '../events/action-event.js';
import type { Refusal } from '../events/refusal.js';
import type { Logs } from '../ports/log.js';
import { appendAudit, type AuditEntry } from './audit.js';
import { encodeJson } from './checkpoint.js';

/** A sender as it would act for a department, and whether it may. */
export interface Sending {
  readonly actor: Actor;
  readonly allowed: boolean;
}

/** Who sends, by the department that an action is for; null for a sender of whom nothing is known. */
export type ActionSender = (department: string) => Sending | null;

/** An action that a sender may send. */
export interface ActionTaken extends Pick<ActionEvent, 'id' | 'warning' | 'act'> {
  readonly ok: true;
  readonly actor: Actor;
}

/** One that it may not; who sent it where that is known. */
export interface ActionRefused extends Refusal {
  readonly sent?: Pick<ActionTaken, 'actor' | 'act' | 'warning'>;
}

export type ActionRead = ActionTaken | ActionRefused;

/** A sender that may act for nobody. */
export const NOBODY: ActionSender = () => null;

/** Reads an action that came as an event. */
export function readAction(value: unknown, sender: ActionSender): ActionRead {
  const read = parseActionEvent(value);
  if (!read.ok) return read;
  const { id, warning, department, act } = read.action;
  const sending = sender(department);
  // A department names actions of its own, and can use up no name of another's.
  if (sending?.allowed === true)
    return { ok: true, id: `${department} ${id}`, warning, act, actor: sending.actor };
  const message = 'this sender may not act for the department';
  const refusal = { ok: false, code: 'ACTION_FORBIDDEN', message, field: 'data.department' } as const;
  return sending === null ? refusal : { ...refusal, sent: { actor: sending.actor, act, warning } };
}

/**
 * Hands actions to the inbox, where they are decided; the audit log has before that what was sent, and what was refused
 * to a known sender.
 * @param now when they came, epoch ms
 * @returns how many go to the inbox
 */
export async function appendActions(
  { logs, inboxClock }: { readonly logs: Logs; readonly inboxClock?: () => number },
  read: readonly ActionRead[],
  now: number,
): Promise<number> {
  const entries = read.flatMap((one): AuditEntry[] =>
    one.ok
      ? [auditEntry(one, now, 'sent')]
      : one.sent === undefined
        ? []
        : [auditEntry(one.sent, now, one.code)],
  );
  await appendAudit(logs, entries);
  const actions = read.filter((one) => one.ok);
  if (actions.length === 0) return 0;
  const clock = inboxClock?.() ?? 0;
  const at = Number.isFinite(clock) ? clock : 0;
  const records = actions.map(({ id, warning, act, actor }): ActionRecord => ({
    kind: 'action',
    id,
    at,
    warning,
    actor,
    act,
  }));
  await logs.inbox.append(0, records.map(encodeJson));
  return actions.length;
}

function auditEntry(
  { actor, act, warning }: Pick<ActionTaken, 'actor' | 'act' | 'warning'>,
  at: number,
  outcome: string,
): AuditEntry {
  const { id: account, role, department } = actor;
  return { at, account, role, department, what: act.type, warning, outcome };
}
