// The body of a request: what it may be, and reading it within limits.
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { BodyText } from '../../events/body.js';
import { CodedError } from '../../events/coded-error.js';
import type { Compression, Decompress } from '../../ports/decompression.js';
import { Refusal } from './refusal.js';
import { piecesOfUtf8 } from './text.js';

const MEDIA_TYPE = /^([a-z0-9.+/-]{1,100})[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i;
/** Of a body that is refused, this many times the limit is read and dropped before the connection is cut. */
const DROPPED_LIMITS = 8;

/** Compressions by their names in Content-Encoding (RFC 9110, section 8.4.1, and RFC 8878). */
const COMPRESSIONS: ReadonlyMap<string, Compression> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['zstd', 'zstd'],
]);

export interface BodyLimits {
  /** Of the clear bytes, where a body is compressed. */
  readonly bodyLimitBytes: number;
  readonly heldBytes: number;
  readonly takenBytes: number;
}

/**
 * Refuses from the headers alone what cannot be taken.
 * @param types the media types that are, in lower case
 * @param isCleared whether compressed bodies are taken
 */
export function checkBodyHeaders(
  request: IncomingMessage,
  limits: BodyLimits,
  types: readonly string[],
  isCleared = false,
): Refusal | undefined {
  const { headers } = request;
  // text/plain, and where no form is expected a form, is what a page can send anywhere without asking first.
  const type = MEDIA_TYPE.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
  const acceptPost = { 'accept-post': types.join(', ') };
  if (type === undefined || !types.includes(type))
    return new Refusal(415, 'HTTP_CONTENT_TYPE', '', acceptPost);
  if (headers['ce-specversion'] !== undefined) {
    const detail = 'Attributes in ce- headers (binary mode) are not read; put them into the JSON.';
    return new Refusal(415, 'HTTP_CONTENT_TYPE', detail, acceptPost);
  }
  const encoding = encodingOf(request);
  if (encoding !== 'identity' && !(isCleared && COMPRESSIONS.has(encoding))) {
    const accepted = isCleared ? 'gzip, zstd' : 'identity';
    return new Refusal(415, 'HTTP_CONTENT_ENCODING', '', { 'accept-encoding': accepted });
  }
  if (Number(headers['content-length'] ?? 0) > limits.bodyLimitBytes) return tooLarge(limits);
  return undefined;
}

/** The bytes of all bodies in memory, so that many senders at once cannot exhaust it. */
export class Bodies {
  #held = 0;
  readonly #turns: Turns;
  /** Compressed bodies become clear within as much memory again as all bodies may take. */
  readonly #clearing: Turns;

  /** @param decompress where compressed bodies are taken */
  constructor(
    private readonly limits: BodyLimits,
    private readonly decompress?: Decompress,
  ) {
    this.#turns = new Turns(limits.takenBytes);
    this.#clearing = new Turns(limits.heldBytes);
  }

  /**
   * Reads a body as text and hands it to `take`; its bytes count as held until that ends. A body that tells its length
   * counts whole before a byte of it is read; of a chunked one each chunk counts as it comes, up to the limit of a body.
   * Of a compressed one the clear bytes count once it is clear. Parsed events take many times the room of their bytes, so bodies
   * are taken one after the other beyond `takenBytes`.
   * @throws Refusal 400 for an empty body, one that is damaged or not UTF-8, 413 over the limit, 429 where too much is held
   * @throws Error where the sender went away
   */
  async with<T>(request: IncomingMessage, take: (text: BodyText) => Promise<T>): Promise<T> {
    let held = 0;
    const hold = (bytes: number): boolean => {
      if (this.#held + bytes > this.limits.heldBytes) return false;
      this.#held += bytes;
      held += bytes;
      return true;
    };
    const told = Number(request.headers['content-length'] ?? NaN);
    if (told > 0 && !hold(told)) throw busy(1);
    try {
      const compression = COMPRESSIONS.get(encodingOf(request));
      const received = read(request, this.limits, told > 0 ? () => true : hold).then((chunks) =>
        Buffer.concat(chunks),
      );
      const bytes = await received.then((all) => this.#clear(all, compression));
      if (compression !== undefined) {
        // From here on the clear bytes are held instead of the compressed ones.
        this.#held -= held;
        held = 0;
        if (!hold(bytes.byteLength)) throw busy(1);
      }
      return await this.#turns.run(held, () => take(textOf(bytes)));
    } finally {
      this.#held -= held;
    }
  }

  async #clear(bytes: Buffer, compression: Compression | undefined): Promise<Buffer> {
    const { decompress, limits } = this;
    if (compression === undefined || bytes.length === 0) return bytes;
    if (decompress === undefined) throw new Refusal(415, 'HTTP_CONTENT_ENCODING');
    try {
      const clear = await this.#clearing.run(limits.bodyLimitBytes, () =>
        decompress(compression, bytes, limits.bodyLimitBytes),
      );
      return Buffer.from(clear.buffer, clear.byteOffset, clear.byteLength);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      throw error.code === 'COMPRESSION_TOO_LARGE'
        ? tooLarge(limits)
        : new Refusal(400, 'COMPRESSION_DAMAGED');
    }
  }
}

function encodingOf({ headers }: IncomingMessage): string {
  return headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
}

/** Lets what waits begin in its order, as long as what has begun weighs no more than a limit; one alone always may. */
class Turns {
  #begun = 0;
  readonly #waiting: { readonly weight: number; begin(): void }[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(weight: number, action: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ weight, begin });
      this.#next();
    });
    try {
      return await action();
    } finally {
      this.#begun -= weight;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#begun > 0 && this.#begun + first.weight > this.limit) return;
      this.#begun += first.weight;
      this.#waiting.shift();
      first.begin();
    }
  }
}

/** What is refused on the way is still read and dropped, so that the sender meets the answer, not a broken pipe. */
function read(
  request: IncomingMessage,
  limits: BodyLimits,
  hold: (bytes: number) => boolean,
): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    let refused = false;
    const refuseBody = (refusal: Refusal): void => {
      refused = true;
      chunks = [];
      reject(refusal);
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.bodyLimitBytes * DROPPED_LIMITS) request.destroy();
      if (refused) return;
      if (length > limits.bodyLimitBytes) refuseBody(tooLarge(limits));
      else if (!hold(chunk.length)) refuseBody(busy(1));
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(chunks));
    request.once('error', reject);
    const gone = (): void => reject(new Error('The sender went away.'));
    request.once('close', gone);
    if (request.destroyed) gone();
  });
}

function textOf(bytes: Buffer): BodyText {
  if (bytes.length === 0) throw new Refusal(400, 'HTTP_BODY_EMPTY');
  if (!isUtf8(bytes)) throw new Refusal(400, 'HTTP_BODY_NOT_UTF8');
  const pieces = piecesOfUtf8(bytes);
  if (pieces.every((piece) => piece.trim() === '')) throw new Refusal(400, 'HTTP_BODY_EMPTY');
  return pieces;
}

function tooLarge(limits: BodyLimits): Refusal {
  return new Refusal(413, 'BODY_TOO_LARGE', `The limit is ${limits.bodyLimitBytes} bytes.`);
}

/** Asks a sender to come back. */
export function busy(seconds: number, status: 429 | 503 = 429): Refusal {
  return new Refusal(status, 'HTTP_BUSY', '', { 'retry-after': String(Math.max(1, Math.ceil(seconds))) });
}
