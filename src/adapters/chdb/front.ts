// The HTTP front of the engine: the part of ClickHouse's HTTP interface that @clickhouse/client uses, on 127.0.0.1.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { rowsOf, type Answer, type Engine, type Job } from './engine.js';
import { asEngineError, httpStatus, refusal, type EngineError } from './failure.js';
import { authenticate, readBody, readUrl, type Asked } from './request.js';
import { Slots } from './slots.js';
import { planOf } from './statement.js';

export interface FrontLimits {
  /** The rows of one insert, unpacked. */
  readonly bodyBytes: number;
  readonly queryBytes: number;
  /** Reads that run side by side; inserts and changes of tables run one at a time beside them. */
  readonly reads: number;
  /** Of reads and of writes each, how many wait. */
  readonly waiting: number;
  readonly connections: number;
}

export const FRONT_LIMITS: FrontLimits = {
  bodyBytes: 64 * 1024 * 1024,
  queryBytes: 1024 * 1024,
  reads: 4,
  waiting: 64,
  connections: 256,
};

const HEADER_BYTES = 1024 * 1024;
const compress = promisify(gzip);

interface Reply extends Answer {
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

export class Front {
  readonly #server: Server;
  readonly #reads: Slots;
  readonly #writes: Slots;
  readonly #underWay = new Set<AbortController>();
  #idle: (() => void) | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly token: string,
    private readonly limits: FrontLimits = FRONT_LIMITS,
  ) {
    this.#reads = new Slots(limits.reads, limits.waiting);
    this.#writes = new Slots(1, limits.waiting);
    this.#server = createServer(
      { maxHeaderSize: HEADER_BYTES, keepAliveTimeout: 10_000 },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = limits.connections;
  }

  /** Listens on 127.0.0.1; 0 lets the system choose the port, which is returned. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more requests, carries writes through that run, stops reads and whatever still waits. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeIdleConnections();
    for (const gone of this.#underWay) gone.abort();
    if (this.#underWay.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    this.#underWay.add(gone);
    try {
      await this.#answer(request, response, gone.signal);
    } catch (error) {
      fail(request, response, asEngineError(error));
    } finally {
      this.#underWay.delete(gone);
      if (this.#underWay.size === 0) this.#idle?.();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    authenticate(request, this.token);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method !== 'GET' && request.method !== 'POST' && request.method !== 'HEAD') {
      throw refusal('NOT_IMPLEMENTED', 'The method must be GET or POST.');
    }
    if (url.pathname === '/ping') {
      response.end('Ok.\n');
      return;
    }
    if (url.pathname !== '/') throw refusal('NOT_IMPLEMENTED', 'There are only / and /ping here.');
    const asked = readUrl(url, request);
    const reply = await this.#execute(request, asked, gone);
    await send(response, asked, reply);
  }

  async #execute(request: IncomingMessage, asked: Asked, gone: AbortSignal): Promise<Reply> {
    const sql = asked.query ?? (await readBody(request, this.limits.queryBytes)).toString('utf8');
    if (Buffer.byteLength(sql) > this.limits.queryBytes) {
      throw refusal('TOO_LARGE_STRING_SIZE', `The statement is over ${this.limits.queryBytes} bytes.`);
    }
    const canonical = await this.engine.canonical(sql);
    const plan = planOf(canonical);
    if (plan.kind !== 'read' && request.method !== 'POST') {
      throw refusal('READONLY', 'A statement that changes something must be sent by POST.');
    }
    if (plan.kind === 'insert') {
      if (asked.query === undefined) {
        throw refusal(
          'NOT_IMPLEMENTED',
          'Put an insert of rows into the URL parameter query, its rows in the body.',
        );
      }
      return this.#insert(canonical, request, asked, gone);
    }
    if (asked.query !== undefined && (await readBody(request, this.limits.queryBytes)).length > 0) {
      throw refusal(
        'NOT_IMPLEMENTED',
        'Only an insert of rows takes both a statement in the URL and a body.',
      );
    }
    const asksReadOnly = (asked.settings.get('readonly') ?? '0') !== '0';
    // The engine itself lets BACKUP write files in a session that is read-only.
    if (plan.kind === 'write' && asksReadOnly)
      throw refusal('READONLY', 'The request asks to run read-only, and this statement changes something.');
    const readOnly = plan.kind === 'read' || asksReadOnly;
    return this.#run(jobOf(sql, asked, readOnly), gone);
  }

  async #run(job: Job, gone: AbortSignal): Promise<Reply> {
    const release = await (job.readOnly ? this.#reads : this.#writes).acquire(gone);
    // A read that nobody waits for is stopped; a change is carried through.
    const cancel = (): void => {
      if (job.readOnly) this.engine.cancel(job.tag).catch(() => undefined);
    };
    gone.addEventListener('abort', cancel, { once: true });
    try {
      return { ...(await this.engine.run(job)), rowsWritten: 0, bytesWritten: 0 };
    } finally {
      gone.removeEventListener('abort', cancel);
      release();
    }
  }

  /** Takes its turn before it reads the body, so that waiting inserts hold no memory. */
  async #insert(
    canonical: string,
    request: IncomingMessage,
    asked: Asked,
    gone: AbortSignal,
  ): Promise<Reply> {
    const release = await this.#writes.acquire(gone);
    try {
      const body = await readBody(request, this.limits.bodyBytes);
      const { text, rows } = rowsOf(body);
      if (rows === 0) {
        return {
          body: Buffer.alloc(0),
          rowsRead: 0,
          bytesRead: 0,
          elapsedSeconds: 0,
          rowsWritten: 0,
          bytesWritten: 0,
        };
      }
      const answer = await this.engine.run(jobOf(`${canonical}\n${text}\n`, asked, false));
      return { ...answer, rowsWritten: rows, bytesWritten: body.length };
    } finally {
      release();
    }
  }
}

function jobOf(sql: string, asked: Asked, readOnly: boolean): Job {
  const { database, settings, parameters, format } = asked;
  return { sql, database, settings, parameters, format, readOnly, tag: randomUUID() };
}

async function send(response: ServerResponse, asked: Asked, reply: Reply): Promise<void> {
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Query-Id', safeId(asked.queryId));
  response.setHeader(
    'X-ClickHouse-Summary',
    JSON.stringify({
      read_rows: String(reply.rowsRead),
      read_bytes: String(reply.bytesRead),
      written_rows: String(reply.rowsWritten),
      written_bytes: String(reply.bytesWritten),
      total_rows_to_read: '0',
      result_rows: String(reply.rowsWritten > 0 ? reply.rowsWritten : reply.rowsRead),
      result_bytes: String(reply.body.byteLength),
      elapsed_ns: String(Math.max(0, Math.round(reply.elapsedSeconds * 1e9))),
    }),
  );
  if (!asked.gzip) {
    response.end(reply.body);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.end(await compress(reply.body));
}

function fail(request: IncomingMessage, response: ServerResponse, error: EngineError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.statusCode = httpStatus(error.clickhouseCode);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Exception-Code', String(error.clickhouseCode));
  if (response.statusCode === 401) response.setHeader('WWW-Authenticate', 'Basic realm="warehouse"');
  // Whoever does not know the token has no claim on having the rest of a body read.
  if (response.statusCode === 401 || response.statusCode === 403) response.setHeader('Connection', 'close');
  else request.resume();
  response.end(`${error.text}\n`);
}

function safeId(id: string | undefined): string {
  return id !== undefined && /^[\w.-]{1,128}$/.test(id) ? id : randomUUID();
}
