// Who may call which path: a token names an account with a role, and each path the roles that it serves.
import type { FastifyRequest } from 'fastify';
import type { Role } from '../../events/act.js';
import type { Caller, Front } from '../../ports/front.js';
import { Refusal } from './refusal.js';

/** What can be asked for, and by which roles. */
export const RIGHTS = {
  'send-events': ['department', 'lead', 'operator'],
  'read-warnings': ['department', 'lead', 'author', 'operator', 'auditor'],
  act: ['department', 'lead'],
  'read-metrics': ['operator', 'auditor'],
  'read-audit': ['operator', 'auditor'],
} as const satisfies { readonly [right: string]: readonly Role[] };
export type Right = keyof typeof RIGHTS;

const BEARER = /^Bearer +([A-Za-z0-9_-]{16,256})$/i;
const DEPARTMENT = /^[a-z][a-z0-9-]{0,63}$/;
const callers = new WeakMap<FastifyRequest, Caller>();

/** A hook that lets through who has a right. @throws Refusal 401 without a valid token, 403 for another role */
export function guard(front: Front, right: Right): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const caller = await front.caller(credentialsOf(request));
    if (caller === undefined) {
      front.refused(null, right);
      throw new Refusal(401, 'HTTP_TOKEN', '', { 'www-authenticate': 'Bearer realm="fenghuo"' });
    }
    const roles: readonly Role[] = RIGHTS[right];
    if (!roles.includes(caller.role)) {
      front.refused(caller, right);
      throw new Refusal(403, 'HTTP_FORBIDDEN', `It serves ${roles.join(', ')}.`);
    }
    callers.set(request, caller);
  };
}

/** Who a request comes from that a guard has let through. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Refusal(401, 'HTTP_TOKEN');
  return caller;
}

function credentialsOf(request: FastifyRequest) {
  const { authorization, 'fenghuo-department': department } = request.headers;
  const token = authorization === undefined ? null : (BEARER.exec(authorization)?.[1] ?? '');
  const named = typeof department === 'string' && DEPARTMENT.test(department) ? department : null;
  return { token, department: named };
}
