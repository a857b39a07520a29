// Why a request is refused, and how that is said.
import type { FastifyReply } from 'fastify';
import { CODES, type Code } from '../../events/codes.js';

export interface Headers {
  readonly [name: string]: string;
}

/** On every answer: nothing is stored, framed, sniffed or read by pages of other origins. */
export const SECURITY_HEADERS: Headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Thrown where a request is not answered as asked; it is the sender's to mend, so nothing is logged. */
export class Refusal extends Error {
  /** @param detail what was expected; it never repeats what was sent. */
  constructor(
    readonly status: number,
    readonly code: Code,
    detail = '',
    readonly headers: Headers = {},
  ) {
    super(detail === '' ? CODES[code] : `${CODES[code]} ${detail}`);
    this.name = 'Refusal';
  }
}

/** The body of an answer that refuses. */
export function refusalBody(refusal: Refusal): string {
  return JSON.stringify({ error: { code: refusal.code, message: refusal.message } });
}

/** Answers with a refusal. */
export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return reply
    .code(refusal.status)
    .headers(SECURITY_HEADERS)
    .headers(refusal.headers)
    .type(JSON_TYPE)
    .send(refusalBody(refusal));
}
