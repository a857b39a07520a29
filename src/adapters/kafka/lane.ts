// The appends to one partition of one log, in the order of the calls, one batch on its way at a time.
import { CodedError } from '../../events/coded-error.js';
import { Sender, type SenderOptions } from './sender.js';

/**
 * Of a batch. A call within them is one batch, so that other writers cannot come in between and a crash keeps all or
 * nothing of it. The client copies the list of records anew for each record, hence few of them.
 */
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const WAITING_CALLS = 10_000;
const WAITING_BYTES = 512 * 1024 * 1024;

interface Call {
  readonly values: readonly Buffer[];
  readonly bytes: number;
  readonly resolve: (first: number) => void;
  readonly reject: (error: CodedError) => void;
  /** How many of the values are appended. */
  done: number;
  /** Where the first of them is, once it is. */
  first: number;
}

interface Part {
  readonly call: Call;
  readonly count: number;
}

export class Lane {
  readonly #options: SenderOptions;
  #sender: Sender | null = null;
  #waiting: Call[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | null = null;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** @param values copies that nobody changes, one at least */
  append(values: readonly Buffer[]): Promise<number> {
    const bytes = values.reduce((sum, value) => sum + value.byteLength, 0);
    if (this.#waiting.length >= WAITING_CALLS || this.#waitingBytes + bytes > WAITING_BYTES) {
      const text = `${this.#waiting.length} appends of ${this.#waitingBytes} bytes wait.`;
      return Promise.reject(new CodedError('STORE_BUSY', text));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ values, bytes, resolve, reject, done: 0, first: -1 });
      this.#waitingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Waits for what is on its way, and ends the producer. */
  async close(): Promise<void> {
    await this.#running;
    this.#drop();
  }

  async #run(): Promise<void> {
    // What is called in one turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const parts = batchOf(this.#waiting);
      const values = parts.flatMap(({ call, count }) => call.values.slice(call.done, call.done + count));
      try {
        this.#sender ??= new Sender(this.#options);
        this.#settle(parts, await this.#sender.send(values));
        if (this.#sender.isWorn) this.#drop();
      } catch (error) {
        this.#fail(error as CodedError, parts.length);
      }
    }
    this.#running = null;
  }

  #settle(parts: readonly Part[], base: number): void {
    let offset = base;
    for (const { call, count } of parts) {
      if (call.done === 0) call.first = offset;
      if (call.first + call.done !== offset) throw new CodedError('STORE_SHARED', this.#progress(call));
      call.done += count;
      offset += count;
      if (call.done < call.values.length) continue;
      this.#waiting.shift();
      this.#waitingBytes -= call.bytes;
      call.resolve(call.first);
    }
  }

  /** Refuses all that waits: sent without what came before it, it would be in another order than it was called in. */
  #fail(error: CodedError, sent: number): void {
    this.#drop();
    const refused = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    refused.forEach((call, index) => {
      if (call.done > 0) call.reject(new CodedError(error.code, `${this.#progress(call)} ${error.message}`));
      else if (index < sent) call.reject(error);
      else
        call.reject(new CodedError('STORE_UNREACHABLE', 'An earlier append failed; this one was not sent.'));
    });
  }

  #progress({ done, first, values }: Call): string {
    const { topic, partition } = this.#options;
    return `${done} of ${values.length} records are in ${topic}/${partition} from offset ${first} on.`;
  }

  /** What an error left behind may stand in any state, so the next append begins with a producer of its own. */
  #drop(): void {
    this.#sender?.shut();
    this.#sender = null;
  }
}

/** What is sent next: whole calls as far as they fit, or a part of the first alone. */
function batchOf(waiting: readonly Call[]): Part[] {
  const parts: Part[] = [];
  let [records, bytes] = [0, 0];
  for (const call of waiting) {
    const left = call.values.length - call.done;
    const isWhole = call.done === 0 && records + left <= BATCH_RECORDS && bytes + call.bytes <= BATCH_BYTES;
    if (!isWhole) return parts.length > 0 ? parts : [{ call, count: partOf(call) }];
    parts.push({ call, count: left });
    records += left;
    bytes += call.bytes;
  }
  return parts;
}

/** How many of the values of a large call go next. */
function partOf({ values, done }: Call): number {
  let [count, bytes] = [0, 0];
  for (const value of values.slice(done, done + BATCH_RECORDS)) {
    bytes += value.byteLength;
    if (count > 0 && bytes > BATCH_BYTES) break;
    count += 1;
  }
  return count;
}
