// The embedded warehouse: chDB in a child process that is started, watched, restarted and stopped here.
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../events/coded-error.js';
import { CODES } from '../../events/codes.js';
import { CHDB_SCHEMA, type ChdbInput, type ChdbSettings } from './config.js';
import type { FailedMessage, FromChild, ReadyMessage, ToChild, TokenMessage } from './messages.js';
import type { ReaderSettings, Verdict } from './readers/reader-front.js';

/** The part of a pino logger that is used. */
export interface WarehouseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface WarehouseExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** When the next attempt is made. */
  readonly restartInMs: number;
}

/** Programs of others that read the warehouse: where, and with which tokens. */
export interface Readers extends ReaderSettings {
  /** What a token is good for; asked at every request. */
  readonly verdictOn: (token: string) => Promise<Verdict>;
}

export interface EmbeddedWarehouse {
  /** Stays the same when the child is restarted. */
  readonly url: string;
  /** Where programs of others read; null for nowhere. Stays the same as well. */
  readonly readersUrl: string | null;
  readonly token: string;
  /** The child's process id; undefined between an exit and the restart. */
  readonly pid: number | undefined;
  /** Calls back at every exit that `stop` did not ask for. */
  onExit(listener: (exit: WarehouseExit) => void): void;
  /** Lets what runs finish, closes the data directory; kills the child after 5 s. Idempotent. */
  stop(): Promise<void>;
}

const STOP_MS = 5_000;
const BACKOFF_FIRST_MS = 100;
/** A child that lived this long starts the back-off anew. */
const STEADY_MS = 60_000;
const STDERR_BYTES = 4_096;
/** Threads for four reads of ours and four of others, a write, inspection, cancelling, compression: chDB blocks one each. */
const CHILD_ENVIRONMENT = { UV_THREADPOOL_SIZE: '18', TZ: 'UTC' };

/**
 * Starts chDB on a data directory.
 * @param options `path`: the data directory, made if need be; `log`; see CHDB_SCHEMA for the rest;
 *   `readers`: programs of others that read, nobody where undefined
 * @throws CodedError WAREHOUSE_UNAVAILABLE where chDB cannot be loaded, WAREHOUSE_LOCKED where another process
 *   holds the directory, WAREHOUSE_DAMAGED where it cannot be opened otherwise, HTTP_LISTEN where the port of the
 *   readers cannot be had; the message is one line
 */
export async function startWarehouse(
  options: ChdbInput & { readonly log: WarehouseLog; readonly readers?: Readers | undefined },
): Promise<EmbeddedWarehouse> {
  const { log, readers = null, ...rest } = options;
  const supervisor = new Supervisor(CHDB_SCHEMA.parse(rest), log, readers);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements EmbeddedWarehouse {
  readonly token = randomBytes(32).toString('base64url');
  #port = 0;
  #readersPort: number | null = null;
  #child: ChildProcess | undefined;
  #stopping = false;
  #restart: NodeJS.Timeout | undefined;
  #backoffMs = BACKOFF_FIRST_MS;
  readonly #listeners: ((exit: WarehouseExit) => void)[] = [];

  constructor(
    private readonly settings: ChdbSettings,
    private readonly log: WarehouseLog,
    private readonly readers: Readers | null,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get readersUrl(): string | null {
    if (this.readers === null || this.#readersPort === null) return null;
    const { host, tls } = this.readers;
    return `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${this.#readersPort}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  onExit(listener: (exit: WarehouseExit) => void): void {
    this.#listeners.push(listener);
  }

  /** Forks a child and waits until it answers. */
  async start(): Promise<void> {
    const script = childScript();
    const child = fork(script, [], {
      env: CHILD_ENVIRONMENT,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const stderr = tailOf(child);
    // Before anything is awaited: an exit in the middle of the start must not go unseen.
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    this.#child = child;
    try {
      const ready = await this.#opened(child, stderr);
      this.#port = ready.port;
      this.#readersPort = ready.readersPort;
      if (ready.mended.length > 0) {
        this.log.info(
          { tables: ready.mended },
          'a kill had cut an insert short; its block is taken when sent again',
        );
      }
    } catch (error) {
      child.kill('SIGKILL');
      await exited;
      this.#child = undefined;
      throw error;
    }
    if (child.exitCode !== null || child.signalCode !== null) this.#exited(child, Date.now(), stderr);
    else
      child.once(
        'exit',
        (
          (since) => () =>
            this.#exited(child, since, stderr)
        )(Date.now()),
      );
    const { url, readersUrl } = this;
    const where = readersUrl === null ? { url } : { url, readers: readersUrl };
    this.log.info({ ...where, path: this.settings.path }, 'the embedded warehouse is ready');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    if (child.connected) child.send({ kind: 'stop' } satisfies ToChild, () => undefined);
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(hard);
  }

  /** Hands the child what it needs and waits until it is ready; answers what it asks from then on. */
  async #opened(child: ChildProcess, stderr: () => string): Promise<ReadyMessage> {
    const { path, lockWaitMs, startTimeoutMs } = this.settings;
    return new Promise((done, refuse) => {
      let failed = false;
      const fail = (code: OpenFailure, detail: string): void => {
        clearTimeout(deadline);
        refuse(new CodedError(code, detail.replace(/\s+/g, ' ').trim()));
      };
      const deadline = setTimeout(
        () => fail('WAREHOUSE_UNAVAILABLE', 'The child did not answer in time.'),
        lockWaitMs + startTimeoutMs,
      );
      child.once('error', (error) => fail('WAREHOUSE_UNAVAILABLE', error.message));
      child.once('exit', (code, signal) => {
        if (!failed) fail('WAREHOUSE_UNAVAILABLE', `The child ended (${signal ?? code ?? ''}). ${stderr()}`);
      });
      child.on('message', (message: FromChild) => {
        if (message.kind === 'token') void this.#judge(child, message);
        else if (message.kind === 'failed') {
          failed = true;
          // What the engine itself wrote may be read only later; all of it is there once the child has closed.
          child.once('close', () => fail(...failureOf(message, path, stderr())));
        } else {
          clearTimeout(deadline);
          done(message);
        }
      });
      child.send(this.#openMessage(), () => undefined);
    });
  }

  /** A restarted child is given the ports of its predecessor. */
  #openMessage(): ToChild {
    const { token, readers } = this;
    const { path, copies, library, lockWaitMs } = this.settings;
    const opening = {
      kind: 'open',
      path: resolve(path),
      copies: copies === undefined ? null : resolve(copies),
      token,
      port: this.#port,
      library,
      lockWaitMs,
    } as const;
    if (readers === null) return { ...opening, readers };
    const { host, tls, database } = readers;
    return { ...opening, readers: { host, tls, database, port: this.#readersPort ?? readers.port } };
  }

  async #judge(child: ChildProcess, { id, token }: TokenMessage): Promise<void> {
    let verdict: Verdict = 'unknown';
    try {
      if (this.readers !== null) verdict = await this.readers.verdictOn(token);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.log.warn(
        { error: message },
        'a reader of the warehouse is refused, since no token can be looked up',
      );
    }
    if (child.connected) child.send({ kind: 'verdict', id, verdict } satisfies ToChild, () => undefined);
  }

  #exited(child: ChildProcess, since: number, stderr: () => string): void {
    this.#child = undefined;
    if (this.#stopping) return;
    if (Date.now() - since >= STEADY_MS) this.#backoffMs = BACKOFF_FIRST_MS;
    const exit = { code: child.exitCode, signal: child.signalCode, restartInMs: this.#backoffMs };
    const { code: exitCode, ...more } = exit;
    this.log.warn({ code: 'WAREHOUSE_DIED', exitCode, ...more, stderr: stderr() }, CODES.WAREHOUSE_DIED);
    this.#schedule();
    for (const listener of this.#listeners) listener(exit);
  }

  #schedule(): void {
    this.#restart = setTimeout(() => {
      this.start().catch((error: unknown) => {
        if (this.#stopping) return;
        const message = error instanceof Error ? error.message : String(error);
        const code = error instanceof CodedError ? error.code : 'WAREHOUSE_UNAVAILABLE';
        this.log.warn(
          { code, error: message, restartInMs: this.#backoffMs },
          'the embedded warehouse does not start',
        );
        this.#schedule();
      });
    }, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, this.settings.backoffLimitMs);
  }
}

type OpenFailure = 'WAREHOUSE_UNAVAILABLE' | 'WAREHOUSE_LOCKED' | 'WAREHOUSE_DAMAGED' | 'HTTP_LISTEN';

/** chDB throws the same error for a lock and for damage; only what it writes beside it tells them apart. */
function failureOf({ code, message }: FailedMessage, path: string, stderr: string): [OpenFailure, string] {
  if (code === 'WAREHOUSE_LOCKED' && stderr !== '' && !stderr.includes('Cannot lock file')) {
    return ['WAREHOUSE_DAMAGED', `The directory is ${path}: ${shortened(stderr)}`];
  }
  if (code === 'READERS_PORT') return ['HTTP_LISTEN', message];
  return [code === 'WAREHOUSE_PORT' ? 'WAREHOUSE_UNAVAILABLE' : code, message];
}

const REASON_SHOWN = 200;

function shortened(text: string): string {
  return text.length <= REASON_SHOWN ? text : `${text.slice(0, REASON_SHOWN)} …`;
}

/** The end of what the child wrote to stderr, on one line. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_BYTES);
  });
  return () => tail.trim().split('\n').slice(-3).join(' | ').slice(0, 600);
}

/** The compiled child, also where this file itself runs from source. */
function childScript(): string {
  const here = new URL(import.meta.url);
  const script = fileURLToPath(
    here.pathname.endsWith('.ts')
      ? new URL('../../../dist/src/adapters/chdb/child.js', here)
      : new URL('child.js', here),
  );
  if (!existsSync(script)) {
    throw new CodedError('WAREHOUSE_UNAVAILABLE', `${script} is missing; run npm run build.`);
  }
  return script;
}
