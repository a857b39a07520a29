// A front over ingest with stores in memory, and clients that send well-formed and broken requests to it.
import { once } from 'node:events';
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { decompress } from '../../../src/adapters/compression/compression.js';
import { openHttpFront, type FailureEntry, type HttpInput } from '../../../src/adapters/http/http.js';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { Ingest } from '../../../src/pipeline/ingest.js';
import type { Front } from '../../../src/ports/front.js';
import type { Logs } from '../../../src/ports/log.js';

export const AT = Date.UTC(2026, 2, 1, 2);

export interface Opened {
  readonly url: string;
  readonly port: number;
  /** Bodies that reached the front, as text. */
  readonly bodies: string[];
  readonly failures: FailureEntry[];
  /** Records in the events log. */
  stored(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a front on a port of the system's choice; what `answers` names replaces the answers of the running system. */
export async function opened(
  config: Partial<HttpInput> = {},
  answers: Partial<Front> = {},
  isHealthOnly = false,
): Promise<Opened> {
  const stores = openMemory();
  const names = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;
  const logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const ingest = new Ingest({
    logs,
    vault: stores.vault,
    siteKey: new Uint8Array(32).fill(7),
    probe: () => undefined,
  });
  const bodies: string[] = [];
  const failures: FailureEntry[] = [];
  const front: Front = {
    caller: async () => ({ id: 'local', role: 'operator', department: null, region: null }),
    act: async () => ({ kind: 'absent' }),
    directory: () => ({ zone: 'Asia/Shanghai', departments: [], visible: [] }),
    reveal: async () => undefined,
    erase: async () => false,
    entered: async () => undefined,
    refused: async () => undefined,
    withheld: async () => ({ items: [], next: null }),
    silences: async () => [],
    silence: async () => ({}),
    endSilence: async () => false,
    audit: async () => ({ items: [], total: 0 }),
    accept: async (body) => {
      bodies.push(typeof body === 'string' ? body : body.join(''));
      return ingest.accept(body, AT);
    },
    catchingUp: () => false,
    busyForSeconds: () => null,
    warnings: async () => ({ items: [], total: 0 }),
    warning: async () => undefined,
    evidence: async () => undefined,
    report: async () => ({ at: null, models: [], departments: [] }),
    queue: async () => undefined,
    models: async () => ({}),
    changeModels: async () => ({ outcome: 'known', revision: '0'.repeat(16) }),
    readiness: async () => [],
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    ...answers,
  };
  const http = await openHttpFront(front, { port: 0, ...config }, (entry) => failures.push(entry), {
    decompress,
    isHealthOnly,
  });
  const { url } = http;
  const port = Number(new URL(url).port);
  return { url, port, bodies, failures, stored: () => logs.events.end(0), close: () => http.close() };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own, kept alive as senders do; the path goes out as it stands. */
export async function ask(url: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = asked.body === undefined ? 'GET' : 'POST', headers = {}, body } = asked;
  const agent = new Agent({ keepAlive: true });
  try {
    const outgoing = request(url, { method, path, agent, headers });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    // The rest of a body that was refused early is of no interest.
    outgoing.on('error', () => undefined);
    let text = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  } finally {
    agent.destroy();
  }
}

/** Posts events as CloudEvents in JSON, or as the type named. */
export function post(url: string, body: string | Uint8Array, type = 'application/cloudevents+json') {
  return ask(url, '/v1/events', { body, headers: { 'content-type': type } });
}

/** A bare connection; `ended` gives all that came back once the server closes it. */
export async function dial(port: number): Promise<{ socket: Socket; ended: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  // A cut connection may end in a reset; what matters is what was said before.
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return { socket, ended };
}

/** Sends raw lines of a request with `Connection: close` and returns the whole answer. */
export async function raw(port: number, lines: readonly string[]): Promise<string> {
  const { socket, ended } = await dial(port);
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  return ended;
}

export function codeOf(answer: Answer): unknown {
  return (JSON.parse(answer.text) as { error?: { code?: unknown } }).error?.code;
}

export function complaint(id: string, extra: object = {}): object {
  return {
    specversion: '1.0',
    id,
    source: '/12345/test',
    type: 'fenghuo.complaint',
    subject: '91110000802100433B',
    time: '2026-03-01T09:00:00+08:00',
    data: { category: '食品安全', ...extra },
  };
}
