// The channel for other systems: the message as JSON, signed, with an idempotency key, by POST.
import { createHmac } from 'node:crypto';
import { CodedError } from '../../events/coded-error.js';
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Message } from '../../ports/channel.js';
import type { HttpPost } from '../../ports/http-post.js';
import type { WebhookSettings } from './config.js';

export interface WebhookOptions {
  readonly name: string;
  readonly settings: WebhookSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly post: HttpPost;
  /** Epoch ms. */
  readonly now: () => number;
}

const BODY_MAX_BYTES = 256 * 1024;
const SECRET_MIN_BYTES = 16;

/**
 * A channel that posts `{"id": ..., "channel": ..., "department": ..., ...}` to the receiver of the department.
 *
 * Headers: `webhook-id` and `idempotency-key` are the id of the delivery, the same at each attempt, as is the body;
 * `webhook-timestamp` is when this attempt was made, epoch seconds; `webhook-signature` is `v1,` and the base64 of
 * HMAC-SHA256 over `id.timestamp.body` under the secret (Standard Webhooks 1.0), where a secret that begins with
 * `whsec_` is base64 after that and any other is taken as it is. `fenghuo-attempt` counts from 1; from 2 on it is a
 * retry. A receiver keeps ids for as long as it must tell repetitions, and refuses old timestamps. A trial has the
 * header `fenghuo-test: 1`.
 */
export function openWebhook({ name, settings, policy, timeoutMs, post, now }: WebhookOptions): Channel {
  for (const [entry, receiver] of Object.entries(settings.receivers)) check(name, entry, receiver, settings);
  const endpointOf = endpointsOf(settings.receivers, ({ url }) => url);
  const receiverOf = (department: string) => settings.receivers[endpointOf(department) ?? ''];
  return {
    name,
    policy,
    endpointOf,
    async send([message], signal) {
      const receiver = message === undefined ? undefined : receiverOf(message.department);
      if (message === undefined || receiver === undefined) {
        return { ok: false, reason: 'CHANNEL_NO_ADDRESS', retriable: false };
      }
      const body = bodyOf(message);
      if (Buffer.byteLength(body) > BODY_MAX_BYTES) {
        return { ok: false, reason: 'CHANNEL_TOO_LARGE', retriable: false };
      }
      const headers = headersOf(message, body, receiver.secret, now());
      const answer = await post({ url: receiver.url, headers, body, timeoutMs, signal });
      return answer.ok ? { ok: true } : answer;
    },
    preview: (message) => previewOf(message, receiverOf(message.department)),
    close: async () => undefined,
  };
}

type Receiver = WebhookSettings['receivers'][string];

/** What a reference led to is known only now; it is not shown. */
function check(
  name: string,
  entry: string,
  { url, secret }: Receiver,
  { allow_http }: WebhookSettings,
): void {
  const place = `channel ${name}, receiver ${entry}`;
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'https:' && !(protocol === 'http:' && allow_http)) {
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

function bodyOf({ id, channel, department, body }: Message): string {
  return JSON.stringify({ ...body, id, channel, department });
}

function headersOf(
  { id, attempt, isTest }: Message,
  body: string,
  secret: string,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'fenghuo',
    'idempotency-key': id,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
    'fenghuo-attempt': String(attempt),
    ...(isTest && { 'fenghuo-test': '1' }),
  };
}

function keyOf(secret: string): Uint8Array {
  const prefix = 'whsec_';
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
}

/** The host alone: paths and parameters of receivers hold secrets. */
function previewOf(message: Message, receiver: Receiver | undefined): string {
  const host = receiver === undefined ? '(no address)' : new URL(receiver.url).host;
  const body = JSON.stringify(JSON.parse(bodyOf(message)), null, 2);
  return `POST ${host}\nwebhook-id: ${message.id}\nfenghuo-attempt: ${message.attempt}\n\n${body}`;
}
