// The HTTP front of the engine: the part of ClickHouse's HTTP interface that @clickhouse/client uses, on 127.0.0.1.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { rowsOf, type Engine, type Job } from './engine.js';
import { refusal } from './failure.js';
import { send, type Reply } from './reply.js';
import { authenticate, readBody, readUrl, type Asked } from './request.js';
import { RequestServer } from './server.js';
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

export class Front {
  readonly #server: RequestServer;
  readonly #reads: Slots;
  readonly #writes: Slots;

  constructor(
    private readonly engine: Engine,
    private readonly token: string,
    private readonly limits: FrontLimits = FRONT_LIMITS,
  ) {
    this.#reads = new Slots(limits.reads, limits.waiting);
    this.#writes = new Slots(1, limits.waiting);
    const { connections } = limits;
    this.#server = new RequestServer(
      { headerBytes: HEADER_BYTES, connections },
      null,
      (request, response, gone) => this.#answer(request, response, gone),
    );
  }

  /** Listens on 127.0.0.1; 0 lets the system choose the port, which is returned. */
  async listen(port: number): Promise<number> {
    return this.#server.listen(port, '127.0.0.1');
  }

  /** Takes no more requests, carries writes through that run, stops reads and whatever still waits. */
  async close(): Promise<void> {
    await this.#server.close();
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
