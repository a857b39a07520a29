// Actions that come as events: whose they may be, and their way into the inbox.
import type { Actor } from '../alerts/action.js';
import type { ActionRecord } from '../alerts/inbox.js';
import { parseActionEvent, type ActionEvent } from '../events/action-event.js';
import type { Refusal } from '../events/refusal.js';
import type { Logs } from '../ports/log.js';
import { appendAudit } from './audit.js';
import { encodeJson } from './checkpoint.js';

/** Who a sender acts as for a department; null where it may not act for that one. */
export type ActionSender = (department: string) => Actor | null;

/** An action that a sender may send. */
export interface ActionTaken extends Pick<ActionEvent, 'id' | 'warning' | 'act'> {
  readonly ok: true;
  readonly actor: Actor;
}

/** A sender that may act for nobody. */
export const NOBODY: ActionSender = () => null;

/** Reads an action that came as an event. */
export function readAction(value: unknown, sender: ActionSender): ActionTaken | Refusal {
  const read = parseActionEvent(value);
  if (!read.ok) return read;
  const { id, warning, department, act } = read.action;
  const actor = sender(department);
  // A department names actions of its own, and can use up no name of another's.
  if (actor !== null) return { ok: true, id: `${department} ${id}`, warning, act, actor };
  const message = 'this sender may not act for the department';
  return { ok: false, code: 'ACTION_FORBIDDEN', message, field: 'data.department' };
}

/**
 * Hands actions to the inbox, where they are decided; the audit log has that they were sent before that.
 * @param now when they came, epoch ms
 */
export async function appendActions(
  { logs, inboxClock }: { readonly logs: Logs; readonly inboxClock?: () => number },
  actions: readonly ActionTaken[],
  now: number,
): Promise<void> {
  if (actions.length === 0) return;
  const entries = actions.map(
    ({ actor: { id: account, role, department }, act: { type: what }, warning }) => {
      return { at: now, account, role, department, what, warning, outcome: 'sent' };
    },
  );
  await appendAudit(logs, entries);
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
}
