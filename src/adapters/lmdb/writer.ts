// The one writer of the environment: what waits goes into one transaction, durable or without a trace.
import { randomBytes } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import { CodedError } from '../../events/coded-error.js';

export type Table = Database<Buffer, Buffer>;

const GROUP_BYTES = 32 * 1024 * 1024;
const GROUP_WRITES = 1_000;
const WAITING_WRITES = 10_000;
const WAITING_BYTES = 512 * 1024 * 1024;
const OWNER_KEY = Buffer.from('owner');

/** The changes of one write, on the way into a transaction that it may share with others. */
export class Draft {
  readonly changes: { readonly table: Table; readonly key: Buffer; readonly value: Buffer | null }[] = [];
  readonly settled: ((durable: boolean) => void)[] = [];

  put(table: Table, key: Buffer, value: Buffer): void {
    this.changes.push({ table, key, value });
  }

  remove(table: Table, key: Buffer): void {
    this.changes.push({ table, key, value: null });
  }

  /** Called with the outcome before the write resolves or rejects. */
  onSettled(callback: (durable: boolean) => void): void {
    this.settled.push(callback);
  }
}

interface Waiting {
  readonly bytes: number;
  /** Runs when the group is put together; a throw rejects this write alone. */
  plan(draft: Draft): void;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Takes writes and commits them in the order of the calls, one transaction at a time, each flushed to the disk
 * before the next begins. Buffers handed over must not change until the write has settled.
 */
export class Writer {
  readonly #environment: RootDatabase<Buffer, Buffer>;
  readonly #owners: Table;
  /** Version of the owner record of this process: a transaction of a process that lost the folder does nothing. */
  readonly #version: number;
  readonly #limitBytes: number | undefined;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #refusal: CodedError | undefined;

  private constructor(environment: RootDatabase<Buffer, Buffer>, limitBytes: number | undefined) {
    this.#environment = environment;
    this.#limitBytes = limitBytes;
    this.#version = randomBytes(6).readUIntBE(0, 6) + 1;
    this.#owners = environment.openDB<Buffer, Buffer>({
      name: 'owner',
      encoding: 'binary',
      keyEncoding: 'binary',
      useVersions: true,
    });
  }

  /** A writer that has made itself the owner of the environment. */
  static async open(
    environment: RootDatabase<Buffer, Buffer>,
    limitBytes: number | undefined,
  ): Promise<Writer> {
    const writer = new Writer(environment, limitBytes);
    try {
      await writer.#owners.put(OWNER_KEY, Buffer.from(String(process.pid)), writer.#version);
    } catch (error) {
      throw await writeFailure(error);
    }
    return writer;
  }

  /**
   * Queues a write; it resolves with the plan's result once that is on the disk.
   * @param plan sees every earlier write, those of its own transaction included where it keeps note of them.
   */
  async submit<T>(bytes: number, plan: (draft: Draft) => T): Promise<T> {
    this.checkOpen();
    if (this.#waiting.length >= WAITING_WRITES || this.#waitingBytes + bytes > WAITING_BYTES) {
      throw new CodedError(
        'STORE_BUSY',
        `${this.#waiting.length} writes of ${this.#waitingBytes} bytes wait.`,
      );
    }
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        bytes,
        plan: (draft) => void (result = plan(draft)),
        resolve: () => resolve(result),
        reject,
      });
      this.#waitingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Throws where nothing can be read or written any more. */
  checkOpen(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Refuses new writes and waits for those under way. */
  async close(): Promise<void> {
    this.#refusal ??= new CodedError('STORE_CLOSED');
    await this.#running;
  }

  async #run(): Promise<void> {
    // Calls of the same turn share the first transaction.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#commit(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { bytes: next } of this.#waiting) {
      if (count > 0 && (count === GROUP_WRITES || bytes + next > GROUP_BYTES)) break;
      count += 1;
      bytes += next;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const drafts: { readonly waiting: Waiting; readonly draft: Draft }[] = [];
    for (const waiting of group) {
      const draft = new Draft();
      try {
        waiting.plan(draft);
        drafts.push({ waiting, draft });
      } catch (error) {
        waiting.reject(error);
      }
    }
    const failure = await this.#write(drafts.map(({ draft }) => draft));
    for (const { draft } of drafts) for (const settled of draft.settled) settled(failure === undefined);
    for (const { waiting } of drafts) {
      if (failure === undefined) waiting.resolve();
      else waiting.reject(failure);
    }
  }

  async #write(drafts: readonly Draft[]): Promise<CodedError | undefined> {
    if (drafts.every((draft) => draft.changes.length === 0)) return undefined;
    const full = this.#overLimit(drafts);
    if (full !== undefined) return full;
    try {
      const owned = await this.#owners.ifVersion(OWNER_KEY, this.#version, () => {
        for (const { changes } of drafts) {
          for (const { table, key, value } of changes) {
            // The promise of the whole block stands for those of its parts.
            if (value === null) void table.remove(key);
            else void table.put(key, value);
          }
        }
      });
      if (owned) return undefined;
      return (this.#refusal = new CodedError('DATA_FOLDER_IN_USE', 'Another process has taken it over.'));
    } catch (error) {
      const failure = await writeFailure(error);
      this.#probe(failure);
      return failure;
    }
  }

  #overLimit(drafts: readonly Draft[]): CodedError | undefined {
    if (this.#limitBytes === undefined) return undefined;
    const { lastPageNumber, pageSize } = this.#environment.getStats() as {
      lastPageNumber: number;
      pageSize: number;
    };
    let bytes = lastPageNumber * pageSize;
    for (const { changes } of drafts) {
      for (const { key, value } of changes) bytes += value === null ? 0 : key.byteLength + value.byteLength;
    }
    if (bytes <= this.#limitBytes) return undefined;
    return new CodedError('STORE_FULL', `The limit of the data file is ${this.#limitBytes} bytes.`);
  }

  /** After a failed write of its own pages LMDB refuses to begin; a further asynchronous write would then hang. */
  #probe(failure: CodedError): void {
    try {
      this.#environment.transactionSync(() => undefined);
    } catch {
      this.#refusal = failure;
    }
  }
}

/** What stands behind a rejected commit: lmdb keeps the reason in a promise of its own. */
export async function writeFailure(error: unknown): Promise<CodedError> {
  let cause = error;
  if (error instanceof Error && 'commitError' in error) {
    // The reason is filled in after the commit has been rejected.
    cause = await Promise.resolve(error.commitError).catch((reason: unknown) => reason);
  }
  const text = cause instanceof Error ? cause.message : 'no reason given';
  const full = /MDB_MAP_FULL|No space left|quota/i.test(text);
  return new CodedError(full ? 'STORE_FULL' : 'STORE_WRITE_FAILED', `The reason given: ${text}.`, cause);
}
