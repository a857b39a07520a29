// The server before it listens: its limits, what holds for every request, and all paths.
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Decompress } from '../../ports/decompression.js';
import type { Front } from '../../ports/front.js';
import { checkCaller } from './caller.js';
import type { HttpSettings } from './config.js';
import { judge, type FailureEntry } from './failure.js';
import { RateLimits } from './limits.js';
import { addPages } from './pages/pages.js';
import { Refusal, refuse, SECURITY_HEADERS } from './refusal.js';
import { answerBroken, Requests } from './requests.js';
import { addHealth, addRoutes, ENDPOINTS, HEALTH_ENDPOINTS, unrouted } from './routes.js';

export interface AppOptions {
  readonly front: Front;
  readonly settings: HttpSettings;
  /** Told of each request that failed inside. */
  readonly log: (entry: FailureEntry) => void;
  /** Epoch ms. */
  readonly now: () => number;
  /** Where compressed bodies of events are taken. */
  readonly decompress?: Decompress | undefined;
  /** Whether it shows health and metrics alone. */
  readonly isHealthOnly?: boolean | undefined;
  /** Hears of each path that is added. */
  readonly onRoute?: (route: { readonly method: string; readonly url: string }) => void;
}

const HEADER_BYTES = 16 * 1024;
const PARAMETER_CHARACTERS = 64;

/** Puts the server together. */
export async function createApp(
  options: AppOptions,
): Promise<{ readonly app: FastifyInstance; readonly requests: Requests }> {
  const { front, settings, onRoute, decompress, isHealthOnly = false } = options;
  const requests = new Requests();
  const app = bareApp(options, requests);
  if (onRoute !== undefined) {
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) onRoute({ method: one, url });
    });
  }
  const limits = await RateLimits.open(app, settings.rate);
  const context = { front, limits, decompress };
  if (isHealthOnly) {
    addHealth(app, context);
    return { app, requests };
  }
  addRoutes(app, context, settings);
  await addPages(app, { ...context, site: settings, now: options.now, log: options.log });
  return { app, requests };
}

function bareApp({ settings, log, isHealthOnly }: AppOptions, requests: Requests): FastifyInstance {
  const { headersTimeoutMs, requestTimeoutMs, answerTimeoutMs, keepAliveTimeoutMs, tls } = settings;
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { refusal, entry } = judge(error, request);
    void refuse(reply, refusal);
    if (entry !== undefined) log(entry);
  };
  const server = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.ceil(Math.min(headersTimeoutMs / 2, 1_000)),
    maxHeaderSize: HEADER_BYTES,
    // A missing Host is refused with the others, and in the same words.
    requireHostHeader: false,
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
    // The address that the proxy itself saw, which is the last of those named; a sender may have written the others.
    trustProxy: settings.behindProxy ? (_address: string, hop: number) => hop === 0 : false,
    ...(tls === undefined ? { http: server } : { https: { ...server, ...tls, minVersion: 'TLSv1.2' } }),
    // Paths that cannot be read come here instead of to the hooks.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      answerError(checkCaller(request.raw, settings) ?? error, request, reply),
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Parameters<typeof answerBroken>[1]) =>
      answerBroken(error, socket, requests.mayAnswer(socket)),
  } as object) as unknown as FastifyInstance;
  app.server.maxConnections = settings.connections;
  requests.watch(app.server);
  // Bodies are read by the handlers, with limits of their own; none is parsed here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler(answerError);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const refusal = checkCaller(request.raw, settings);
    if (refusal !== undefined) throw refusal;
    if (requests.stopping) throw new Refusal(503, 'HTTP_STOPPING', '', { 'retry-after': '5' });
    if (request.is404)
      throw unrouted(request.raw.url ?? '', isHealthOnly === true ? HEALTH_ENDPOINTS : ENDPOINTS);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (requests.stopping) reply.header('connection', 'close');
  });
  return app;
}
