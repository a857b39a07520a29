// Clear personal values: asked for one at a time, with a purpose, or erased.
import type { FastifyInstance } from 'fastify';
import { ERASURE_SCHEMA, PERSONAL_SCHEMA } from '../../events/personal-access.js';
import { callerOf } from './auth.js';
import { Bodies } from './body.js';
import { API } from './endpoints.js';
import { checkJsonHeaders, readJson } from './json-body.js';
import { Refusal } from './refusal.js';
import { addRoute, json, type RouteContext } from './route.js';

const LIMITS = { bodyLimitBytes: 16 * 1024, heldBytes: 1024 * 1024, takenBytes: 1024 * 1024 };

/** Adds both paths. */
export function addPersonal(app: FastifyInstance, context: RouteContext): void {
  const { front, limits } = context;
  const bodies = new Bodies(LIMITS);
  addRoute(
    app,
    context,
    API.personal,
    async (request, reply) => {
      await limits.count('personal', request);
      const order = await bodies.with(request.raw, async (text) => readJson(text, PERSONAL_SCHEMA));
      const revealed = await front.reveal(order, callerOf(request));
      if (revealed === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
      return json(reply, 200, revealed);
    },
    checkJsonHeaders(LIMITS, API.personal),
  );
  addRoute(
    app,
    context,
    API.erasure,
    async (request, reply) => {
      const order = await bodies.with(request.raw, async (text) => readJson(text, ERASURE_SCHEMA));
      if (!(await front.erase(order, callerOf(request)))) throw new Refusal(404, 'HTTP_NOT_FOUND');
      return reply.code(204).send();
    },
    checkJsonHeaders(LIMITS, API.erasure),
  );
}
