// A real HTTP receiver that does as it is told: answers, refuses, stalls, breaks off, redirects.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Behaviour = (response: ServerResponse, received: Received) => void;

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** All that arrived whole, oldest first. */
  readonly received: Received[];
  behave(behaviour: Behaviour): void;
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Behaviour =>
  (response) =>
    void response.writeHead(code, headers).end(body);

export const json = (value: unknown): Behaviour =>
  status(200, { 'content-type': 'application/json' }, JSON.stringify(value));

/** Takes the request whole and closes the connection without an answer. */
export const breakOff: Behaviour = (response) => void response.socket?.destroy();

/** Takes the request whole and says nothing until `release` is called, which answers 204. */
export function stalling(): { readonly behaviour: Behaviour; readonly release: () => void } {
  const held = new Set<ServerResponse>();
  return {
    behaviour: (response) => void held.add(response),
    release: () => {
      for (const response of held) response.writeHead(204).end();
      held.clear();
    },
  };
}

export async function openReceiver(behaviour: Behaviour = status(204)): Promise<Receiver> {
  let behave = behaviour;
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const one = { path, headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(one);
      behave(response, one);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    behave: (next) => void (behave = next),
    arrived: (count) =>
      new Promise((done) => {
        const look = () => {
          if (received.length < count) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
