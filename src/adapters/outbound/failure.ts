// Why a request did not work, as codes: what never reached the receiver, what may have, and what it refused.
import type { Code } from '../../events/codes.js';
import { CodedError } from '../../events/coded-error.js';
import type { SendFailure } from '../../ports/channel.js';

/** A receiver that asks for longer is asked again after this all the same. */
const RETRY_AFTER_MAX_MS = 24 * 3_600_000;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What a status other than 2xx says (RFC 9110, section 15; 425 RFC 8470; 429 RFC 6585). */
export function refusalOf(status: number, headers: Headers): SendFailure {
  const retryAfterMs = retryAfterOf(headers);
  const said = {
    ok: false,
    detail: `HTTP ${status}`,
    ...(retryAfterMs !== null && { retryAfterMs }),
  } as const;
  if (status === 429) return { ...said, reason: 'CHANNEL_LIMITED', retriable: true, limited: true };
  // 409: the same message is still being taken.
  if (status === 408 || status === 409 || status === 425) {
    return { ...said, reason: 'CHANNEL_FAILING', retriable: true };
  }
  if (status === 501 || status === 505) return { ...said, reason: 'CHANNEL_REFUSED', retriable: false };
  if (status >= 500) return { ...said, reason: 'CHANNEL_FAILING', retriable: true };
  const refused: { readonly [status: number]: Code } = {
    401: 'CHANNEL_CREDENTIALS',
    403: 'CHANNEL_CREDENTIALS',
    407: 'CHANNEL_CREDENTIALS',
    413: 'CHANNEL_TOO_LARGE',
  };
  const isRedirect = status >= 300 && status < 400;
  const reason = isRedirect ? 'CHANNEL_REDIRECT' : (refused[status] ?? 'CHANNEL_REFUSED');
  return { ...said, reason, retriable: false };
}

/**
 * What an error says. Only its code is shown: its text may hold an address with a secret.
 * @param wasConnected whether the request may have reached the receiver
 * @param isOverdue whether it took longer than it may
 */
export function failureOf(error: unknown, wasConnected: boolean, isOverdue: boolean): SendFailure {
  if (error instanceof CodedError && error.code === 'CHANNEL_ADDRESS_REFUSED') {
    return { ok: false, reason: error.code, retriable: false };
  }
  const code = (error as { code?: unknown } | null)?.code;
  const detail = typeof code === 'string' ? code : error instanceof Error ? error.name : 'error';
  const doubt = wasConnected ? ({ inDoubt: true } as const) : {};
  const failure = (reason: Code) => ({ ok: false, reason, detail, retriable: true, ...doubt }) as const;
  if (isOverdue || TIMEOUTS.has(detail)) return failure('CHANNEL_TIMEOUT');
  if (wasConnected) return failure('CHANNEL_BROKEN_OFF');
  return failure(isTls(detail) ? 'CHANNEL_TLS' : 'CHANNEL_UNREACHABLE');
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'CHANNEL_TIMEOUT',
]);

function isTls(code: string): boolean {
  return /CERT|^ERR_(TLS|SSL)|SELF_SIGNED|UNABLE_TO_VERIFY|^EPROTO$/.test(code);
}

/** Seconds, or a date, which is reckoned from the date of the answer, since the clocks need not agree. */
function retryAfterOf(headers: Headers): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return null;
  const date = typeof headers['date'] === 'string' ? Date.parse(headers['date']) : NaN;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - date;
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
