import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';
import { openReceiver, status, type Receiver } from '../support/receiver.js';

const RULES = new URL('../../rules', import.meta.url).pathname;
const SECRET = 'a secret of thirty-two characters';

let dir = '';
let receiver: Receiver;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-notify-'));
  receiver = await openReceiver();
  await writeFile(join(dir, 'secret'), SECRET, { mode: 0o600 });
  await writeFile(
    join(dir, 'channels.yaml'),
    `channels:
  gateway:
    kind: webhook
    receivers:
      fire: { url: '${receiver.url}/path-of-fire', secret: 'file:${join(dir, 'secret')}' }
    allow_http: true
    allow_addresses: [127.0.0.0/8]
`,
  );
});
afterEach(async () => {
  await receiver.close();
  await rm(dir, { recursive: true });
});

const notify = (...args: string[]) =>
  fenghuo(['notify', ...args, '--channels', 'channels.yaml', '--rules', RULES], dir);

describe('fenghuo notify', () => {
  it('preview prints what would be sent, and sends nothing', async () => {
    const { code, out, err } = await notify('preview', '--channel', 'gateway');
    expect(code, err).toBe(0);
    expect(out).toContain('示例单位');
    expect(out).toContain(`POST 127.0.0.1:${receiver.port}`);
    expect(out).not.toContain('path-of-fire');
    expect(out).not.toContain(SECRET);
    expect(receiver.received).toEqual([]);
  });

  it('preview takes a line of an inbox file', async () => {
    await writeFile(
      join(dir, 'fire.ndjson'),
      '{"id":"1"}\n{"id":"2","message":"【红色预警】某店：燃气泄漏。"}\n',
    );
    const { code, out } = await notify('preview', '--channel', 'gateway', '--warning', 'fire.ndjson');
    expect(code).toBe(0);
    expect(out).toContain('某店：燃气泄漏');
    expect((await notify('preview', '--channel', 'file', '--warning', 'fire.ndjson')).out).toContain(
      '"id":"2"',
    );
  });

  it('test sends a message that is marked, and says what came back', async () => {
    const taken = await notify('test', '--channel', 'gateway', '--department', 'fire');
    expect(taken).toMatchObject({ code: 0, out: 'channel gateway, department fire, endpoint fire: taken\n' });
    expect(receiver.received[0]?.headers).toMatchObject({ 'fenghuo-test': '1' });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ test: true, department: 'fire' });
    receiver.behave(status(403));
    const refused = await notify('test', '--channel', 'gateway');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('not taken: CHANNEL_CREDENTIALS, HTTP 403; it would not be tried again');
    expect(refused.out + refused.err).not.toContain('path-of-fire');
  });

  it('says which channels and departments there are', async () => {
    expect(await notify('test', '--channel', 'pigeon')).toMatchObject({ code: 2 });
    expect((await notify('test', '--channel', 'pigeon')).err).toContain('there are file, gateway');
    expect((await notify('test', '--channel', 'gateway', '--department', 'health')).err).toContain(
      'CHANNEL_NO_ADDRESS',
    );
    expect((await notify('preview')).err).toContain('fenghuo notify preview --help');
  });
});
