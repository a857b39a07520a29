// The paths of the front and what each answers.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptedEvents, Caller, Front } from '../../ports/front.js';
import { addActions } from './actions.js';
import { callerOf, guard } from './auth.js';
import { Bodies, busy, checkBodyHeaders, type BodyLimits } from './body.js';
import { refuseCatchingUp } from './catching-up.js';
import { readNothing, readPage, readWarningId, type Query } from './parameters.js';
import { JSON_TYPE, Refusal } from './refusal.js';

const READ = 'GET, HEAD';
const DEPARTMENT_ID = /^[a-z][a-z0-9-]{0,63}$/;
const PATHS: readonly { readonly path: RegExp; readonly allow: string }[] = [
  { path: /^\/v1\/events$/, allow: 'POST' },
  { path: /^\/v1\/warnings\/[0-9a-f]{32}\/actions$/, allow: 'POST' },
  { path: /^\/v1\/audit$/, allow: READ },
  { path: /^\/v1\/warnings(\/[0-9a-f]{32}(\/evidence)?)?$/, allow: READ },
  { path: /^\/(healthz|readyz|metrics)$/, allow: READ },
];

/** What answers a request that no route takes: 405 where the path exists, else 404. */
export function unrouted(url: string): Refusal {
  const path = url.split('?', 1)[0] ?? '';
  const known = PATHS.find((entry) => entry.path.test(path));
  if (known === undefined) return new Refusal(404, 'HTTP_NOT_FOUND');
  return new Refusal(405, 'HTTP_METHOD', '', { allow: known.allow });
}

/** Adds the routes. HEAD goes with each GET. */
export function addRoutes(app: FastifyInstance, front: Front, limits: BodyLimits): void {
  addEvents(app, front, limits);
  addWarnings(app, front);
  addActions(app, front);
  addOperations(app, front);
}

function addEvents(app: FastifyInstance, front: Front, limits: BodyLimits): void {
  const bodies = new Bodies(limits);
  const refuseBusy = (): void => {
    refuseCatchingUp(front);
    const busyForSeconds = front.busyForSeconds();
    if (busyForSeconds !== null) throw busy(busyForSeconds);
  };
  // Before a byte of the body is read.
  const maySend = guard(front, 'send-events');
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    await maySend(request);
    readNothing(request.query as Query);
    const refusal = checkBodyHeaders(request.raw, limits);
    if (refusal !== undefined) throw refusal;
    refuseBusy();
  };
  app.post('/v1/events', { onRequest }, async (request, reply) => {
    const result = await bodies.with(request.raw, (text) => {
      // Others may have brought more than enough since; only here does their number show.
      refuseBusy();
      return front.accept(text, callerOf(request));
    });
    return answerEvents(reply, result);
  });
}

/** 202 says what became of each event, also where all are refused; a body that is no events at all is an error. */
function answerEvents(reply: FastifyReply, result: AcceptedEvents): FastifyReply {
  const { accepted, rejected, errors, body: fault } = result;
  const answer = { accepted, rejected, errors };
  if (fault === undefined) return json(reply, 202, answer);
  const status = fault.code === 'BODY_TOO_LARGE' ? 413 : 400;
  return json(reply, status, { error: { code: fault.code, message: fault.message }, ...answer });
}

function addWarnings(app: FastifyInstance, front: Front): void {
  // In the middle of a replay it would be warnings of some day in the past that stand.
  const mayRead = guard(front, 'read-warnings');
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    refuseCatchingUp(front);
    await mayRead(request);
  };
  app.get('/v1/warnings', { onRequest }, async (request, reply) => {
    const { department, ...rest } = request.query as Query;
    const { offset, limit } = readPage(rest);
    if (department !== undefined && (typeof department !== 'string' || !DEPARTMENT_ID.test(department)))
      throw new Refusal(400, 'HTTP_PARAMETER', 'department is the id of one department.');
    const query = { department: department ?? null, offset, limit };
    const { items, total } = await front.warnings(query, callerOf(request));
    return json(reply, 200, { items, total });
  });
  const ofWarning = (path: string, answer: (id: string, caller: Caller) => Promise<unknown>) =>
    app.get(path, { onRequest }, async (request, reply) => {
      const id = readWarningId(request.params);
      readNothing(request.query as Query);
      const found = await answer(id, callerOf(request));
      if (found === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
      return json(reply, 200, found);
    });
  ofWarning('/v1/warnings/:id', (id, caller) => front.warning(id, caller));
  ofWarning('/v1/warnings/:id/evidence', (id, caller) => front.evidence(id, caller));
}

function addOperations(app: FastifyInstance, front: Front): void {
  app.get('/healthz', async (_request, reply) => json(reply, 200, { status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const waiting = await front.notReady();
    const ready = waiting.length === 0;
    return json(reply, ready ? 200 : 503, { status: ready ? 'ready' : 'waiting', waiting });
  });
  app.get('/v1/audit', { onRequest: guard(front, 'read-audit') }, async (request, reply) => {
    refuseCatchingUp(front);
    const { offset, limit } = readPage(request.query as Query);
    return json(reply, 200, await front.audit(offset, limit));
  });
  app.get('/metrics', { onRequest: guard(front, 'read-metrics') }, async (_request, reply) => {
    const { contentType, text } = await front.metrics();
    return reply.type(contentType).send(text);
  });
}

function json(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return reply.code(status).type(JSON_TYPE).send(JSON.stringify(value));
}
