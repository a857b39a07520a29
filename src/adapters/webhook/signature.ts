// How webhooks are signed, and what their addresses and secrets must be.
import { createHmac } from 'node:crypto';
import { CodedError } from '../../events/coded-error.js';

const SECRET_MIN_BYTES = 16;

export interface Receiver {
  readonly url: string;
  readonly secret: string;
}

/**
 * What a reference led to is known only once it is resolved; it is not shown.
 * @param place names the receiver in messages
 * @throws CodedError CHANNEL_SECRET where the address or the secret will not do
 */
export function checkReceiver({ url, secret }: Receiver, allowHttp: boolean, place: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'https:' && !(protocol === 'http:' && allowHttp)) {
    const also = protocol === 'http:' ? '; allow_http: true lets messages travel in the clear' : '';
    throw new CodedError('CHANNEL_SECRET', `${place}: the address must begin with https://${also}.`);
  }
  if (keyOf(secret).byteLength < SECRET_MIN_BYTES) {
    throw new CodedError(
      'CHANNEL_SECRET',
      `${place}: the secret must have at least ${SECRET_MIN_BYTES} bytes.`,
    );
  }
}

/**
 * Headers of a signed body (Standard Webhooks 1.0): the id, which is the idempotency key too, the time in epoch seconds,
 * and `v1,` with the base64 of HMAC-SHA256 over `id.timestamp.body`. A secret that begins with `whsec_` is base64 after
 * that; any other is taken as it is.
 * @param now epoch ms
 */
export function signedHeaders(id: string, body: string, secret: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'fenghuo',
    'idempotency-key': id,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

function keyOf(secret: string): Uint8Array {
  const prefix = 'whsec_';
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
}
