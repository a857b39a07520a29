// The pages for officials: warnings, what can be done to them, and logging in; without scripts.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ACTION_STATUS } from '../actions.js';
import { WITHHELD_QUERY_SCHEMA } from '../../../events/withheld.js';
import type { Untold, Warning, WarningDetail } from '../answers.js';
import type { Queue } from '../figures.js';
import { admit, TOKEN } from '../auth.js';
import { Bodies, checkBodyHeaders } from '../body.js';
import type { Site } from '../caller.js';
import { refuseCatchingUp } from '../catching-up.js';
import { DEPARTMENT_ID, FORM_TYPE, type Endpoint, type Right } from '../endpoints.js';
import { judge, type FailureEntry } from '../failure.js';
import { readFiltered, readNothing, readPage, readWarningId, type Query } from '../parameters.js';
import { Refusal, SECURITY_HEADERS } from '../refusal.js';
import { urlOf, type RouteContext } from '../route.js';
import { cookieOf, setCookie } from './cookies.js';
import { PAGES } from './endpoints.js';
import { readForm } from './fields.js';
import type { Returned } from './forms.js';
import { refusalPage, type Visitor } from './frame.js';
import { listPage } from './list.js';
import { LIST_PAGE } from './listing.js';
import { loginPage, nextPage } from './login-page.js';
import { isOwnForm, Logins, type Login } from './logins.js';
import { queuePage } from './queue.js';
import { PAGE_HEADERS } from './style.js';
import { warningPage } from './warning.js';
import { withheldPage, WITHHELD_PAGE_SIZE } from './withheld.js';
import { REFUSALS } from './words.js';

export interface PageContext extends RouteContext {
  readonly site: Site;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: (entry: FailureEntry) => void;
}

/** A form is a few texts. */
const LIMITS = { bodyLimitBytes: 128 * 1024, heldBytes: 16 * 1024 * 1024, takenBytes: 16 * 1024 * 1024 };
const KEY = /^[0-9a-f]{32}$/;

/** Adds the pages. */
export async function addPages(app: FastifyInstance, context: PageContext): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const { refusal, entry } = judge(error, request);
      if (entry !== undefined) context.log(entry);
      reply.headers(SECURITY_HEADERS).headers(refusal.headers);
      const text = REFUSALS[refusal.code] ?? `请求不能完成（${refusal.code}）。`;
      void send(reply, refusal.status, refusalPage(text, null));
    });
    new Pages(context).add(scope);
  });
}

function send(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(page);
}

class Pages {
  private readonly bodies = new Bodies(LIMITS);
  private readonly logins: Logins;

  constructor(private readonly context: PageContext) {
    this.logins = new Logins(context.now);
  }

  add(scope: FastifyInstance): void {
    const { home, list, queue, warning, act, withheld, login, enter, leave, choose } = PAGES;
    this.route(scope, home, async (_request, reply) => reply.redirect('/warnings', 303));
    this.route(scope, list, (request, reply) => this.list(request, reply));
    this.route(scope, queue, (request, reply) => this.queue(request, reply));
    this.route(scope, warning, (request, reply) => this.warning(request, reply));
    this.route(scope, act, (request, reply) => this.act(request, reply));
    this.route(scope, withheld, (request, reply) => this.withheld(request, reply));
    this.route(scope, login, (request, reply) => this.login(request, reply));
    this.route(scope, enter, (request, reply) => this.enter(request, reply));
    this.route(scope, leave, (request, reply) => this.leave(request, reply));
    this.route(scope, choose, (request, reply) => this.choose(request, reply));
  }

  private route(
    scope: FastifyInstance,
    { method, path, right, caughtUp, body }: Endpoint,
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ): void {
    const onRequest = async (request: FastifyRequest): Promise<void> => {
      if (caughtUp) refuseCatchingUp(this.context.front);
      // Where somebody must be logged in, who it is says what it counts for.
      if (right === null) await this.context.limits.count('requests', request);
      const refusal = body === undefined ? undefined : checkBodyHeaders(request.raw, LIMITS, [FORM_TYPE]);
      if (refusal !== undefined) throw refusal;
    };
    scope.route({ method, url: urlOf(path), onRequest, handler });
  }

  private async list(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const visitor = await this.visitor(request, reply, 'read-warnings');
    if (visitor === null) return toLogin(reply, '/warnings');
    const query = { ...readListed(request.query as Query), limit: LIST_PAGE };
    const { items, total, incomplete } = await this.context.front.warnings(query, visitor.caller);
    const { offset, department } = query;
    const listed = {
      items: items as readonly Warning[],
      total,
      isPart: incomplete === true,
      offset,
      department,
    };
    return send(reply, 200, listPage(listed, visitor, this.context.now()));
  }

  private async queue(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const visitor = await this.visitor(request, reply, 'read-warnings');
    if (visitor === null) return toLogin(reply, '/queue');
    const { department, offset } = readListed(request.query as Query);
    // Who acts for no department chooses one first.
    const asked = department ?? visitor.caller.department;
    if (asked === null) return send(reply, 200, queuePage(null, 0, visitor));
    const query = { department: asked, offset, limit: LIST_PAGE };
    const queue = await this.context.front.queue(query, visitor.caller);
    if (queue === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
    return send(reply, 200, queuePage(queue as Queue, offset, visitor));
  }

  private async warning(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const id = readWarningId(request.params);
    readNothing(request.query as Query);
    const visitor = await this.visitor(request, reply, 'read-warnings');
    if (visitor === null) return toLogin(reply, `/warnings/${id}`);
    return this.show(reply, id, visitor, 200, null);
  }

  private async act(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const id = readWarningId(request.params);
    const visitor = await this.visitor(request, reply, 'act');
    if (visitor === null) return toLogin(reply, `/warnings/${id}`);
    const form = await this.ownForm(request, visitor.login);
    const key = form.get('key') ?? '';
    if (!KEY.test(key)) throw new Refusal(403, 'HTTP_FORM');
    const read = readForm(form, visitor.directory.zone);
    if ('fault' in read) return this.show(reply, id, visitor, 422, { form, fault: read.fault });
    const { caller } = visitor;
    const outcome = await this.context.front.act(id, { id: `${caller.id} ${key}`, act: read.act }, caller);
    if (outcome.kind === 'absent') throw new Refusal(404, 'HTTP_NOT_FOUND');
    if (outcome.kind === 'done') return reply.redirect(`/warnings/${id}`, 303);
    return this.show(reply, id, visitor, ACTION_STATUS[outcome.code], { form, fault: outcome.message });
  }

  private async show(
    reply: FastifyReply,
    id: string,
    visitor: Visitor,
    status: number,
    returned: Returned | null,
  ): Promise<unknown> {
    const warning = await this.context.front.warning(id, visitor.caller);
    if (warning === undefined) throw new Refusal(404, 'HTTP_NOT_FOUND');
    const page = warningPage(warning as WarningDetail, visitor, this.context.now(), returned);
    return send(reply, status, page);
  }

  private async withheld(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const visitor = await this.visitor(request, reply, 'read-warnings');
    if (visitor === null) return toLogin(reply, '/withheld');
    const { reason, ...rest } = request.query as Query;
    // All reasons are an empty text in the form.
    const { filter } = readFiltered(
      { ...rest, ...(reason === '' ? {} : { reason }) },
      WITHHELD_QUERY_SCHEMA.pick({ reason: true, before: true }),
    );
    const { items, next } = await this.context.front.withheld(filter, WITHHELD_PAGE_SIZE, visitor.caller);
    return send(reply, 200, withheldPage({ items: items as readonly Untold[], next, filter }, visitor));
  }

  private async login(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { next, ...rest } = request.query as Query;
    readNothing(rest);
    if (next !== undefined && typeof next !== 'string') throw new Refusal(400, 'HTTP_PARAMETER');
    // Where no tokens are asked for there is nothing to log in with.
    const open = await this.context.front.caller({ token: null, department: null });
    return open === undefined
      ? send(reply, 200, loginPage(nextPage(next), null))
      : reply.redirect(nextPage(next), 303);
  }

  /** No form of a login can be asked for here; that the page is the front's own, its origin says. */
  private async enter(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { front, limits } = this.context;
    const form = await this.form(request);
    const token = form.get('token')?.trim() ?? '';
    const next = nextPage(form.get('next'));
    const caller = TOKEN.test(token) ? await front.caller({ token, department: null }) : undefined;
    if (caller === undefined) {
      await limits.count('refused', request);
      await front.refused(null, 'login');
      return send(reply, 401, loginPage(next, '令牌无效或者已经过期。'));
    }
    await front.entered(caller);
    this.begin(request, reply, token, null);
    return reply.redirect(next, 303);
  }

  private async leave(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const held = this.held(request);
    if (held !== null) {
      await this.ownForm(request, held.login);
      this.logins.end(held.cookie);
    }
    reply.header('set-cookie', setCookie(request.raw, this.context.site, ''));
    return reply.redirect('/login', 303);
  }

  private async choose(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const held = this.held(request);
    if (held === null || held.login.token !== null) throw new Refusal(403, 'HTTP_FORM');
    const form = await this.ownForm(request, held.login);
    const department = form.get('department') || null;
    const known = await this.context.front.caller({ token: null, department });
    if (known === undefined) throw new Refusal(400, 'HTTP_PARAMETER');
    this.begin(request, reply, null, department);
    return reply.redirect('/warnings', 303);
  }

  /**
   * Who looks at a page; null where somebody has to log in first.
   * @throws Refusal 403 for a role that may not
   */
  private async visitor(request: FastifyRequest, reply: FastifyReply, right: Right): Promise<Visitor | null> {
    const { front, limits } = this.context;
    const held = this.held(request);
    const credentials = held?.login ?? { token: null, department: null };
    if ((await front.caller(credentials)) === undefined) {
      // It is no attack to come without a login, or with one whose token has ended.
      await limits.count('requests', request);
      if (held !== null) this.logins.end(held.cookie);
      return null;
    }
    const caller = await admit(request, credentials, right, { front, limits });
    const login = held?.login ?? this.begin(request, reply, null, null);
    return { caller, login, directory: front.directory(caller) };
  }

  private held(request: FastifyRequest): { readonly cookie: string; readonly login: Login } | null {
    const cookie = cookieOf(request.raw, this.context.site);
    const login = cookie === null ? undefined : this.logins.find(cookie);
    return cookie === null || login === undefined ? null : { cookie, login };
  }

  /** A new login in place of the one that the browser had. */
  private begin(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | null,
    department: string | null,
  ): Login {
    const held = this.held(request);
    if (held !== null) this.logins.end(held.cookie);
    const { cookie, login } = this.logins.begin(token, department);
    reply.header('set-cookie', setCookie(request.raw, this.context.site, cookie));
    return login;
  }

  private async ownForm(request: FastifyRequest, login: Login): Promise<URLSearchParams> {
    const form = await this.form(request);
    if (!isOwnForm(login, form.get('csrf'))) throw new Refusal(403, 'HTTP_FORM');
    return form;
  }

  private async form(request: FastifyRequest): Promise<URLSearchParams> {
    const read = (text: string | readonly string[]) =>
      new URLSearchParams(typeof text === 'string' ? text : text.join(''));
    return this.bodies.with(request.raw, async (text) => read(text));
  }
}

/** The department and offset that a list is asked for. @throws Refusal 400 for anything else */
function readListed({ department = '', limit, ...rest }: Query): {
  department: string | null;
  offset: number;
} {
  const isDepartment =
    typeof department === 'string' && (department === '' || DEPARTMENT_ID.test(department));
  if (!isDepartment || limit !== undefined) throw new Refusal(400, 'HTTP_PARAMETER');
  return { department: department === '' ? null : department, offset: readPage(rest).offset };
}

function toLogin(reply: FastifyReply, next: string): FastifyReply {
  return reply.redirect(`/login?${new URLSearchParams({ next }).toString()}`, 303);
}
