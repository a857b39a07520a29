// The paths of the API and what each answers.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { WITHHELD_QUERY_SCHEMA } from '../../events/withheld.js';
import type { AcceptedEvents } from '../../ports/front.js';
import { addActions } from './actions.js';
import { callerOf } from './auth.js';
import { Bodies, busy, type BodyLimits } from './body.js';
import { refuseCatchingUp } from './catching-up.js';
import { allowOf, API, DEPARTMENT_ID, type Endpoint } from './endpoints.js';
import { checkJsonHeaders } from './json-body.js';
import { addModels } from './models.js';
import { openApi } from './openapi.js';
import { PAGES } from './pages/endpoints.js';
import { readFiltered, readNothing, readPage, readWarningId, type Query } from './parameters.js';
import { addPersonal } from './personal.js';
import { Refusal } from './refusal.js';
import { addRoute, json, type RouteContext } from './route.js';
import { addSilences } from './silences.js';

/** All paths, of the API and of the pages. */
export const ENDPOINTS: readonly Endpoint[] = [...Object.values(API), ...Object.values(PAGES)];

/** What a process shows of itself that takes nothing and has no pages. */
export const HEALTH_ENDPOINTS: readonly Endpoint[] = [API.healthz, API.readyz, API.metrics];

/** What answers a request that no route takes: 405 where the path is among those that exist, else 404. */
export function unrouted(url: string, endpoints: readonly Endpoint[]): Refusal {
  const allow = allowOf(url.split('?', 1)[0] ?? '', endpoints);
  if (allow === null) return new Refusal(404, 'HTTP_NOT_FOUND');
  return new Refusal(405, 'HTTP_METHOD', '', { allow });
}

/** Adds the paths of the API. */
export function addRoutes(app: FastifyInstance, context: RouteContext, limits: BodyLimits): void {
  addEvents(app, context, limits);
  addWarnings(app, context);
  addActions(app, context);
  addSilences(app, context);
  addPersonal(app, context);
  addModels(app, context);
  addOperations(app, context);
  addHealth(app, context);
}

/** Adds the paths of `HEALTH_ENDPOINTS` alone. */
export function addHealth(app: FastifyInstance, context: RouteContext): void {
  const { front } = context;
  addRoute(app, context, API.healthz, async (_request, reply) => json(reply, 200, { status: 'ok' }));
  addRoute(app, context, API.readyz, async (_request, reply) => {
    const checks = await front.readiness();
    const waiting = checks.flatMap(({ name, ok }) => (ok ? [] : [name]));
    const ready = waiting.length === 0;
    return json(reply, ready ? 200 : 503, { status: ready ? 'ready' : 'waiting', waiting, checks });
  });
  addRoute(app, context, API.metrics, async (_request, reply) => {
    const { contentType, text } = await front.metrics();
    return reply.type(contentType).send(text);
  });
}

function addEvents(app: FastifyInstance, context: RouteContext, limits: BodyLimits): void {
  const { front, decompress } = context;
  const bodies = new Bodies(limits, decompress);
  const refuseBusy = (): void => {
    refuseCatchingUp(front);
    const busyForSeconds = front.busyForSeconds();
    if (busyForSeconds !== null) throw busy(busyForSeconds);
  };
  const checkHeaders = checkJsonHeaders(limits, API.sendEvents, decompress !== undefined);
  addRoute(
    app,
    context,
    API.sendEvents,
    async (request, reply) => {
      const result = await bodies.with(request.raw, (text) => {
        // Others may have brought more than enough since; only here does their number show.
        refuseBusy();
        const { traceparent } = request.headers;
        return front.accept(text, callerOf(request), typeof traceparent === 'string' ? traceparent : null);
      });
      return answerEvents(reply, result);
    },
    (request) => {
      checkHeaders(request);
      refuseBusy();
    },
  );
}

/** 202 says what became of each event, also where all are refused; a body that is no events at all is an error. */
function answerEvents(reply: FastifyReply, result: AcceptedEvents): FastifyReply {
  const { accepted, rejected, errors, body: fault } = result;
  const answer = { accepted, rejected, errors };
  if (fault === undefined) return json(reply, 202, answer);
  const status = fault.code === 'BODY_TOO_LARGE' ? 413 : 400;
  return json(reply, status, { error: { code: fault.code, message: fault.message }, ...answer });
}

function addWarnings(app: FastifyInstance, context: RouteContext): void {
  const { front } = context;
  addRoute(app, context, API.warnings, async (request, reply) => {
    const { department, ...rest } = request.query as Query;
    const { offset, limit } = readPage(rest);
    const query = { department: departmentIn(department), offset, limit };
    return json(reply, 200, await front.warnings(query, callerOf(request)));
  });
  addRoute(app, context, API.warning, async (request, reply) => {
    const id = readWarningId(request.params);
    readNothing(request.query as Query);
    const warning = await front.warning(id, callerOf(request));
    if (warning === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
    return json(reply, 200, warning);
  });
  addRoute(app, context, API.evidence, async (request, reply) => {
    const id = readWarningId(request.params);
    readNothing(request.query as Query);
    const bundle = await front.evidence(id, callerOf(request));
    if (bundle === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
    return json(reply, 200, bundle);
  });
  addRoute(app, context, API.withheld, async (request, reply) => {
    const { filter, limit } = readFiltered(request.query as Query, WITHHELD_QUERY_SCHEMA);
    return json(reply, 200, await front.withheld(filter, limit, callerOf(request)));
  });
  addRoute(app, context, API.queue, async (request, reply) => {
    const { department, ...rest } = request.query as Query;
    const asked = departmentIn(department);
    const page = readPage(rest);
    const caller = callerOf(request);
    if (asked === null && caller.department === null)
      throw new Refusal(
        400,
        'HTTP_PARAMETER',
        'This account acts for no department; name one as department.',
      );
    const queue = await front.queue({ department: asked, ...page }, caller);
    if (queue === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
    return json(reply, 200, queue);
  });
  addRoute(app, context, API.report, async (request, reply) => {
    readNothing(request.query as Query);
    return json(reply, 200, await front.report(callerOf(request)));
  });
}

/** The department that a query names; null where it names none. @throws Refusal 400 for what is no id of one */
function departmentIn(value: Query[string]): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && DEPARTMENT_ID.test(value)) return value;
  throw new Refusal(400, 'HTTP_PARAMETER', 'department is the id of one department.');
}

function addOperations(app: FastifyInstance, context: RouteContext): void {
  const { front } = context;
  const document = JSON.stringify(openApi(ENDPOINTS));
  addRoute(app, context, API.openapi, async (request, reply) => {
    readNothing(request.query as Query);
    return reply.type('application/json; charset=utf-8').send(document);
  });
  addRoute(app, context, API.audit, async (request, reply) => {
    const { offset, limit } = readPage(request.query as Query);
    return json(reply, 200, await front.audit(offset, limit, callerOf(request)));
  });
}
