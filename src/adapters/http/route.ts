// One path of the API, from its description: who may ask is checked before a byte of a body is read.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Decompress } from '../../ports/decompression.js';
import type { Front } from '../../ports/front.js';
import { admit, credentialsOf } from './auth.js';
import { refuseCatchingUp } from './catching-up.js';
import type { Endpoint } from './endpoints.js';
import type { RateLimits } from './limits.js';
import { JSON_TYPE } from './refusal.js';

export interface RouteContext {
  readonly front: Front;
  readonly limits: RateLimits;
  /** Where compressed bodies of events are taken. */
  readonly decompress?: Decompress | undefined;
}

export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * Adds a path. HEAD goes with each GET.
 * @param before checks what else can be checked before a body is read
 */
export function addRoute(
  app: FastifyInstance,
  { front, limits }: RouteContext,
  { method, path, right, caughtUp }: Endpoint,
  handler: Handler,
  before?: (request: FastifyRequest) => void | Promise<void>,
): void {
  app.route({
    method,
    url: urlOf(path),
    onRequest: async (request) => {
      if (caughtUp) refuseCatchingUp(front);
      if (right === null) await limits.count('requests', request);
      else await admit(request, credentialsOf(request), right, { front, limits });
      await before?.(request);
    },
    handler,
  });
}

/** A path as fastify writes it. */
export function urlOf(path: string): string {
  return path.replace('{id}', ':id');
}

export function json(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return reply.code(status).type(JSON_TYPE).send(JSON.stringify(value));
}
