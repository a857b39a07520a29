// The appends to one partition of one log, in the order of the calls, one batch on its way at a time.
import { CodedError } from '../../events/coded-error.js';
import { pack, startOf, type Packed } from './batch-encoding.js';
import { Sender, type SenderOptions } from './sender.js';

/**
 * Of a batch. A call within them is one batch, so that other writers cannot come in between and a crash keeps all or
 * nothing of it.
 */
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const WAITING_CALLS = 10_000;
const WAITING_BYTES = 512 * 1024 * 1024;

interface Call {
  readonly packed: Packed;
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

  /** @param values one at least; they are copied */
  append(values: readonly Uint8Array[]): Promise<number> {
    const bytes = values.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (this.#waiting.length >= WAITING_CALLS || this.#waitingBytes + bytes > WAITING_BYTES) {
      const text = `${this.#waiting.length} appends of ${this.#waitingBytes} bytes wait.`;
      return Promise.reject(new CodedError('STORE_BUSY', text));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ packed: pack(values), resolve, reject, done: 0, first: -1 });
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
      const slices = parts.map(({ call: { packed, done: first }, count }) => ({ packed, first, count }));
      try {
        this.#sender ??= new Sender(this.#options);
        this.#settle(parts, await this.#sender.send(slices));
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
      if (call.done < call.packed.ends.length) continue;
      this.#waiting.shift();
      this.#waitingBytes -= call.packed.bytes.length;
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

  #progress({ done, first, packed: { ends } }: Call): string {
    const { topic, partition } = this.#options;
    return `${done} of ${ends.length} records are in ${topic}/${partition} from offset ${first} on.`;
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
    const { length: size } = call.packed.bytes;
    const left = call.packed.ends.length - call.done;
    const isWhole = call.done === 0 && records + left <= BATCH_RECORDS && bytes + size <= BATCH_BYTES;
    if (!isWhole) return parts.length > 0 ? parts : [{ call, count: partOf(call) }];
    parts.push({ call, count: left });
    records += left;
    bytes += size;
  }
  return parts;
}

/** How many of the values of a large call go next. */
function partOf({ packed, done }: Call): number {
  const start = startOf(packed, done);
  const ends = packed.ends.slice(done, done + BATCH_RECORDS);
  const over = ends.findIndex((end) => end - start > BATCH_BYTES);
  return over < 0 ? ends.length : Math.max(1, over);
}
