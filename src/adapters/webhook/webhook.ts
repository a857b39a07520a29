// The channel for other systems: the message as JSON, signed, with an idempotency key, by POST.
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Message } from '../../ports/channel.js';
import type { HttpPost } from '../../ports/http-post.js';
import type { WebhookSettings } from './config.js';
import { checkReceiver, signedHeaders, type Receiver } from './signature.js';

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

/**
 * A channel that posts `{"id": ..., "channel": ..., "department": ..., ...}` to the receiver of the department.
 *
 * Headers: `webhook-id` and `idempotency-key` are the id of the delivery, the same at each attempt, as is the body;
 * `webhook-timestamp` is when this attempt was made, `webhook-signature` is over both and the body, see signature.ts.
 * `fenghuo-attempt` counts from 1; from 2 on it is a retry. A receiver keeps ids for as long as it must tell repetitions, and refuses old timestamps. A trial has the
 * header `fenghuo-test: 1`.
 */
export function openWebhook({ name, settings, policy, timeoutMs, post, now }: WebhookOptions): Channel {
  for (const [entry, receiver] of Object.entries(settings.receivers)) {
    checkReceiver(receiver, settings.allow_http, `channel ${name}, receiver ${entry}`);
  }
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

function bodyOf({ id, channel, department, body }: Message): string {
  return JSON.stringify({ ...body, id, channel, department });
}

function headersOf({ id, attempt, isTest }: Message, body: string, secret: string, now: number) {
  return {
    ...signedHeaders(id, body, secret, now),
    'fenghuo-attempt': String(attempt),
    ...(isTest && { 'fenghuo-test': '1' }),
  };
}

/** The host alone: paths and parameters of receivers hold secrets. */
function previewOf(message: Message, receiver: Receiver | undefined): string {
  const host = receiver === undefined ? '(no address)' : new URL(receiver.url).host;
  const body = JSON.stringify(JSON.parse(bodyOf(message)), null, 2);
  return `POST ${host}\nwebhook-id: ${message.id}\nfenghuo-attempt: ${message.attempt}\n\n${body}`;
}
