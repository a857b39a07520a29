// The engine in the child: chDB on one data directory, one session for each statement.
import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { asEngineError, refusal } from './failure.js';
import { repairDeduplication } from './repair.js';
import { identifier, literal, setStatement } from './statement.js';

interface Result {
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
  bytes(): Uint8Array;
}

interface Session {
  queryAsync(sql: string, options?: { format?: string }): Promise<Result>;
  close(): void;
}

/** The part of the package `chdb` that is used; it is optional, so its types may be absent at build time. */
interface Library {
  readonly Session: new (path: string, options?: { readonly connectionArgs: readonly string[] }) => Session;
  drainPending(): Promise<void>;
}

/** How the engine is opened. */
export interface Opening {
  /** The package that holds it. */
  readonly library: string;
  readonly path: string;
  /** The one folder of back-ups; null for none. */
  readonly copies: string | null;
  /** How long to wait for the lock that a dying predecessor still holds. */
  readonly lockWaitMs: number;
}

/** Why the engine could not be opened; `message` is one line. */
export class OpenError extends Error {
  constructor(
    readonly code: 'WAREHOUSE_UNAVAILABLE' | 'WAREHOUSE_LOCKED' | 'WAREHOUSE_DAMAGED',
    message: string,
  ) {
    super(message);
    this.name = 'OpenError';
  }
}

/** One statement with all that it needs. */
export interface Job {
  readonly sql: string;
  readonly database: string | undefined;
  /** Applied before those of the front, which win. */
  readonly settings: ReadonlyMap<string, string>;
  /** Bound parameters by name, in the escaped form of ClickHouse's HTTP interface. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly format: string;
  readonly readOnly: boolean;
  /** Names the running statement, so that it can be cancelled. */
  readonly tag: string;
}

export interface Answer {
  readonly body: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedSeconds: number;
}

const READ_DEFAULTS = new Map([
  ['max_execution_time', '60'],
  ['max_result_bytes', String(256 * 1024 * 1024)],
  ['result_overflow_mode', 'throw'],
  ['max_memory_usage', String(2 * 1024 * 1024 * 1024)],
]);

/** `implicit_select` of chDB would read a misspelt keyword as a column; the query limit is that of the front. */
const COMMON = new Map([
  ['implicit_select', '0'],
  ['max_query_size', String(4 * 1024 * 1024)],
]);

/**
 * It shares the machine with the process that warns. Of itself it would keep marks and primary keys of 5 GiB each, and take
 * nine tenths of the memory; a query beyond the bound is refused and may be tried again.
 */
const MEMORY_BOUNDS = [
  `--mark_cache_size=${256 * 1024 * 1024}`,
  `--primary_index_cache_size=${256 * 1024 * 1024}`,
  `--index_mark_cache_size=${64 * 1024 * 1024}`,
  '--max_server_memory_usage_to_ram_ratio=0.5',
];

export class Engine {
  readonly #anchor: Session;
  #inspections: Promise<unknown> = Promise.resolve();
  /** Tables whose deduplication log a kill had left with a block that is not there. */
  mended: readonly string[] = [];

  private constructor(
    private readonly library: Library,
    private readonly path: string,
    copies: string | null,
  ) {
    // Of the engine and not of a session: those opened later on the same directory share it.
    const allowed = copies === null ? [] : [`--backups.allowed_path=${copies}`];
    this.#anchor = new library.Session(path, { connectionArgs: [...MEMORY_BOUNDS, ...allowed] });
  }

  /**
   * Opens the data directory, making it if need be (for the owner alone).
   * @throws OpenError
   */
  static async open({ library: name, path, copies, lockWaitMs }: Opening): Promise<Engine> {
    let library: Library;
    try {
      library = (await import(name)) as Library;
    } catch (error) {
      throw new OpenError('WAREHOUSE_UNAVAILABLE', `${name} cannot be loaded: ${firstLine(error)}`);
    }
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const deadline = Date.now() + lockWaitMs;
      const engine = await Engine.#locked(() => new Engine(library, path, copies), path, deadline);
      await engine.#anchor.queryAsync(setStatement(COMMON));
      engine.mended = await repairDeduplication((sql) => engine.ask(sql));
      return engine;
    } catch (error) {
      if (error instanceof OpenError) throw error;
      throw new OpenError('WAREHOUSE_DAMAGED', `The directory is ${path}: ${firstLine(error)}`);
    }
  }

  static async #locked(opened: () => Engine, path: string, deadline: number): Promise<Engine> {
    for (;;) {
      try {
        return opened();
      } catch (error) {
        // chDB says why on stderr alone, which the parent reads; the lock is by far the commonest reason.
        if (Date.now() >= deadline) {
          throw new OpenError(
            'WAREHOUSE_LOCKED',
            `the data directory ${path} cannot be opened, another process may hold it: ${firstLine(error)}`,
          );
        }
        await pause(250);
      }
    }
  }

  /**
   * A statement as ClickHouse's formatter prints it on one line: without comments and, for an insert, without rows.
   * @throws EngineError 62 for what is not exactly one statement
   */
  async canonical(sql: string): Promise<string> {
    return this.#inspect(`SELECT formatQuerySingleLine(${literal(sql)})`);
  }

  /**
   * The syntax tree of a statement in canonical form, a node a line; nothing of it is run.
   * @throws EngineError 62 for what cannot be parsed
   */
  async tree(canonical: string): Promise<string> {
    return this.#inspect(`EXPLAIN AST ${canonical}`);
  }

  /** One inspection at a time, on the session that is always open. */
  async #inspect(sql: string): Promise<string> {
    const turn = this.#inspections.then(() => this.#anchor.queryAsync(sql, { format: 'TSVRaw' }));
    this.#inspections = turn.catch(() => undefined);
    try {
      return Buffer.from((await turn).bytes())
        .toString('utf8')
        .trimEnd();
    } catch (error) {
      throw asEngineError(error);
    }
  }

  /** Runs one statement in a session of its own, so that nothing it sets outlives it. */
  async run(job: Job): Promise<Answer> {
    const session = new this.library.Session(this.path);
    try {
      if (job.database !== undefined) await session.queryAsync(`USE ${identifier(job.database)}`);
      const settings = new Map([...COMMON, ...(job.readOnly ? READ_DEFAULTS : []), ...job.settings]);
      settings.set('log_comment', job.tag);
      settings.delete('readonly');
      await session.queryAsync(setStatement(settings));
      if (job.parameters.size > 0) {
        const bound = new Map([...job.parameters].map(([name, value]) => [`param_${name}`, value]));
        await session.queryAsync(setStatement(bound));
      }
      // Last, since nothing can be set after it. It closes most ways to files and URLs to reads, not file() as a function.
      if (job.readOnly) await session.queryAsync('SET readonly = 1');
      const result = await session.queryAsync(job.sql, { format: job.format });
      return {
        body: result.bytes(),
        rowsRead: result.rowsRead,
        bytesRead: result.bytesRead,
        elapsedSeconds: result.elapsed,
      };
    } catch (error) {
      throw asEngineError(error);
    } finally {
      session.close();
    }
  }

  /** Asks what the program itself wants to know, while nothing else runs on this session. */
  async ask(sql: string): Promise<Record<string, unknown>[]> {
    const result = await this.#anchor.queryAsync(sql, { format: 'JSONEachRow' });
    const lines = Buffer.from(result.bytes()).toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Asks a running statement to stop; one that has ended is left alone. */
  async cancel(tag: string): Promise<void> {
    const session = new this.library.Session(this.path);
    try {
      await session.queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${literal(tag)} ASYNC`);
    } catch (error) {
      throw asEngineError(error);
    } finally {
      session.close();
    }
  }

  /** Closes the data directory once nothing native is outstanding. */
  async close(): Promise<void> {
    await this.#inspections;
    this.#anchor.close();
    await this.library.drainPending();
  }
}

/** Rows of a body as text for the statement that inserts them. */
export function rowsOf(body: Buffer): { readonly text: string; readonly rows: number } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body).trimEnd();
  } catch {
    throw refusal('INCORRECT_DATA', 'The body is not UTF-8; send the rows as JSON in UTF-8.');
  }
  // chDB takes what follows a blank line for a further statement.
  if (text.includes('\n\n')) {
    throw refusal('INCORRECT_DATA', 'The body has a blank line; send one row a line and nothing else.');
  }
  let rows = text.trim() === '' ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) rows += 1;
  return { text, rows };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').slice(0, 300);
}
