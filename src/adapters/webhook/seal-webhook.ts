// A holder of seals elsewhere: each signed seal by POST, signed as messages are, until the receiver takes it.
import { CODES, type Code } from '../../events/codes.js';
import type { HttpPost } from '../../ports/http-post.js';
import type { SealHolder } from '../../ports/seal-holder.js';
import type { SealWebhookSettings } from './config.js';
import { checkReceiver, signedHeaders } from './signature.js';

export interface SealWebhookOptions {
  /** Of the holder in the file of channels: what it has is kept under it, whatever its address becomes. */
  readonly name: string;
  readonly settings: SealWebhookSettings;
  readonly timeoutMs: number;
  readonly post: HttpPost;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * The body is the signed seal as a file of seals has it in a line: `{"id": ..., "seal": ..., "key": ..., "signature":
 * ...}`. Its id is `webhook-id` and `idempotency-key`, the same at each attempt. Seals come one at a time in the order of
 * their numbers, and the next only after 2xx for the one before; so 2xx means that the seal is kept for good, and a
 * receiver answers 2xx as well for one that it has. What it refuses is sent again, whatever it says.
 * @throws CodedError CHANNEL_SECRET where the address or the secret will not do
 */
export function openSealWebhook({ name, settings, timeoutMs, post, now }: SealWebhookOptions): SealHolder {
  checkReceiver(settings, settings.allow_http, `holder of seals ${name}`);
  const { url, secret } = settings;
  return {
    name: `webhook-${name}`,
    atOnce: 1,
    async take(seals) {
      for (const { id, line } of seals) {
        const headers = signedHeaders(id, line, secret, now());
        const { signal } = new AbortController();
        const answer = await post({ url, headers, body: line, timeoutMs, signal });
        if (answer.ok) continue;
        const { reason, detail, retryAfterMs } = answer;
        const sentence = CODES[reason as Code];
        const said = detail === undefined ? sentence : `${detail}. ${sentence}`;
        return { ok: false, reason: said, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      }
      return { ok: true };
    },
  };
}
