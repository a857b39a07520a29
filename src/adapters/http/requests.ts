// The requests under way, and the answer to what never became one.
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { JSON_TYPE, Refusal, refusalBody, SECURITY_HEADERS } from './refusal.js';

/** Counts the requests under way, and knows whether new ones are still taken. */
export class Requests {
  stopping = false;
  readonly #latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>();
  #underWay = 0;
  #idle: (() => void) | undefined;

  watch(server: Server): void {
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#latest.set(request.socket, { request, response });
      this.#underWay += 1;
      response.once('close', () => {
        this.#underWay -= 1;
        if (this.#underWay === 0) this.#idle?.();
      });
    });
  }

  /** Whether an answer written to this connection now would be read as that to the request which failed. */
  mayAnswer(socket: Socket): boolean {
    const latest = this.#latest.get(socket);
    if (latest === undefined) return true;
    const { request, response } = latest;
    return request.complete ? response.writableFinished : !response.headersSent;
  }

  /** Resolves once no request is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }
}

/** Answers what never became a request: broken HTTP, headers over the limit, requests that arrive too slowly. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Socket, mayAnswer: boolean): void {
  if (error.code === 'ECONNRESET' || !socket.writable || !mayAnswer) {
    socket.destroy();
    return;
  }
  const refusal =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new Refusal(408, 'HTTP_TIMEOUT')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? new Refusal(431, 'HTTP_HEADERS')
        : new Refusal(400, 'HTTP_REQUEST');
  const body = refusalBody(refusal);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': JSON_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`);
  socket.destroySoon();
}
