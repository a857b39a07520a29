// The HTTP front: takes events and actions, shows warnings to programs and people, health and metrics.
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ZodError } from 'zod';
import { CodedError } from '../../events/coded-error.js';
import type { Decompress } from '../../ports/decompression.js';
import type { Front } from '../../ports/front.js';
import { createApp } from './app.js';
import { HTTP_SCHEMA, type HttpInput, type HttpSettings } from './config.js';
import type { FailureEntry } from './failure.js';
import type { Requests } from './requests.js';

export type { HttpInput } from './config.js';
export type { FailureEntry } from './failure.js';

export interface HttpFront {
  /** Where it listens, for example http://127.0.0.1:8080. */
  readonly url: string;
  /** Where people find its pages. */
  readonly publicUrl: string;
  /**
   * Takes no more requests, lets those under way finish for at most `closeTimeoutMs`, then cuts what is left;
   * resolves once no connection is open.
   */
  close(): Promise<void>;
}

const LOOPBACK: ReadonlyMap<string, string> = new Map([
  ['127.0.0.1', '127.0.0.1'],
  // Not left to the resolver, which may know another address.
  ['localhost', '127.0.0.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
]);

/** Whether a host is this machine alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host.toLowerCase());
}

/**
 * Opens the front and listens.
 * @param log told of each request that failed inside, and of nothing else
 * @param beside `now`, epoch ms, by which logins end and deadlines are overdue; `decompress`, without which compressed
 *   bodies of events are refused; `isHealthOnly`, where it shows health and metrics and nothing else
 * @throws CodedError HTTP_NOT_LOOPBACK or HTTP_TLS where it may not listen on the host, HTTP_LISTEN where the port
 *   cannot be had, HTTP_SETTINGS for settings out of range
 */
export async function openHttpFront(
  front: Front,
  config: HttpInput,
  log: (entry: FailureEntry) => void,
  beside: {
    readonly now?: () => number;
    readonly decompress?: Decompress;
    readonly isHealthOnly?: boolean | undefined;
  } = {},
): Promise<HttpFront> {
  const { now = Date.now, decompress, isHealthOnly } = beside;
  const settings = readSettings(config);
  const host = hostOf(settings);
  const { app, requests } = await createApp({ front, settings, log, now, decompress, isHealthOnly }).catch(
    (error: unknown) => {
      const { code } = error as { code?: unknown };
      // What the TLS library says of a file of keys or certificates.
      if (settings.tls !== undefined && typeof code === 'string' && code.startsWith('ERR_OSSL'))
        throw new CodedError('HTTP_SETTINGS', `tls: ${code}.`, error);
      throw error;
    },
  );
  let url: string;
  try {
    url = await app.listen({ host, port: settings.port });
  } catch (error) {
    await app.close();
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    throw new CodedError('HTTP_LISTEN', `Port ${settings.port}: ${reason}.`, error);
  }
  let closing: Promise<void> | undefined;
  return {
    url,
    publicUrl: settings.publicUrl?.replace(/\/$/, '') ?? url,
    close: () => (closing ??= close(app, requests, settings.closeTimeoutMs)),
  };
}

function readSettings(config: HttpInput): HttpSettings {
  const parsed = HTTP_SCHEMA.safeParse(config);
  if (parsed.success) return parsed.data;
  const [issue] = (parsed.error as ZodError).issues;
  throw new CodedError('HTTP_SETTINGS', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}

/** The address to listen on. Beyond the loopback nobody may reach it without a token, under a name, over TLS. */
function hostOf({ host: given, names, guarded, tls, behindProxy }: HttpSettings): string {
  const host = given.toLowerCase();
  const own = LOOPBACK.get(host);
  if (own !== undefined) return own;
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 0 || !guarded || names.length === 0) throw new CodedError('HTTP_NOT_LOOPBACK');
  if (tls === undefined && !behindProxy) throw new CodedError('HTTP_TLS');
  return address;
}

async function close(app: FastifyInstance, requests: Requests, timeoutMs: number): Promise<void> {
  requests.stopping = true;
  const { server } = app;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([requests.idle(), timeout]);
  clearTimeout(timer);
  // Connections without a request, which browsers open in advance, would hold the server open otherwise.
  server.closeAllConnections();
  await closed;
  await app.close();
}
