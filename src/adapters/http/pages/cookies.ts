// The cookie of a login: kept from scripts and from requests that other sites cause.
import type { IncomingMessage } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { isSecure, type Site } from '../caller.js';
import { LIFE_SECONDS } from './logins.js';

/** Over TLS the prefix keeps other hosts and plain connections from setting it (RFC 6265bis, 4.1.3.2). */
function nameOf(secure: boolean): string {
  return secure ? '__Host-fenghuo' : 'fenghuo';
}

/** The value that a request brings; null where there is none. */
export function cookieOf(request: IncomingMessage, site: Site): string | null {
  const value = parseCookie(request.headers.cookie ?? '')[nameOf(isSecure(request, site))];
  return value === undefined || value === '' ? null : value;
}

/** The header that sets it, or with an empty value takes it back. */
export function setCookie(request: IncomingMessage, site: Site, value: string): string {
  const secure = isSecure(request, site);
  const maxAge = value === '' ? 0 : LIFE_SECONDS;
  return stringifySetCookie({
    name: nameOf(secure),
    value,
    httpOnly: true,
    sameSite: 'strict',
    secure,
    path: '/',
    maxAge,
  });
}
