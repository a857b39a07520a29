// Who may call: programs, and pages of the front itself, under the names of this server; never pages of other origins.
import type { IncomingMessage } from 'node:http';
import type { HttpSettings } from './config.js';
import { API } from './endpoints.js';
import { Refusal } from './refusal.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** What probes and Prometheus ask past the proxy. */
const PROBED = new Set<string>([API.healthz.path, API.readyz.path, API.metrics.path]);

/** How the front is reached. */
export type Site = Pick<HttpSettings, 'names' | 'tls' | 'behindProxy' | 'publicUrl'>;

/**
 * Refuses what a browser could be tricked into sending: requests under a foreign name that was made to resolve to
 * this machine (DNS rebinding), and requests of pages that this server did not serve.
 */
export function checkCaller(request: IncomingMessage, site: Site): Refusal | undefined {
  // A target with a host of its own would count instead of Host (RFC 9112, 3.2.2).
  if (!request.url?.startsWith('/')) return new Refusal(400, 'HTTP_REQUEST');
  const [host, ...otherHosts] = request.headersDistinct.host ?? [];
  const port = request.socket.localPort;
  const scheme = otherHosts.length > 0 ? null : (schemeOf(host, port, site) ?? schemeOfProbe(request, site));
  if (host === undefined || scheme === null) {
    return new Refusal(403, 'HTTP_HOST', `The port is ${port}.`);
  }
  const origins = request.headersDistinct.origin ?? [];
  if (origins.some((origin) => origin.toLowerCase() !== `${scheme}://${host.toLowerCase()}`)) {
    return new Refusal(403, 'HTTP_ORIGIN');
  }
  return isForeignFetch(request) ? new Refusal(403, 'HTTP_ORIGIN') : undefined;
}

/** Whether the browser that sends a request speaks TLS, to this server or to the proxy before it. */
export function isSecure(request: IncomingMessage, site: Site): boolean {
  return schemeOf(request.headers.host, request.socket.localPort, site) === 'https';
}

/** The scheme where a probe, or Prometheus, asks past the proxy by a name and the port; null for anything else. */
function schemeOfProbe({ url = '', headers, socket }: IncomingMessage, site: Site): 'http' | 'https' | null {
  if (!PROBED.has(url.split('?', 1)[0] ?? '')) return null;
  return schemeOf(headers.host, socket.localPort, { ...site, behindProxy: false });
}

/** The scheme of the pages of a host of ours; null where the host is none of ours. */
function schemeOf(
  given: string | undefined,
  port: number | undefined,
  { names, tls, behindProxy, publicUrl }: Site,
): 'http' | 'https' | null {
  const host = given?.toLowerCase() ?? '';
  const own = tls === undefined ? 'http' : 'https';
  const isOn = (name: string) =>
    host === `${name}:${port}` || (port === (own === 'http' ? 80 : 443) && host === name);
  if (LOOPBACK.some(isOn)) return own;
  const known = publicUrl === undefined ? null : new URL(publicUrl);
  if (host !== '' && host === known?.host) return known.protocol === 'https:' ? 'https' : 'http';
  // A proxy listens on a port of its own, which is the usual one.
  if (behindProxy) return names.includes(host) ? 'https' : null;
  return names.some(isOn) ? own : null;
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
