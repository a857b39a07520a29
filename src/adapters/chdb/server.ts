// An HTTP server whose requests can be given up: each has a signal that fires when its client leaves or the server ends.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { asEngineError } from './failure.js';
import { fail } from './reply.js';

/** PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface ServerLimits {
  /** Of the request line and the headers, in which a statement may stand. */
  readonly headerBytes: number;
  readonly connections: number;
  /** For a request to arrive whole. */
  readonly requestMs?: number;
}

/** Answers one request; what it throws is answered as ClickHouse answers errors. */
export type Answering = (
  request: IncomingMessage,
  response: ServerResponse,
  gone: AbortSignal,
) => Promise<void>;

const KEEP_ALIVE_MS = 10_000;

export class RequestServer {
  readonly #server: Server;
  readonly #underWay = new Set<AbortController>();
  #idle: (() => void) | undefined;

  /** @param tls its certificate and key; null for plain HTTP */
  constructor(limits: ServerLimits, tls: TlsFiles | null, answer: Answering) {
    const { headerBytes, connections, requestMs } = limits;
    const options = {
      maxHeaderSize: headerBytes,
      keepAliveTimeout: KEEP_ALIVE_MS,
      ...(requestMs === undefined ? {} : { requestTimeout: requestMs, headersTimeout: requestMs }),
    };
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#serve(request, response, answer);
    };
    this.#server =
      tls === null ? createServer(options, serve) : createTlsServer({ ...options, ...tls }, serve);
    this.#server.maxConnections = connections;
  }

  /** Listens; 0 lets the system choose the port, which is returned. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more requests, gives up those under way, and waits until each of them has ended. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeIdleConnections();
    for (const gone of this.#underWay) gone.abort();
    if (this.#underWay.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse, answer: Answering): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    this.#underWay.add(gone);
    try {
      await answer(request, response, gone.signal);
    } catch (error) {
      fail(request, response, asEngineError(error));
    } finally {
      this.#underWay.delete(gone);
      if (this.#underWay.size === 0) this.#idle?.();
    }
  }
}
