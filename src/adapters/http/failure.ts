// What went wrong inside: the sender learns a code, the operators' log the place, nobody the body.
import type { FastifyRequest } from 'fastify';
import type { Code } from '../../events/codes.js';
import { CodedError, isStoreRefusal } from '../../events/coded-error.js';
import { busy } from './body.js';
import { Refusal, type Headers } from './refusal.js';

/** A request that failed inside. It holds nothing that was sent but the method. */
export interface FailureEntry {
  readonly code: Code;
  readonly method: string;
  /** Pattern of the path, for example /v1/warnings/:id. */
  readonly route: string;
  /** Name of the error's class and, where it has one, its own code. */
  readonly error: string;
  /** Of errors whose messages are known to repeat no data; empty otherwise. */
  readonly detail: string;
  /** Where it was thrown. */
  readonly frames: readonly string[];
}

/** Why something is not done or given, which is nobody's failure. */
const CODED_REFUSALS: ReadonlyMap<Code, number> = new Map([
  ['PERSONAL_PURPOSE', 400],
  ['PERSONAL_FORBIDDEN', 403],
  ['PERSONAL_ERASED', 410],
  ['PERSONAL_HELD', 409],
  ['SILENCE_FORBIDDEN', 403],
  ['SILENCE_INVALID', 422],
  ['SILENCE_LIMIT', 409],
  ['MODELS_BUSY', 409],
  ['MODELS_UNKNOWN', 422],
  ['RULES_CHANGED', 422],
  ['EVIDENCE_UNSEALED', 503],
  ['EVIDENCE_LIMIT', 409],
  ['EVIDENCE_FORMER', 409],
]);
/** Seals are made every hour. */
const RETRY_UNSEALED = '600';

/** Somebody has to make room. */
const RETRY_STORE = '30';

/** The refusal that answers an error, and what of it goes to the log. */
export function judge(error: unknown, request: FastifyRequest): { refusal: Refusal; entry?: FailureEntry } {
  if (error instanceof Refusal) return { refusal: error };
  if (error instanceof CodedError && error.code === 'STORE_BUSY') return { refusal: busy(1, 503) };
  if (error instanceof CodedError && CODED_REFUSALS.has(error.code)) {
    const headers: Headers = error.code === 'EVIDENCE_UNSEALED' ? { 'retry-after': RETRY_UNSEALED } : {};
    return { refusal: new Refusal(CODED_REFUSALS.get(error.code) ?? 500, error.code, '', headers) };
  }
  // The sender is gone or was cut off; what is answered reaches nobody.
  if (request.raw.destroyed && !request.raw.complete) return { refusal: new Refusal(400, 'HTTP_REQUEST') };
  const { code: ownCode, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (ownCode === 'FST_ERR_HANDLER_TIMEOUT') {
    return { refusal: new Refusal(503, 'HTTP_OVERDUE'), entry: entryOf('HTTP_OVERDUE', error, request) };
  }
  if (ownCode === 'FST_ERR_MAX_PARAM_LENGTH') return { refusal: new Refusal(404, 'HTTP_NOT_FOUND') };
  if (typeof ownCode === 'string' && ownCode.startsWith('FST_') && statusCode === 400) {
    return { refusal: new Refusal(400, 'HTTP_REQUEST') };
  }
  const code = error instanceof CodedError ? error.code : 'HTTP_INTERNAL';
  // Nothing of it was kept, or what was counts once: the sender may send it again.
  if (isStoreRefusal(error))
    return {
      refusal: new Refusal(503, 'HTTP_STORE', '', { 'retry-after': RETRY_STORE }),
      entry: entryOf(code, error, request),
    };
  return { refusal: new Refusal(500, 'HTTP_INTERNAL'), entry: entryOf(code, error, request) };
}

function entryOf(code: Code, error: unknown, request: FastifyRequest): FailureEntry {
  const route = request.routeOptions.url ?? '';
  const entry = { code, method: request.method, route };
  if (!(error instanceof Error)) return { ...entry, error: typeof error, detail: '', frames: [] };
  const { code: ownCode } = error as { code?: unknown };
  // Messages of other errors may quote the data, as those of JSON.parse do.
  const detail = error instanceof CodedError ? error.message : '';
  const named = typeof ownCode === 'string' && /^[A-Z0-9_]{1,64}$/.test(ownCode) ? ` ${ownCode}` : '';
  return { ...entry, error: error.constructor.name + named, detail, frames: framesOf(error) };
}

/** The stack begins with the message; only what follows it is taken. */
function framesOf(error: Error): string[] {
  const stack = error.stack ?? '';
  const start = stack.indexOf(error.message);
  if (start < 0) return [];
  return stack
    .slice(start + error.message.length)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim());
}
