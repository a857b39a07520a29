// A request as @clickhouse/client sends it: who asks, what for, with which settings and parameters.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { refusal } from './failure.js';

export interface Asked {
  /** From the URL; otherwise the statement is the body. */
  readonly query: string | undefined;
  readonly database: string | undefined;
  readonly format: string;
  readonly queryId: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  /** The client asked for a compressed answer and can read gzip. */
  readonly gzip: boolean;
}

/** Settings of ClickHouse's HTTP layer, which the engine does not know and the front need not. */
const HTTP_ONLY = new Set([
  'wait_end_of_query',
  'buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'http_zlib_compression_level',
  'http_write_exception_in_output_format',
  'cancel_http_readonly_queries_on_client_close',
  'role',
  'user',
  'password',
]);

/** What would change the meaning if it were dropped. */
const UNSUPPORTED = new Set([
  'session_id',
  'compress',
  'decompress',
  'async',
  'quota_key',
  'query_cache_tag',
]);

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const ENTRY_LIMIT = 256;

/**
 * Whether the request carries the token: as a password, as a bearer token or in X-ClickHouse-Key.
 * @throws EngineError 194 where there is none, 516 where it is another one
 */
export function authenticate(request: IncomingMessage, token: string): void {
  const given = givenToken(request);
  if (given === undefined) throw refusal('REQUIRED_PASSWORD', 'The request carries no token.');
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (!timingSafeEqual(hash(given), hash(token))) {
    throw refusal('AUTHENTICATION_FAILED', 'The token is not the one of this warehouse.');
  }
}

/** The token of a request, wherever it stands; undefined for none. */
export function givenToken(request: IncomingMessage): string | undefined {
  const key = request.headers['x-clickhouse-key'];
  if (typeof key === 'string') return key;
  const [scheme, value] = (request.headers.authorization ?? '').split(' ', 2);
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return value;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

/**
 * Sorts the parameters of the URL into what the engine needs.
 * @throws EngineError for names that are none, and for what the front does not do
 */
export function readUrl(url: URL, request: IncomingMessage): Asked {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  const known = new Map<string, string>();
  let entries = 0;
  for (const [name, value] of url.searchParams) {
    entries += 1;
    if (entries > ENTRY_LIMIT) throw refusal('BAD_ARGUMENTS', `More than ${ENTRY_LIMIT} URL parameters.`);
    if (!NAME.test(name))
      throw refusal('BAD_ARGUMENTS', 'A URL parameter has a name that no setting can have.');
    if (UNSUPPORTED.has(name))
      throw refusal('NOT_IMPLEMENTED', `${name} is not available here; leave it out.`);
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (KNOWN.has(name)) known.set(name, value);
    else if (!HTTP_ONLY.has(name)) settings.set(name, value);
  }
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const accepts = header('accept-encoding') ?? '';
  return {
    query: known.get('query'),
    database: known.get('database') ?? header('x-clickhouse-database'),
    format: formatName(known.get('default_format') ?? header('x-clickhouse-format') ?? 'TabSeparated'),
    queryId: known.get('query_id'),
    settings,
    parameters,
    gzip: known.get('enable_http_compression') === '1' && /\bgzip\b/.test(accepts),
  };
}

const KNOWN = new Set(['query', 'database', 'default_format', 'query_id', 'enable_http_compression']);

function formatName(name: string): string {
  if (!NAME.test(name)) throw refusal('UNKNOWN_FORMAT', 'The name of the format is none.');
  return name;
}

/**
 * Reads the body, unpacking gzip.
 * @param limit in bytes, after unpacking
 * @throws EngineError 131 beyond the limit, 117 for what cannot be unpacked
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw refusal('NOT_IMPLEMENTED', 'The body may be plain or gzip; use one of them.');
  }
  const source = encoding === 'gzip' ? pipeline(request, createGunzip(), () => undefined) : request;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      length += chunk.length;
      // The rest is read and dropped, so that the client meets the answer instead of a broken connection.
      if (length > limit * 8) break;
      if (length <= limit) chunks.push(chunk);
    }
  } catch {
    throw refusal('INCORRECT_DATA', 'The body ended early or is not what its Content-Encoding says.');
  }
  if (length > limit) {
    throw refusal('TOO_LARGE_STRING_SIZE', `The body is over ${limit} bytes; send smaller blocks.`);
  }
  return Buffer.concat(chunks);
}
