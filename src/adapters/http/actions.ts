// Actions on warnings: reading what is asked, and answering what became of it.
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ACT_SCHEMA, type Act } from '../../events/act.js';
import type { ActOutcome, Front } from '../../ports/front.js';
import { callerOf, guard } from './auth.js';
import { Bodies, checkBodyHeaders } from './body.js';
import { refuseCatchingUp } from './catching-up.js';
import { readNothing, readWarningId, type Query } from './parameters.js';
import { JSON_TYPE, Refusal } from './refusal.js';

/** An action is a few texts. */
const LIMITS = { bodyLimitBytes: 256 * 1024, heldBytes: 16 * 1024 * 1024, takenBytes: 16 * 1024 * 1024 };
const KEY = /^[\x21-\x7e]{1,128}$/;
const STATUS = {
  ACTION_ILLEGAL: 409,
  ACTION_FORBIDDEN: 403,
  ACTION_INVALID: 422,
  ACTION_LIMIT: 409,
} as const;

/** Adds the path that takes actions. */
export function addActions(app: FastifyInstance, front: Front): void {
  const bodies = new Bodies(LIMITS);
  const mayAct = guard(front, 'act');
  const onRequest = async (request: Parameters<typeof mayAct>[0]): Promise<void> => {
    refuseCatchingUp(front);
    await mayAct(request);
    readNothing(request.query as Query);
    const refusal = checkBodyHeaders(request.raw, LIMITS);
    if (refusal !== undefined) throw refusal;
  };
  app.post('/v1/warnings/:id/actions', { onRequest }, async (request, reply) => {
    const id = readWarningId(request.params);
    const caller = callerOf(request);
    const action = keyOf(request.headers['idempotency-key']);
    const act = await bodies.with(request.raw, async (text) => readAct(text));
    // The same key of two accounts, or on two warnings, names two actions.
    const outcome = await front.act(id, { id: `${caller.id} ${action}`, act }, caller);
    return answer(reply, outcome);
  });
}

function keyOf(header: string | string[] | undefined): string {
  if (header === undefined) return randomUUID();
  if (typeof header !== 'string' || !KEY.test(header))
    throw new Refusal(400, 'HTTP_BODY', 'Idempotency-Key has 1 to 128 visible ASCII characters.');
  return header;
}

function readAct(text: string | readonly string[]): Act {
  let value: unknown;
  try {
    value = JSON.parse(typeof text === 'string' ? text : text.join(''));
  } catch {
    throw new Refusal(400, 'BODY_NOT_JSON');
  }
  const parsed = ACT_SCHEMA.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  throw new Refusal(400, 'HTTP_BODY', `${place}: ${issue?.message ?? 'not as expected'}`);
}

function answer(reply: FastifyReply, outcome: ActOutcome): FastifyReply {
  if (outcome.kind === 'absent') throw new Refusal(404, 'HTTP_NOT_FOUND');
  if (outcome.kind === 'done') return reply.code(200).type(JSON_TYPE).send(JSON.stringify(outcome.warning));
  const { code, message, allowed } = outcome;
  return reply
    .code(STATUS[code])
    .type(JSON_TYPE)
    .send(JSON.stringify({ error: { code, message }, allowed }));
}
