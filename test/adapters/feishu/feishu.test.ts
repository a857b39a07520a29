// What a Feishu robot gets, and what its codes become.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openFeishu } from '../../../src/adapters/feishu/feishu.js';
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
  const settings = { robots: { default: { hook: 'hook/1', secret: 'secret-1' } }, base: receiver.url };
  const given = { name: 'feishu', settings, policy: POLICY, timeoutMs: 5_000, post, now: () => NOW };
  const channel = openFeishu(given);
  const send = (body: object) =>
    channel.send(
      [messageOf({ id: 'd1', department: 'fire', channel: 'feishu', body: { ...body } }, 1, () => null)],
      new AbortController().signal,
    );
  return { receiver, send };
}

interface Sent {
  readonly timestamp: string;
  readonly sign: string;
  readonly msg_type: string;
  readonly card: {
    header: { title: { content: string }; template: string };
    elements: { content: string }[];
  };
}

const body = { warning: 'w1', level: 'yellow', message: '【黄色预警】某店：被反复投诉。新发预警。' };

describe('a Feishu robot', () => {
  it('gets a card of the colour of the level, signed in the body by seconds and secret over nothing', async () => {
    const { receiver, send } = await robot(json({ code: 0, msg: 'success', data: {} }));
    expect(await send(body)).toEqual({ ok: true });
    const [got] = receiver.received;
    expect(got?.path).toBe('/open-apis/bot/v2/hook/hook%2F1');
    const sent = JSON.parse(got?.body ?? '') as Sent;
    const seconds = String(Math.floor(NOW / 1_000));
    const mac = createHmac('sha256', `${seconds}\nsecret-1`).update('').digest('base64');
    expect(sent).toMatchObject({ timestamp: seconds, sign: mac, msg_type: 'interactive' });
    expect(sent.card.header).toMatchObject({
      title: { tag: 'plain_text', content: '【黄色预警】某店：被反复投诉' },
      template: 'yellow',
    });
    expect(sent.card.elements[0]?.content).toContain('**情况**：新发预警。');
  });

  it('never gets a body of more than 20 KB', async () => {
    const { receiver, send } = await robot(json({ code: 0 }));
    const long = '长'.repeat(50_000);
    await send({ ...body, message: long, summary: long, advise: long });
    expect(Buffer.byteLength(receiver.received[0]?.body ?? '')).toBeLessThanOrEqual(20_480);
    expect(receiver.received).toHaveLength(1);
  });

  it('answers 200 with a code, each of its class', async () => {
    const cases = [
      [11232, { reason: 'CHANNEL_LIMITED', retriable: true, limited: true }],
      [19001, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [19021, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [19024, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [9499, { reason: 'CHANNEL_REFUSED', retriable: false }],
      [77, { reason: 'CHANNEL_FAILING', retriable: true }],
    ] as const;
    for (const [code, expected] of cases) {
      const { send } = await robot(json({ code, msg: 'x' }));
      expect(await send(body)).toMatchObject({ ok: false, detail: `code ${code}`, ...expected });
    }
    const { send } = await robot(json({ StatusCode: 0, StatusMessage: 'success' }));
    expect(await send(body)).toEqual({ ok: true });
  });
});
