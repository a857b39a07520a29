// What an SMTP server gets, and what becomes of its answers.
import { afterEach, describe, expect, it } from 'vitest';
import { SMTPServer } from 'smtp-server';
import { MAIL_SHAPE } from '../../../src/adapters/mail/config.js';
import { openMail } from '../../../src/adapters/mail/mail.js';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { checkShape } from '../../../src/catalogue/fault.js';
import { messageOf } from '../../../src/pipeline/deliver/message.js';
import { channelSchema } from '../../../src/pipeline/deliver/policy.js';
import { POLICY } from '../../pipeline/deliver/staged.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

type Options = NonNullable<ConstructorParameters<typeof SMTPServer>[0]>;

/** A mail server on this machine; what `options` says replaces its answers. */
async function mailServer(options: Partial<Options> = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, callback) {
      let raw = '';
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString('utf8')));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        mails.push({ from, to: rcptTo.map(({ address }) => address), raw });
        callback();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  undo.push(() => new Promise<void>((done) => server.close(() => done())));
  const address = server.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, mails };
}

const SETTINGS = {
  host: '127.0.0.1',
  tls: 'none' as const,
  from: 'fenghuo@example.gov.cn',
  from_name: '风险监测预警',
  to: { fire: ['duty@example.gov.cn', 'lead@example.gov.cn'] },
};

function mailTo(port: number, settings: object = {}, timeoutMs = 5_000) {
  const { connect } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
  const given = { ...SETTINGS, port, ...settings };
  return openMail({ name: 'mail', settings: given, policy: POLICY, timeoutMs, connect });
}

const body = {
  warning: 'w1',
  level: 'red',
  message: '【红色预警】某餐饮店：燃气泄漏。新发预警。',
  plan: { action: '立即停业。', sign_within: '1h', feedback_within: '1 workdays', close_within: '7d' },
};
const delivery = { id: 'd1', department: 'fire', channel: 'mail', body };
const { signal } = new AbortController();
const send = (channel: ReturnType<typeof mailTo>, attempt = 1, given: object = delivery) =>
  channel.send([messageOf({ ...delivery, ...given }, attempt, () => null)], signal);

/** The decoded header of a mail, its encoded words read. */
function header({ raw }: Mail, name: string): string {
  const [head = ''] = raw.split('\r\n\r\n');
  const unfolded = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const line = unfolded.find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line
    .slice(name.length + 1)
    .trim()
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?UTF-8\?B\?([^?]*)\?=/gi, (_, text: string) => Buffer.from(text, 'base64').toString('utf8'))
    .replace(/=\?UTF-8\?Q\?([^?]*)\?=/gi, (_, text: string) =>
      Buffer.from(
        text
          .replace(/_/g, ' ')
          .replace(/=([0-9A-F]{2})/g, (__, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      ).toString('utf8'),
    );
}

function textOf({ raw }: Mail): string {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const content = rest.join('\r\n\r\n');
  return /base64/i.test(head) ? Buffer.from(content, 'base64').toString('utf8') : content;
}

describe('a mail', () => {
  it('goes to all addresses of the department, with a Message-ID made of the delivery', async () => {
    const { port, mails } = await mailServer();
    expect(await send(mailTo(port))).toEqual({ ok: true });
    const [mail] = mails as [Mail];
    expect(mail.to).toEqual(['duty@example.gov.cn', 'lead@example.gov.cn']);
    expect(mail.from).toBe('fenghuo@example.gov.cn');
    expect(header(mail, 'Message-ID')).toBe('<d1@example.gov.cn>');
    expect(header(mail, 'Subject')).toBe('【红色预警】某餐饮店：燃气泄漏');
    expect(header(mail, 'X-Fenghuo-Attempt')).toBe('1');
    expect(textOf(mail)).toContain('时限：1 小时内签收，1 个工作日内反馈，7 天内办结');
    expect(textOf(mail)).not.toContain('重发');
  });

  it('that is sent again has the same Message-ID and says that it is a retry', async () => {
    const { port, mails } = await mailServer();
    await send(mailTo(port), 2);
    const [mail] = mails as [Mail];
    expect(header(mail, 'Message-ID')).toBe('<d1@example.gov.cn>');
    expect(header(mail, 'Subject')).toMatch(/^（重发）/);
    expect(header(mail, 'X-Fenghuo-Attempt')).toBe('2');
    expect(textOf(mail)).toContain('第 2 次发送');
  });

  it('cannot be given headers or addresses by what a warning says', async () => {
    const { port, mails } = await mailServer();
    const evil = 'x\r\nBcc: spy@example.com\r\n\r\nother body\u2028Cc: spy@example.com';
    const id = 'd2>\r\nBcc: spy@example.com';
    await send(mailTo(port), 1, { id, body: { ...body, message: evil, name: evil, title: evil } });
    const [mail] = mails as [Mail];
    expect(mail.to).toEqual(['duty@example.gov.cn', 'lead@example.gov.cn']);
    const [head = ''] = mail.raw.split('\r\n\r\n');
    expect(head).not.toMatch(/^(bcc|cc):/im);
    expect(header(mail, 'Message-ID')).toMatch(/^<d2[A-Za-z0-9-]*@example\.gov\.cn>$/);
  });
});

describe('the answer of a mail server', () => {
  const refusing = (code: number) => (_: unknown, __: unknown, callback: (error: Error) => void) =>
    callback(Object.assign(new Error('no'), { responseCode: code }));

  it('decides by its reply code whether it is tried again', async () => {
    const cases = [
      [421, 'CHANNEL_FAILING', true],
      [450, 'CHANNEL_FAILING', true],
      [452, 'CHANNEL_FAILING', true],
      [550, 'CHANNEL_REFUSED', false],
      [554, 'CHANNEL_REFUSED', false],
    ] as const;
    for (const [code, reason, retriable] of cases) {
      const { port } = await mailServer({ onRcptTo: refusing(code) });
      const expected = { ok: false, reason, retriable, detail: `SMTP ${code}` };
      expect(await send(mailTo(port)), String(code)).toEqual(expected);
    }
  });

  it('that refuses one of two addresses is a delivery with a note', async () => {
    const { port, mails } = await mailServer({
      onRcptTo: ({ address }, _client, callback) =>
        address.startsWith('lead') ? callback(new Error('no such user')) : callback(),
    });
    expect(await send(mailTo(port))).toEqual({ ok: true, note: '1 of 2 addresses were refused' });
    expect(mails).toHaveLength(1);
  });

  it('that refuses the password is not asked again', async () => {
    const { port } = await mailServer({
      authOptional: false,
      onAuth: (_auth, _client, callback) => callback(new Error('wrong')),
    });
    const answer = await send(mailTo(port, { user: 'fenghuo', password: 'not-the-password' }));
    expect(answer).toMatchObject({ ok: false, reason: 'CHANNEL_CREDENTIALS', retriable: false });
    expect(JSON.stringify(answer)).not.toContain('not-the-password');
  });

  it('that is lost after the message is in doubt; one that never came is not', async () => {
    const { port } = await mailServer({
      // It takes the message and does not answer.
      onData: (stream) => void stream.resume(),
    });
    expect(await send(mailTo(port, {}, 400))).toMatchObject({
      reason: 'CHANNEL_TIMEOUT',
      retriable: true,
      inDoubt: true,
    });
    await undo.pop()?.();
    const nobody = await send(mailTo(port));
    expect(nobody).toMatchObject({ reason: 'CHANNEL_UNREACHABLE', retriable: true });
    expect(nobody).not.toHaveProperty('inDoubt');
  });

  it('is not asked for where the server stands on this machine and that is not allowed', async () => {
    const { port, mails } = await mailServer();
    const { connect } = openOutbound({ allowAddresses: [] });
    for (const host of ['127.0.0.1', 'localhost']) {
      const settings = { ...SETTINGS, host, port };
      const channel = openMail({ name: 'mail', settings, policy: POLICY, timeoutMs: 2_000, connect });
      expect(await send(channel)).toEqual({ ok: false, reason: 'CHANNEL_ADDRESS_REFUSED', retriable: false });
    }
    expect(mails).toEqual([]);
  });
});

describe('the settings of a mail channel', () => {
  it('hold addresses without anything that ends a header or begins another address', () => {
    const given = (address: string) => ({
      kind: 'mail',
      host: 'smtp.example.gov.cn',
      from: 'fenghuo@example.gov.cn',
      to: { fire: [address] },
    });
    const schema = channelSchema('mail', MAIL_SHAPE);
    expect(checkShape(schema, given('duty@example.gov.cn')).faults).toBeNull();
    for (const bad of [
      'a@b.cn\r\nBcc: c@d.cn',
      'a@b.cn, c@d.cn',
      'A <a@b.cn>',
      'a b@c.cn',
      '"a"@b.cn',
      'a',
    ]) {
      expect(checkShape(schema, given(bad)).faults, bad).not.toBeNull();
    }
  });
});
