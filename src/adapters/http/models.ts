// Rules: which run and how they came, and others in their place.
import type { FastifyInstance } from 'fastify';
import { CODES } from '../../events/codes.js';
import { MODELS_ORDER_SCHEMA } from '../../events/models-order.js';
import type { Caller, Front } from '../../ports/front.js';
import { callerOf } from './auth.js';
import { Bodies } from './body.js';
import { API } from './endpoints.js';
import { checkJsonHeaders, readJson } from './json-body.js';
import { readNothing, type Query } from './parameters.js';
import { Refusal } from './refusal.js';
import { addRoute, json, type RouteContext } from './route.js';

/** The library that comes with the program has less than 1 MiB; checking a set takes many times the room of its bytes. */
const LIMITS = {
  bodyLimitBytes: 8 * 1024 * 1024,
  heldBytes: 16 * 1024 * 1024,
  takenBytes: 8 * 1024 * 1024,
};

/** Adds the paths of rules. */
export function addModels(app: FastifyInstance, context: RouteContext): void {
  const { front } = context;
  const bodies = new Bodies(LIMITS);
  const checkHeaders = checkJsonHeaders(LIMITS, API.changeModels);
  addRoute(app, context, API.models, async (request, reply) => {
    readNothing(request.query as Query);
    return json(reply, 200, await front.models());
  });
  addRoute(
    app,
    context,
    API.changeModels,
    async (request, reply) => {
      const outcome = await bodies.with(request.raw, async (text) =>
        front.changeModels(readJson(text, MODELS_ORDER_SCHEMA), callerOf(request)),
      );
      if (outcome.outcome !== 'invalid') return json(reply, 200, outcome);
      const error = { code: 'FILES_INVALID', message: CODES.FILES_INVALID };
      return json(reply, 422, { error, faults: outcome.faults });
    },
    async (request) => {
      await refuseLimited(front, callerOf(request));
      checkHeaders(request);
    },
  );
}

/** Rules are those of all regions. */
async function refuseLimited(front: Front, caller: Caller): Promise<void> {
  if (caller.region === null) return;
  await front.refused(caller, 'change-models');
  throw new Refusal(403, 'HTTP_FORBIDDEN');
}
