// What a WeCom robot gets, and what its codes become.
import { afterEach, describe, expect, it } from 'vitest';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { openRobotPost } from '../../../src/adapters/outbound/robot-post.js';
import { openWecom } from '../../../src/adapters/wecom/wecom.js';
import { messageOf } from '../../../src/pipeline/deliver/message.js';
import { POLICY } from '../../pipeline/deliver/staged.js';
import { json, openReceiver, status, type Behaviour } from '../../support/receiver.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function robot(behaviour: Behaviour) {
  const receiver = await openReceiver(behaviour);
  undo.push(() => receiver.close());
  const post = openRobotPost(openOutbound({ allowAddresses: ['127.0.0.0/8'] }).post);
  const settings = { robots: { fire: { key: 'key-1' }, health: { key: 'key-1' } }, base: receiver.url };
  const channel = openWecom({ name: 'wecom', settings, policy: POLICY, timeoutMs: 5_000, post });
  const send = (body: object, attempt = 1) => {
    const delivery = { id: 'd1', department: 'fire', channel: 'wecom', body: { ...body } };
    const message = messageOf(delivery, attempt, (warning) => `https://portal.example/w/${warning}`);
    return channel.send([message], new AbortController().signal);
  };
  return { receiver, channel, send };
}

const body = { warning: 'w1', level: 'red', message: '【红色预警】某店：燃气泄漏。新发预警。' };

describe('a WeCom robot', () => {
  it('gets Markdown at the address with its key', async () => {
    const { receiver, send } = await robot(json({ errcode: 0, errmsg: 'ok' }));
    expect(await send(body)).toEqual({ ok: true });
    const [got] = receiver.received;
    expect(got?.path).toBe('/cgi-bin/webhook/send?key=key-1');
    const sent = JSON.parse(got?.body ?? '') as { msgtype: string; markdown: { content: string } };
    expect(sent.msgtype).toBe('markdown');
    expect(sent.markdown.content).toContain('<font color="warning">**【红色预警】某店：燃气泄漏**</font>');
    expect(sent.markdown.content).toContain('[查看详情](https://portal.example/w/w1)');
  });

  it('says of a retry that it is one, since the robot knows no key', async () => {
    const { receiver, send } = await robot(json({ errcode: 0 }));
    await send(body, 3);
    expect(receiver.received[0]?.body).toContain('第 3 次发送');
  });

  it('never gets more than 4096 bytes, nor half a character, however long the warning is', async () => {
    const { receiver, send } = await robot(json({ errcode: 0 }));
    const long = '长'.repeat(3_000);
    await send({ ...body, message: long, summary: long, advise: long, name: long, indicators: { 数: long } });
    const sent = JSON.parse(receiver.received[0]?.body ?? '') as { markdown: { content: string } };
    const bytes = Buffer.byteLength(sent.markdown.content);
    expect(bytes).toBeLessThanOrEqual(4_096);
    expect(bytes).toBeGreaterThan(1_000);
    expect(sent.markdown.content).not.toContain('\ufffd');
  });

  it('gets no mention, link or markup out of what a warning says', async () => {
    const { receiver, send } = await robot(json({ errcode: 0 }));
    const evil =
      '<@all> [点这里](https://evil.example) **粗** <font color="info">x</font>\n> 引用\n# 标题 `x`';
    await send({ ...body, message: evil, summary: evil, name: evil });
    const { markdown } = JSON.parse(receiver.received[0]?.body ?? '') as { markdown: { content: string } };
    const lines = markdown.content.split('\n');
    const own = lines
      .join('\n')
      .replace(/<font color="warning">\*\*|\*\*<\/font>|\[查看详情\]\([^)]*\)|^>/gm, '');
    expect(own).not.toMatch(/[<>[\]()*`#@]|https?:\/\//);
  });

  it('answers 200 with a code, each of its class', async () => {
    const cases = [
      [-1, { reason: 'CHANNEL_FAILING', retriable: true }],
      [45009, { reason: 'CHANNEL_LIMITED', retriable: true, limited: true }],
      [93000, { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [40058, { reason: 'CHANNEL_REFUSED', retriable: false }],
      [45002, { reason: 'CHANNEL_TOO_LARGE', retriable: false }],
      [12345, { reason: 'CHANNEL_FAILING', retriable: true }],
    ] as const;
    for (const [errcode, expected] of cases) {
      const { send } = await robot(json({ errcode, errmsg: 'x' }));
      expect(await send(body)).toMatchObject({ ok: false, detail: `errcode ${errcode}`, ...expected });
    }
    const { send } = await robot(status(200, {}, '<html>'));
    expect(await send(body)).toMatchObject({ reason: 'CHANNEL_ANSWER', retriable: true, inDoubt: true });
  });

  it('of two departments is one endpoint, and its key is not shown', async () => {
    const { channel } = await robot(json({ errcode: 0 }));
    expect(['fire', 'health', 'market'].map((one) => channel.endpointOf(one))).toEqual([
      'fire',
      'fire',
      null,
    ]);
    const delivery = { id: 'd1', department: 'fire', channel: 'wecom', body };
    expect(channel.preview(messageOf(delivery, 1, () => null))).not.toContain('key-1');
  });
});
