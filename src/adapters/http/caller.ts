// Who may call: programs of this machine and pages of the front itself, never pages of other origins.
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.js';

const NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses what a browser could be tricked into sending: requests under a foreign name that was made to resolve to
 * this machine (DNS rebinding), and requests of pages that this server did not serve.
 */
export function checkCaller(request: IncomingMessage): Refusal | undefined {
  // A target with a host of its own would count instead of Host (RFC 9112, 3.2.2).
  if (!request.url?.startsWith('/')) return new Refusal(400, 'HTTP_REQUEST');
  const [host, ...otherHosts] = request.headersDistinct.host ?? [];
  const port = request.socket.localPort;
  if (host === undefined || otherHosts.length > 0 || !isOwn(host.toLowerCase(), port)) {
    return new Refusal(403, 'HTTP_HOST', `The port is ${port}.`);
  }
  const origins = request.headersDistinct.origin ?? [];
  if (origins.some((origin) => origin.toLowerCase() !== `http://${host.toLowerCase()}`)) {
    return new Refusal(403, 'HTTP_ORIGIN');
  }
  return isForeignFetch(request) ? new Refusal(403, 'HTTP_ORIGIN') : undefined;
}

function isOwn(host: string, port: number | undefined): boolean {
  return NAMES.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}

/**
 * Images, scripts and frames are fetched without Origin, but browsers name the relation in Sec-Fetch-Site. Following
 * a link is allowed: the page that holds the link sees nothing of the answer, and no GET changes anything.
 */
function isForeignFetch(request: IncomingMessage): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = request.headers;
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return !(request.method === 'GET' && mode === 'navigate' && dest === 'document');
}
