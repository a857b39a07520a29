// The file of channels: what is refused, that no secret is shown, and what comes of it.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openChannels } from '../../src/app/channels.js';
import { InvalidFiles } from '../../src/app/invalid-files.js';
import { messageOf } from '../../src/pipeline/deliver/message.js';
import { openReceiver } from '../support/receiver.js';

const DEPARTMENTS = new Set(['fire', 'health']);
let dir = '';
beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'fenghuo-channels-'))));
afterAll(() => rm(dir, { recursive: true }));
afterEach(() => {
  delete process.env['TEST_HOOK_SECRET'];
  delete process.env['TEST_ROBOT_KEY'];
});

async function opened(text: string) {
  const path = join(dir, 'channels.yaml');
  await writeFile(path, text);
  return openChannels(path, DEPARTMENTS, () => 0);
}

/** What is said of a faulty file, as one text. */
async function faults(text: string): Promise<string> {
  const error: unknown = await opened(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InvalidFiles);
  return (error as InvalidFiles).lines.join('\n');
}

const WEBHOOK = (secret: string, more = '') => `channels:
  gateway:
    kind: webhook
    receivers:
      default: { url: 'https://gateway.example/hooks', secret: '${secret}' }
${more}`;

describe('the file of channels', () => {
  it('is none where none is named', async () => {
    expect((await openChannels(undefined, DEPARTMENTS, () => 0)).list).toEqual([]);
  });

  it('gives channels with their policies', async () => {
    process.env['TEST_HOOK_SECRET'] = 'a secret of thirty-two characters';
    process.env['TEST_ROBOT_KEY'] = 'robot-key';
    const { list, link } = await opened(`link: https://portal.example/w/{warning}
channels:
  gateway:
    kind: webhook
    receivers:
      default: { url: 'https://gateway.example/hooks', secret: 'env:TEST_HOOK_SECRET' }
    attempts: 5
    quiet: { from: '22:00', to: '07:30', levels: [blue] }
  group:
    kind: wecom
    robots: { fire: { key: 'env:TEST_ROBOT_KEY' } }
    per_minute: 10
    in_doubt: avoid
  post:
    kind: mail
    host: smtp.example.gov.cn
    from: fenghuo@example.gov.cn
    to: { fire: [duty@example.gov.cn] }
`);
    expect(list.map(({ name }) => name)).toEqual(['gateway', 'group', 'post']);
    const [gateway, group, post] = list;
    expect(gateway?.policy).toMatchObject({
      attempts: 5,
      knowsKey: true,
      quiet: { fromMinute: 1_320, toMinute: 450, levels: ['blue'] },
    });
    expect(group?.policy).toMatchObject({
      knowsKey: false,
      inDoubt: 'avoid',
      rates: [
        { count: 20, perMs: 60_000 },
        { count: 10, perMs: 60_000 },
      ],
    });
    expect(gateway?.endpointOf('health')).toBe('default');
    expect(group?.endpointOf('health')).toBeNull();
    expect(post?.endpointOf('fire')).toBe('fire');
    expect(link('a/b')).toBe('https://portal.example/w/a%2Fb');
  });

  it('refuses a secret that is written out, and does not repeat it', async () => {
    const said = await faults(WEBHOOK('sk-live-verysecret-0123456789'));
    expect(said).toContain('CHANNELS_VALUE');
    expect(said).toContain('env:NAME or file:/path');
    expect(said).toContain('channels.yaml:5:');
    expect(said).not.toContain('verysecret');
    const inAddress = await faults(
      WEBHOOK('env:TEST_HOOK_SECRET').replace('/hooks', '/hooks?token=verysecret'),
    );
    expect(inAddress).toContain('without user, query and fragment');
    expect(inAddress).not.toContain('verysecret');
  });

  it('says what is not known, and what may have been meant', async () => {
    process.env['TEST_HOOK_SECRET'] = 'a secret of thirty-two characters';
    expect(await faults(WEBHOOK('env:TEST_HOOK_SECRET', '    atempts: 3\n'))).toMatch(
      /CHANNELS_UNKNOWN_KEY: unknown key "atempts".*did you mean "attempts"/,
    );
    expect(await faults(WEBHOOK('env:TEST_HOOK_SECRET').replace('default', 'fier'))).toMatch(
      /no department "fier" in the catalogue.*did you mean "fire"/,
    );
    expect(await faults(WEBHOOK('env:X').replace('webhook', 'pigeon'))).toContain(
      'one of webhook, mail, wecom, dingtalk, feishu',
    );
    expect(await faults('channels:\n  file: { kind: webhook }\n')).toContain('and not file');
    expect(await faults(WEBHOOK('env:X', '    allow_addresses: [10.0.0.0/99]\n'))).toContain('10.20.0.0/16');
    expect(await faults(WEBHOOK('env:X', "    quiet: { from: '22:00', to: '25:00' }\n"))).toContain(
      'a time of day',
    );
    expect(
      await faults(WEBHOOK('env:X', "    quiet: { from: '22:00', to: '7:00', levels: [red] }\n")),
    ).toContain('one of blue, yellow, orange');
    expect(await faults('link: ftp://x/{warning}\nchannels: {}\n')).toContain('{warning}');
    expect(await faults('channels: {}\nchanels: {}\n')).toContain('did you mean "channels"');
  });

  it('reads secrets from variables and from files that only their owner may read', async () => {
    await expect(opened(WEBHOOK('env:TEST_HOOK_SECRET'))).rejects.toThrow('TEST_HOOK_SECRET is not set');
    const path = join(dir, 'secret');
    const file = WEBHOOK(`file:${path}`);
    await expect(opened(file)).rejects.toThrow('ENOENT');
    await writeFile(path, 'a secret of thirty-two characters\n', { mode: 0o600 });
    expect((await opened(file)).list).toHaveLength(1);
    await chmod(path, 0o644);
    await expect(opened(file)).rejects.toThrow('others may read');
  });

  it('lets a channel reach this machine only where it lists the range', async () => {
    const receiver = await openReceiver();
    process.env['TEST_HOOK_SECRET'] = 'a secret of thirty-two characters';
    const text = WEBHOOK('env:TEST_HOOK_SECRET', '    allow_http: true\n').replace(
      'https://gateway.example/hooks',
      receiver.url,
    );
    const send = async (file: string) => {
      const [channel] = (await opened(file)).list;
      const delivery = { id: 'd1', department: 'fire', channel: 'gateway', body: {} };
      return channel?.send([messageOf(delivery, 1, () => null)], new AbortController().signal);
    };
    expect(await send(text)).toMatchObject({ ok: false, reason: 'CHANNEL_ADDRESS_REFUSED' });
    expect(receiver.received).toEqual([]);
    expect(await send(`${text}    allow_addresses: [127.0.0.0/8]\n`)).toEqual({ ok: true });
    await receiver.close();
  });
});
