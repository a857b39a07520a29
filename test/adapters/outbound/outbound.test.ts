// Outgoing requests reach the public network and what is allowed, however the address is written or resolved.
import { afterEach, describe, expect, it } from 'vitest';
import { Addresses } from '../../../src/adapters/outbound/address.js';
import { openOutbound, type OutboundOptions } from '../../../src/adapters/outbound/outbound.js';
import { breakOff, openReceiver, stalling, status, type Receiver } from '../../support/receiver.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function receiver(...given: Parameters<typeof openReceiver>): Promise<Receiver> {
  const opened = await openReceiver(...given);
  undo.push(() => opened.close());
  return opened;
}

function post(url: string, options: Partial<OutboundOptions> = {}, timeoutMs = 5_000) {
  const { signal } = new AbortController();
  const outbound = openOutbound({ allowAddresses: [], ...options });
  return outbound.post({
    url,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    timeoutMs,
    signal,
  });
}

const ALLOWED = { allowAddresses: ['127.0.0.0/8'] };
const REFUSED = { ok: false, reason: 'CHANNEL_ADDRESS_REFUSED', retriable: false };

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '::',
    '255.255.255.255',
    '224.0.0.1',
    'ff02::1',
    'fd00::1',
    'fec0::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.1.2.3',
    '::ffff:169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    '192.0.2.1',
    '198.18.0.1',
    '240.0.0.1',
    'example.com',
    '',
  ])('%s is refused', (address) => {
    expect(new Addresses([]).allows(address)).toBe(false);
  });

  it.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])(
    '%s is allowed',
    (address) => {
      expect(new Addresses([]).allows(address)).toBe(true);
    },
  );

  it('of a private network is allowed where its range is listed, also in its mapped form, and no other', () => {
    const addresses = new Addresses(['10.20.0.0/16', 'fd00:1::/32']);
    expect(['10.20.3.4', '::ffff:10.20.3.4', 'fd00:1::9'].map((one) => addresses.allows(one))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['10.21.0.1', '127.0.0.1', 'fd00:2::9'].map((one) => addresses.allows(one))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('a request', () => {
  it('to this machine is refused before anything is sent, however it is written', async () => {
    const here = await receiver();
    const hosts = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
    ];
    for (const host of [...hosts, 'localhost', 'LOCALHOST']) {
      expect(await post(`http://${host}:${here.port}/`), host).toEqual(REFUSED);
    }
    expect(here.received).toEqual([]);
    expect(await post(here.url, ALLOWED)).toMatchObject({ ok: true, status: 204 });
  });

  it('to a name is judged by what the name resolves to at that moment: rebinding does not help', async () => {
    const here = await receiver();
    const asked: string[] = [];
    const resolve = async (hostname: string) => {
      asked.push(hostname);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    expect(await post(`http://public.example:${here.port}/`, { resolve })).toEqual(REFUSED);
    expect(asked).toEqual(['public.example']);
    expect(here.received).toEqual([]);
  });

  it('to a name with several addresses goes to the allowed one', async () => {
    const here = await receiver();
    const resolve = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await post(`http://two.example:${here.port}/`, { resolve, ...ALLOWED })).toMatchObject({
      ok: true,
    });
    expect(here.received).toHaveLength(1);
  });

  it('is not led on by a redirect', async () => {
    const target = await receiver();
    for (const code of [301, 302, 303, 307, 308]) {
      const here = await receiver(status(code, { location: target.url }));
      expect(await post(here.url, ALLOWED)).toMatchObject({
        ok: false,
        reason: 'CHANNEL_REDIRECT',
        detail: `HTTP ${code}`,
        retriable: false,
      });
    }
    expect(target.received).toEqual([]);
  });

  it('takes its classes from the status', async () => {
    const cases = [
      [status(400), { reason: 'CHANNEL_REFUSED', retriable: false }],
      [status(403), { reason: 'CHANNEL_CREDENTIALS', retriable: false }],
      [status(404), { reason: 'CHANNEL_REFUSED', retriable: false }],
      [status(409), { reason: 'CHANNEL_FAILING', retriable: true }],
      [status(429), { reason: 'CHANNEL_LIMITED', retriable: true, limited: true }],
      [status(429, { 'retry-after': '120' }), { limited: true, retryAfterMs: 120_000 }],
      [
        status(503, {
          date: 'Wed, 21 Oct 2026 07:28:00 GMT',
          'retry-after': 'Wed, 21 Oct 2026 07:30:00 GMT',
        }),
        { reason: 'CHANNEL_FAILING', retriable: true, retryAfterMs: 120_000 },
      ],
      [status(503, { 'retry-after': '999999999' }), { retryAfterMs: 24 * 3_600_000 }],
      [status(503, { 'retry-after': 'soon' }), { reason: 'CHANNEL_FAILING', retriable: true }],
      [status(501), { reason: 'CHANNEL_REFUSED', retriable: false }],
    ] as const;
    for (const [behaviour, expected] of cases) {
      const here = await receiver(behaviour);
      expect(await post(here.url, ALLOWED)).toMatchObject({ ok: false, ...expected });
    }
  });

  it('whose answer is lost is in doubt, one that never reached anybody is not', async () => {
    const broken = await receiver(breakOff);
    expect(await post(broken.url, ALLOWED)).toMatchObject({
      reason: 'CHANNEL_BROKEN_OFF',
      retriable: true,
      inDoubt: true,
    });
    const stalled = await receiver(stalling().behaviour);
    expect(await post(stalled.url, ALLOWED, 300)).toMatchObject({
      reason: 'CHANNEL_TIMEOUT',
      retriable: true,
      inDoubt: true,
    });
    const { port } = await receiver();
    await undo.pop()?.();
    const nobody = await post(`http://127.0.0.1:${port}/`, ALLOWED);
    expect(nobody).toMatchObject({ reason: 'CHANNEL_UNREACHABLE', detail: 'ECONNREFUSED', retriable: true });
    expect(nobody).not.toHaveProperty('inDoubt');
    const resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    expect(await post('http://nobody.example/', { resolve })).toMatchObject({
      reason: 'CHANNEL_UNREACHABLE',
      detail: 'ENOTFOUND',
      retriable: true,
    });
  });

  it('of a receiver without TLS where TLS is asked for says so', async () => {
    const here = await receiver();
    const answer = await post(`https://127.0.0.1:${here.port}/`, ALLOWED);
    expect(answer).toMatchObject({ ok: false, retriable: true });
    expect(answer).not.toHaveProperty('inDoubt');
  });

  it('reads no more of an answer than it needs', async () => {
    const endless = await receiver((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = 'x'.repeat(16_384);
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    expect(await post(endless.url, ALLOWED)).toMatchObject({ ok: true, json: undefined });
  });
});
