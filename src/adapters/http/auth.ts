// Who may call which path: a token names an account with a role, and each path the roles that it serves.
import type { FastifyRequest } from 'fastify';
import type { Role } from '../../events/act.js';
import type { Caller, Credentials, Front } from '../../ports/front.js';
import { DEPARTMENT_ID, RIGHTS, type Right } from './endpoints.js';
import type { RateLimits } from './limits.js';
import { Refusal } from './refusal.js';

/** As tokens of this program and those of other issuers look. */
export const TOKEN = /^[A-Za-z0-9_-]{16,256}$/;
const BEARER = /^Bearer +([A-Za-z0-9_-]{16,256})$/i;
const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * Lets through who has a right, and counts the request.
 * @throws Refusal 401 without a valid token, 403 for another role, 429 where there were too many
 */
export async function admit(
  request: FastifyRequest,
  { token, department }: Credentials,
  right: Right,
  { front, limits }: { readonly front: Front; readonly limits: RateLimits },
): Promise<Caller> {
  const caller = await front.caller({ token, department });
  if (caller === undefined) {
    // Before anything is noted, so that the audit log cannot be filled from outside.
    await limits.count('refused', request);
    await front.refused(null, right);
    throw new Refusal(401, 'HTTP_TOKEN', '', { 'www-authenticate': 'Bearer realm="fenghuo"' });
  }
  if (token !== null) limits.name(request, caller.id);
  await limits.count(right === 'send-events' ? 'events' : 'requests', request);
  const roles: readonly Role[] = RIGHTS[right];
  if (!roles.includes(caller.role)) {
    await limits.count('refused', request);
    await front.refused(caller, right);
    throw new Refusal(403, 'HTTP_FORBIDDEN', `It serves ${roles.join(', ')}.`);
  }
  callers.set(request, caller);
  return caller;
}

/** Who a request comes from that was let through. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Refusal(401, 'HTTP_TOKEN');
  return caller;
}

/** What a program shows of itself: a bearer token; where none are asked for, the department that it acts for. */
export function credentialsOf(request: FastifyRequest): Credentials {
  const { authorization, 'fenghuo-department': department } = request.headers;
  const token = authorization === undefined ? null : (BEARER.exec(authorization)?.[1] ?? '');
  const named = typeof department === 'string' && DEPARTMENT_ID.test(department) ? department : null;
  return { token, department: named };
}
