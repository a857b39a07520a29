// What a webhook receiver gets: the message, its signature, its key, and whether it is a retry.
import { createHmac, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { openWebhook } from '../../../src/adapters/webhook/webhook.js';
import { messageOf } from '../../../src/pipeline/deliver/message.js';
import { openReceiver, type Receiver } from '../../support/receiver.js';
import { POLICY } from '../../pipeline/deliver/staged.js';

const NOW = Date.UTC(2026, 2, 2, 2);
const SECRET = 'a secret of thirty-two characters';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function opened(
  secret: string,
): Promise<{ receiver: Receiver; channel: ReturnType<typeof openWebhook> }> {
  const receiver = await openReceiver();
  undo.push(() => receiver.close());
  const { post } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
  const receivers = { fire: { url: `${receiver.url}/hooks/fire-key`, secret } };
  const settings = { receivers, allow_http: true };
  const given = { name: 'hook', settings, policy: POLICY, timeoutMs: 5_000, post, now: () => NOW };
  return { receiver, channel: openWebhook(given) };
}

const body = { warning: 'w1', level: 'red', message: '【红色预警】某单位：燃气泄漏。', id: 'not the id' };
const delivery = { id: 'd1', department: 'fire', channel: 'hook', body };
const { signal } = new AbortController();

describe('a webhook', () => {
  it('is the message with its id, signed over id, time and body', async () => {
    const { receiver, channel } = await opened(SECRET);
    expect(await channel.send([messageOf(delivery, 1, () => null)], signal)).toEqual({ ok: true });
    const [got] = receiver.received;
    expect(got?.path).toBe('/hooks/fire-key');
    expect(JSON.parse(got?.body ?? '')).toEqual({ ...body, id: 'd1', channel: 'hook', department: 'fire' });
    expect(got?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': 'd1',
      'webhook-id': 'd1',
      'webhook-timestamp': String(NOW / 1_000),
      'fenghuo-attempt': '1',
    });
    expect(got?.headers).not.toHaveProperty('fenghuo-test');
    const mac = createHmac('sha256', SECRET)
      .update(`d1.${NOW / 1_000}.${got?.body}`)
      .digest('base64');
    expect(got?.headers['webhook-signature']).toBe(`v1,${mac}`);
  });

  it('is the same at each attempt but for its count and its time', async () => {
    const { receiver, channel } = await opened(SECRET);
    for (const attempt of [1, 2]) await channel.send([messageOf(delivery, attempt, () => null)], signal);
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(second?.headers['fenghuo-attempt']).toBe('2');
  });

  it('takes a secret in the form of Standard Webhooks', async () => {
    const key = randomBytes(24);
    const { receiver, channel } = await opened(`whsec_${key.toString('base64')}`);
    await channel.send([messageOf(delivery, 1, () => null, true)], signal);
    const [got] = receiver.received;
    const mac = createHmac('sha256', key)
      .update(`d1.${NOW / 1_000}.${got?.body}`)
      .digest('base64');
    expect(got?.headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(got?.headers['fenghuo-test']).toBe('1');
  });

  it('is previewed without its path and its secret', async () => {
    const { channel } = await opened(SECRET);
    const preview = channel.preview(messageOf(delivery, 1, () => null));
    expect(preview).toContain('燃气泄漏');
    expect(preview).not.toContain('fire-key');
    expect(preview).not.toContain(SECRET);
  });

  it('refuses a short secret, and http where that is not allowed, without showing either', () => {
    const { post } = openOutbound({ allowAddresses: [] });
    const open = (url: string, secret: string, allow_http: boolean) => () =>
      openWebhook({
        name: 'hook',
        settings: { receivers: { fire: { url, secret } }, allow_http },
        policy: POLICY,
        timeoutMs: 1_000,
        post,
        now: () => NOW,
      });
    expect(open('https://a.example/key-1', 'short', false)).toThrow('at least 16 bytes');
    expect(open('https://a.example/key-1', 'short', false)).not.toThrow(/key-1|short\b/);
    expect(open('http://a.example/key-1', SECRET, false)).toThrow('https://');
    expect(open('no address', SECRET, true)).toThrow('https://');
    expect(open('http://a.example/key-1', SECRET, true)).not.toThrow();
  });
});
