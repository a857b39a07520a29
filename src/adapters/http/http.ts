// The HTTP front: takes events, shows warnings, health and metrics; on the loopback of this machine only.
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { CodedError } from '../../events/coded-error.js';
import type { Front } from '../../ports/front.js';
import { checkCaller } from './caller.js';
import { HTTP_SCHEMA, type HttpInput, type HttpSettings } from './config.js';
import { judge, type FailureEntry } from './failure.js';
import { Refusal, refuse, SECURITY_HEADERS } from './refusal.js';
import { answerBroken, Requests } from './requests.js';
import { addRoutes, unrouted } from './routes.js';

export type { HttpInput } from './config.js';
export type { FailureEntry } from './failure.js';

export interface HttpFront {
  /** Where it listens, for example http://127.0.0.1:8080. */
  readonly url: string;
  /**
   * Takes no more requests, lets those under way finish for at most `closeTimeoutMs`, then cuts what is left;
   * resolves once no connection is open.
   */
  close(): Promise<void>;
}

const ADDRESSES: ReadonlyMap<string, string> = new Map([
  ['127.0.0.1', '127.0.0.1'],
  // Not left to the resolver, which may know another address.
  ['localhost', '127.0.0.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
]);
const HEADER_BYTES = 16 * 1024;
const PARAMETER_CHARACTERS = 64;

/**
 * Opens the front and listens.
 * @param log told of each request that failed inside, and of nothing else
 * @throws CodedError HTTP_NOT_LOOPBACK for any other host, HTTP_LISTEN where the port cannot be had
 * @throws ZodError for other settings out of range
 */
export async function openHttpFront(
  front: Front,
  config: HttpInput,
  log: (entry: FailureEntry) => void,
): Promise<HttpFront> {
  const settings = HTTP_SCHEMA.parse(config);
  const host = ADDRESSES.get(settings.host.toLowerCase());
  if (host === undefined) throw new CodedError('HTTP_NOT_LOOPBACK');
  const requests = new Requests();
  const app = createApp(settings, requests, log);
  addRoutes(app, front, settings);
  let url: string;
  try {
    url = await app.listen({ host, port: settings.port });
  } catch (error) {
    await app.close();
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    throw new CodedError('HTTP_LISTEN', `Port ${settings.port}: ${reason}.`, error);
  }
  let closing: Promise<void> | undefined;
  return { url, close: () => (closing ??= close(app, requests, settings.closeTimeoutMs)) };
}

function createApp(
  settings: HttpSettings,
  requests: Requests,
  log: (entry: FailureEntry) => void,
): FastifyInstance {
  const { headersTimeoutMs, requestTimeoutMs, answerTimeoutMs, keepAliveTimeoutMs } = settings;
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { refusal, entry } = judge(error, request);
    void refuse(reply, refusal);
    if (entry !== undefined) log(entry);
  };
  const app = fastify({
    logger: false,
    return503OnClosing: false,
    bodyLimit: settings.bodyLimitBytes,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS },
    requestTimeout: requestTimeoutMs,
    handlerTimeout: answerTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // A receiver that stops reading its answer.
    connectionTimeout: requestTimeoutMs + answerTimeoutMs,
    http: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.ceil(Math.min(headersTimeoutMs / 2, 1_000)),
      maxHeaderSize: HEADER_BYTES,
      // A missing Host is refused with the others, and in the same words.
      requireHostHeader: false,
    },
    // Paths that cannot be read come here instead of to the hooks.
    frameworkErrors: (error, request, reply) =>
      answerError(checkCaller(request.raw) ?? error, request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: (error, socket) => answerBroken(error, socket, requests.mayAnswer(socket)),
  });
  app.server.maxConnections = settings.connections;
  requests.watch(app.server);
  // Bodies are read by the handlers, with limits of their own; none is parsed here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler(answerError);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const refusal = checkCaller(request.raw);
    if (refusal !== undefined) throw refusal;
    if (requests.stopping) throw new Refusal(503, 'HTTP_STOPPING', '', { 'retry-after': '5' });
    if (request.is404) throw unrouted(request.raw.url ?? '');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (requests.stopping) reply.header('connection', 'close');
  });
  return app;
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
