// Actions on warnings as events: what a department's own system sends in place of a request.
import { z } from 'zod';
import { ACT_SCHEMA, type Act } from './act.js';
import { isEventId, isSource } from './envelope-schema.js';
import { refusalOf, type Refusal } from './refusal.js';

const ACTION_TYPE = 'fenghuo.action';

const ACTION_EVENT = z.object({
  specversion: z.literal('1.0', 'must be "1.0"'),
  id: z.string().refine(isEventId, 'must be 1 to 256 visible characters'),
  source: z.string().refine(isSource, 'must be a URI reference without spaces, at most 256 characters'),
  type: z.literal(ACTION_TYPE),
  subject: z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of a warning, 32 hex digits'),
  data: z.object({
    department: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be the id of a department'),
    act: ACT_SCHEMA,
  }),
});

/** An action that came as an event. */
export interface ActionEvent {
  /** `source`, a space, then the given id: the same again is the same action. */
  readonly id: string;
  readonly warning: string;
  readonly department: string;
  readonly act: Act;
}

/** Whether a value is an action rather than an event of a stream. */
export function isActionEvent(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === ACTION_TYPE;
}

/** Reads a CloudEvent of the type `fenghuo.action`; its subject is the warning. */
export function parseActionEvent(
  value: unknown,
): { readonly ok: true; readonly action: ActionEvent } | Refusal {
  const parsed = ACTION_EVENT.safeParse(value);
  if (!parsed.success) return refusalOf(parsed.error, '', 'EVENT_ENVELOPE');
  const { id, source, subject, data } = parsed.data;
  return { ok: true, action: { id: `${source} ${id}`, warning: subject, ...data } };
}
