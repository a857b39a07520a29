// The HTTP front for programs of others that read the warehouse, such as Grafana's ClickHouse datasource.
//
// It serves clickhouse-go v2 over HTTP and whatever else speaks ClickHouse's HTTP interface. Each query runs in a session
// of its own, under limits, after its syntax tree was gone through, and read-only; each needs a token.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Engine, Job } from '../engine.js';
import { refusal } from '../failure.js';
import { send } from '../reply.js';
import { givenToken, readBody, readUrl, type Asked } from '../request.js';
import { RequestServer, type TlsFiles } from '../server.js';
import { Slots } from '../slots.js';
import { isWrite, planOf } from '../statement.js';
import { runBounded } from './bounded.js';
import { READER_LIMITS, settingsFor, type ReaderLimits } from './limits.js';
import { HELLO, helloBlock } from './native.js';
import { Policy } from './policy.js';
import { Vocabulary } from './vocabulary.js';

/** What a token is good for: `early` where the data folder with the tokens is still being opened. */
export type Verdict = 'granted' | 'unknown' | 'forbidden' | 'early';

/** What a reader front needs to know; it can be sent to another process. */
export interface ReaderSettings {
  /** An IP address. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls: TlsFiles | null;
  /** Whose tables may be read. */
  readonly database: string;
}

const PATHS = new Set(['/', '/ping']);

export class ReaderFront {
  readonly #server: RequestServer;
  readonly #slots: Slots;

  private constructor(
    private readonly engine: Engine,
    private readonly settings: ReaderSettings,
    private readonly verdictOn: (token: string) => Promise<Verdict>,
    private readonly policy: Policy,
    private readonly server: { readonly version: string; readonly timezone: string },
    private readonly limits: ReaderLimits,
  ) {
    this.#slots = new Slots(limits.queries, limits.waiting);
    this.#server = new RequestServer(limits, settings.tls, (request, response, gone) =>
      this.#answer(request, response, gone),
    );
  }

  /**
   * Reads off the engine what it can do.
   * @param verdictOn says whether a token may read; asked anew for each request, so that one which was taken back is
   *   refused at once
   */
  static async open(
    engine: Engine,
    settings: ReaderSettings,
    verdictOn: (token: string) => Promise<Verdict>,
    limits: ReaderLimits = READER_LIMITS,
  ): Promise<ReaderFront> {
    const functions = await engine.ask(
      'SELECT name, alias_to, is_aggregate, case_insensitive, higher_order, categories FROM system.functions',
    );
    const suffixes = await engine.ask('SELECT name FROM system.aggregate_function_combinators');
    const [server] = await engine.ask('SELECT version() AS version, timezone() AS timezone');
    const vocabulary = new Vocabulary(
      functions.map((row) => ({
        name: String(row['name']),
        aliasTo: String(row['alias_to']),
        isAggregate: Number(row['is_aggregate']) === 1,
        isCaseInsensitive: Number(row['case_insensitive']) === 1,
        isHigherOrder: Number(row['higher_order']) === 1,
        categories: String(row['categories']),
      })),
      suffixes.map((row) => String(row['name'])),
    );
    const about = { version: String(server?.['version']), timezone: String(server?.['timezone']) };
    return new ReaderFront(
      engine,
      settings,
      verdictOn,
      new Policy(vocabulary, settings.database),
      about,
      limits,
    );
  }

  /** @returns the port that it listens on */
  async listen(port: number): Promise<number> {
    return this.#server.listen(port, this.settings.host);
  }

  /** Takes no more requests and stops those that run. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (!PATHS.has(url.pathname)) throw refusal('NOT_IMPLEMENTED', 'There are only / and /ping here.');
    // As a ClickHouse server answers who asks whether it is alive.
    if (url.pathname === '/ping') {
      response.end('Ok.\n');
      return;
    }
    await this.#authorise(request);
    if (request.method !== 'GET' && request.method !== 'POST') {
      throw refusal('NOT_IMPLEMENTED', 'The method must be GET or POST.');
    }
    const asked = this.#readUrl(url, request);
    const sql = await this.#statementOf(request, asked);
    const release = await this.#slots.acquire(gone);
    try {
      const answer = await this.#run(sql, asked, gone);
      await this.#send(response, asked, answer);
    } finally {
      release();
    }
  }

  async #authorise(request: IncomingMessage): Promise<void> {
    const token = givenToken(request);
    if (token === undefined || token === '')
      throw refusal(
        'REQUIRED_PASSWORD',
        'Send a token as the password of any user name; fenghuo token add gives it.',
      );
    switch (await this.verdictOn(token)) {
      case 'granted':
        return;
      case 'unknown':
        throw refusal('AUTHENTICATION_FAILED', 'The password is no token that is in force.');
      case 'forbidden':
        throw refusal(
          'ACCESS_DENIED',
          'The warehouse is read with a token of the role operator or auditor that is not limited to a region.',
        );
      case 'early':
        throw refusal('ABORTED', 'The data folder is being opened; try again in some seconds.');
    }
  }

  #readUrl(url: URL, request: IncomingMessage): Asked {
    // Answers in the frames of ClickHouse's own compression, which the driver asks for with LZ4 and ZSTD.
    for (const name of ['compress', 'decompress']) {
      if (['1', 'true'].includes(url.searchParams.get(name) ?? ''))
        throw refusal(
          'NOT_IMPLEMENTED',
          'There is no LZ4 and no ZSTD here; set compression to gzip, or to none.',
        );
      url.searchParams.delete(name);
    }
    const asked = readUrl(url, request);
    const database = asked.database === undefined || asked.database === '' ? 'default' : asked.database;
    if (database !== 'default' && database !== this.settings.database)
      throw refusal(
        'UNKNOWN_DATABASE',
        `Database ${database} does not exist; use ${this.settings.database}.`,
      );
    const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    return { ...asked, database: this.settings.database, gzip };
  }

  async #statementOf(request: IncomingMessage, { query }: Asked): Promise<string> {
    if (/^multipart\//i.test(request.headers['content-type'] ?? ''))
      throw refusal('NOT_IMPLEMENTED', 'There are no external tables here; write the values into the query.');
    const body = (await readBody(request, this.limits.queryBytes)).toString('utf8');
    if (query !== undefined && body !== '')
      throw refusal('READONLY', 'Cannot execute query in readonly mode: a query with a body is an insert.');
    const sql = query ?? body;
    if (Buffer.byteLength(sql) > this.limits.queryBytes)
      throw refusal('TOO_LARGE_STRING_SIZE', `The query is over ${this.limits.queryBytes} bytes.`);
    return sql;
  }

  async #run(sql: string, asked: Asked, gone: AbortSignal): Promise<Answer> {
    const canonical = await this.engine.canonical(sql);
    const protocol = asked.settings.get('client_protocol_version');
    if (canonical === HELLO && protocol !== undefined) return this.#hello(protocol);
    if (isWrite(canonical)) throw refusal('READONLY', 'Cannot execute query in readonly mode.');
    // Refuses files of the host.
    planOf(canonical);
    const statement = await this.policy.statementFor(canonical, (text) => this.engine.tree(text));
    const { database, parameters, format } = asked;
    const settings = settingsFor(asked.settings, this.limits.settings);
    const tag = randomUUID();
    const cancel = (): void => void this.engine.cancel(tag).catch(() => undefined);
    gone.throwIfAborted();
    gone.addEventListener('abort', cancel, { once: true });
    const job = { sql: statement, database, settings, parameters, format, tag, readOnly: true };
    const run = (one: Job): Promise<Answer> => {
      gone.throwIfAborted();
      return this.engine.run(one);
    };
    try {
      // What looks at the schema is small.
      return await (/^(?:DESCRIBE|SHOW) /.test(statement) ? run(job) : runBounded(job, run));
    } finally {
      gone.removeEventListener('abort', cancel);
    }
  }

  #hello(protocol: string): Answer {
    const { version, timezone } = this.server;
    const body = helloBlock(/^\d{1,6}$/.test(protocol) ? Number(protocol) : 0, version, timezone);
    return { body, rowsRead: 1, bytesRead: 1, elapsedSeconds: 0 };
  }

  /** Waits until the answer was taken: until then it is in memory, and its place among the queries is not free. */
  async #send(response: ServerResponse, asked: Asked, answer: Answer): Promise<void> {
    if (response.closed) return;
    response.setHeader('X-ClickHouse-Format', asked.format);
    response.setHeader('X-ClickHouse-Timezone', this.server.timezone);
    const slow = setTimeout(() => response.destroy(), this.limits.sendMs);
    try {
      const taken = once(response, 'close');
      await send(response, asked, { ...answer, rowsWritten: 0, bytesWritten: 0 });
      await taken;
    } finally {
      clearTimeout(slow);
    }
  }
}
