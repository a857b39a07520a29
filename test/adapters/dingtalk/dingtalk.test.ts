// What a DingTalk robot gets, and what its codes become.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openDingtalk } from '../../../src/adapters/dingtalk/dingtalk.js';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { openRobotPost } from '../../../src/adapters/outbound/robot-post.js';
import { messageOf } from '../../../src/pipeline/deliver/message.js';
import { POLICY } from '../../pipeline/deliver/staged.js';
import { json, openReceiver, type Behaviour } from '../../support/receiver.js';

const NOW = 1_772_416_800_123;

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function robot(behaviour: Behaviour) {
  const receiver = await openReceiver(behaviour);
  undo.push(() => receiver.close());
  const post = openRobotPost(openOutbound({ allowAddresses: ['127.0.0.0/8'] }).post);
  const settings = { robots: { fire: { token: 'token-1', secret: 'SEC1' } }, base: receiver.url };
  const given = { name: 'ding', settings, policy: POLICY, timeoutMs: 5_000, post, now: () => NOW };
  const channel = openDingtalk(given);
  const send = (body: object) =>
    channel.send(
      [messageOf({ id: 'd1', department: 'fire', channel: 'ding', body: { ...body } }, 1, () => null)],
      new AbortController().signal,
    );
  return { receiver, send };
}

const body = { warning: 'w1', level: 'orange', message: '【橙色预警】某店：被反复投诉。新发预警。' };

describe('a DingTalk robot', () => {
  it('gets Markdown with a title, signed in the address by time and secret', async () => {
    const { receiver, send } = await robot(json({ errcode: 0, errmsg: 'ok' }));
    expect(await send(body)).toEqual({ ok: true });
    const [got] = receiver.received;
    const { pathname, searchParams } = new URL(got?.path ?? '', 'http://x');
    expect(pathname).toBe('/robot/send');
    expect(searchParams.get('access_token')).toBe('token-1');
    expect(searchParams.get('timestamp')).toBe(String(NOW));
    const mac = createHmac('sha256', 'SEC1').update(`${NOW}\nSEC1`).digest('base64');
    expect(searchParams.get('sign')).toBe(mac);
    // Base64 has + and /, which must not stand bare in an address.
    expect(got?.path).toContain(`sign=${encodeURIComponent(mac)}`);
    const sent = JSON.parse(got?.body ?? '') as {
      msgtype: string;
      markdown: { title: string; text: string };
    };
    expect(sent).toMatchObject({ msgtype: 'markdown', markdown: { title: '【橙色预警】某店：被反复投诉' } });
    expect(sent.markdown.text).toMatch(/^### 【橙色预警】某店：被反复投诉\n\n/);
  });

  it('never gets a body of more than 20000 bytes', async () => {
    const { receiver, send } = await robot(json({ errcode: 0 }));
    const long = '"长\\'.repeat(20_000);
    await send({ ...body, message: long, summary: long, advise: long });
    expect(Buffer.byteLength(receiver.received[0]?.body ?? '')).toBeLessThanOrEqual(20_000);
    expect(receiver.received).toHaveLength(1);
  });

  it('answers 200 with a code, each of its class', async () => {
    const cases = [
      [-1, { reason: 'CHANNEL_FAILING', retriable: true }],
      [130101, { reason: 'CHANNEL_LIMITED', retriable: true, limited: true, retryAfterMs: 600_000 }],
      [410100, { reason: 'CHANNEL_LIMITED', retriable: true, limited: true }],
      [310000, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [400101, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [430104, { reason: 'CHANNEL_REFUSED', retriable: false }],
      [460101, { reason: 'CHANNEL_TOO_LARGE', retriable: false }],
      [77, { reason: 'CHANNEL_FAILING', retriable: true }],
    ] as const;
    for (const [errcode, expected] of cases) {
      const { send } = await robot(json({ errcode, errmsg: 'x' }));
      expect(await send(body)).toMatchObject({ ok: false, detail: `errcode ${errcode}`, ...expected });
    }
  });
});
