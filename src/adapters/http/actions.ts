// Actions on warnings: reading what is asked, and answering what became of it.
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ACT_SCHEMA } from '../../events/act.js';
import type { ActOutcome } from '../../ports/front.js';
import { callerOf } from './auth.js';
import { Bodies } from './body.js';
import { API } from './endpoints.js';
import { checkJsonHeaders, readJson } from './json-body.js';
import { readWarningId } from './parameters.js';
import { Refusal } from './refusal.js';
import { addRoute, json, type RouteContext } from './route.js';

/** An action is a few texts. */
const LIMITS = { bodyLimitBytes: 256 * 1024, heldBytes: 16 * 1024 * 1024, takenBytes: 16 * 1024 * 1024 };
const KEY = /^[\x21-\x7e]{1,128}$/;
/** The status of each reason for which an action is not taken. */
export const ACTION_STATUS = {
  ACTION_ILLEGAL: 409,
  ACTION_FORBIDDEN: 403,
  ACTION_INVALID: 422,
  ACTION_LIMIT: 409,
  ACTION_KEY: 422,
} as const;

/** Adds the path that takes actions. */
export function addActions(app: FastifyInstance, context: RouteContext): void {
  const bodies = new Bodies(LIMITS);
  addRoute(
    app,
    context,
    API.act,
    async (request, reply) => {
      const id = readWarningId(request.params);
      const caller = callerOf(request);
      const action = keyOf(request.headers['idempotency-key']);
      const act = await bodies.with(request.raw, async (text) => readJson(text, ACT_SCHEMA));
      // The same key of two accounts names two actions.
      const outcome = await context.front.act(id, { id: `${caller.id} ${action}`, act }, caller);
      return answer(reply, outcome);
    },
    checkJsonHeaders(LIMITS, API.act),
  );
}

function keyOf(header: string | string[] | undefined): string {
  if (header === undefined) return randomUUID();
  if (typeof header !== 'string' || !KEY.test(header))
    throw new Refusal(400, 'HTTP_BODY', 'Idempotency-Key has 1 to 128 visible ASCII characters.');
  return header;
}

function answer(reply: FastifyReply, outcome: ActOutcome): FastifyReply {
  if (outcome.kind === 'absent') throw new Refusal(404, 'HTTP_NOT_FOUND');
  if (outcome.kind === 'done') return json(reply, 200, outcome.warning);
  const { code, message, allowed } = outcome;
  return json(reply, ACTION_STATUS[code], { error: { code, message }, allowed });
}
