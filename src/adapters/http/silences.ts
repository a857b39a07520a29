// Silences: ordering one, ending it, and what is silent now.
import type { FastifyInstance } from 'fastify';
import { SILENCE_SCHEMA } from '../../events/silence.js';
import { callerOf } from './auth.js';
import { Bodies } from './body.js';
import { API } from './endpoints.js';
import { checkJsonHeaders, readJson } from './json-body.js';
import { readNothing, readWarningId, type Query } from './parameters.js';
import { Refusal } from './refusal.js';
import { addRoute, json, type RouteContext } from './route.js';

const LIMITS = { bodyLimitBytes: 64 * 1024, heldBytes: 4 * 1024 * 1024, takenBytes: 4 * 1024 * 1024 };

/** Adds the paths of silences. */
export function addSilences(app: FastifyInstance, context: RouteContext): void {
  const { front } = context;
  const bodies = new Bodies(LIMITS);
  addRoute(app, context, API.silences, async (request, reply) => {
    readNothing(request.query as Query);
    return json(reply, 200, { items: await front.silences(callerOf(request)) });
  });
  addRoute(
    app,
    context,
    API.orderSilence,
    async (request, reply) => {
      const order = await bodies.with(request.raw, async (text) => readJson(text, SILENCE_SCHEMA));
      return json(reply, 201, await front.silence(order, callerOf(request)));
    },
    checkJsonHeaders(LIMITS, API.orderSilence),
  );
  addRoute(app, context, API.endSilence, async (request, reply) => {
    const id = readWarningId(request.params);
    readNothing(request.query as Query);
    if (!(await front.endSilence(id, callerOf(request)))) throw new Refusal(404, 'HTTP_NOT_FOUND');
    return reply.code(204).send();
  });
}
