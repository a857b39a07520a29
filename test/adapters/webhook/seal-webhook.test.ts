// Seals handed over to a receiver elsewhere, which fails in every way before it takes them.
import { createHmac } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { openSealWebhook } from '../../../src/adapters/webhook/seal-webhook.js';
import { decodeJson } from '../../../src/pipeline/checkpoint.js';
import { HandOver, SealNotTaken } from '../../../src/pipeline/hand-over.js';
import { SealedRun } from '../../pipeline/sealed-run.js';
import { generateLog } from '../../simulation/generate.js';
import { breakOff, openReceiver, stalling, status, type Behaviour } from '../../support/receiver.js';

const NOW = Date.UTC(2026, 2, 2, 2);
const SECRET = 'a secret of thirty-two characters';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function opened(behaviour: Behaviour, allowAddresses = ['127.0.0.0/8'], timeoutMs = 5_000) {
  const receiver = await openReceiver(behaviour);
  undo.push(() => receiver.close());
  const { post } = openOutbound({ allowAddresses });
  const settings = { url: `${receiver.url}/seals/path-key`, secret: SECRET, allow_http: true };
  const holder = openSealWebhook({ name: 'archive', settings, timeoutMs, post, now: () => NOW });
  return { receiver, holder };
}

const seal = (number: number) => ({ number, id: `id-${number}`, line: `{"id":"id-${number}"}` });

describe('a webhook that holds seals', () => {
  it('gets each seal as a line of its file, signed, under the id of the seal', async () => {
    const { receiver, holder } = await opened(status(204));
    expect(await holder.take([seal(0)])).toEqual({ ok: true });
    const [got] = receiver.received;
    expect(got?.body).toBe(seal(0).line);
    const mac = createHmac('sha256', SECRET).update(`id-0.${NOW / 1_000}.${got?.body}`);
    expect(got?.headers).toMatchObject({
      'idempotency-key': 'id-0',
      'webhook-id': 'id-0',
      'webhook-timestamp': String(NOW / 1_000),
      'webhook-signature': `v1,${mac.digest('base64')}`,
    });
  });

  it('says why it did not take a seal, without its path and its secret', async () => {
    const cases: [Behaviour, string][] = [
      [status(500, {}, SECRET), 'HTTP 500'],
      [status(401), 'HTTP 401'],
      [breakOff, 'broke off'],
      [status(302, { location: 'https://elsewhere.example/' }), 'redirect'],
      [stalling().behaviour, 'in time'],
    ];
    for (const [behaviour, expected] of cases) {
      const { holder } = await opened(behaviour, ['127.0.0.0/8'], 300);
      const said = JSON.stringify(await holder.take([seal(0)]));
      expect(said).toContain('"ok":false');
      expect(said).toContain(expected);
      expect(said).not.toMatch(/path-key|thirty-two/);
    }
    const { holder } = await opened(status(503, { 'retry-after': '120' }));
    expect(await holder.take([seal(0)])).toMatchObject({ ok: false, retryAfterMs: 120_000 });
  });

  it('is not reached on this machine or a private network that it does not list', async () => {
    const { receiver, holder } = await opened(status(204), []);
    expect(await holder.take([seal(0)])).toMatchObject({ ok: false });
    expect(receiver.received).toEqual([]);
  });

  it('must have an address and a secret that will do', () => {
    const { post } = openOutbound({ allowAddresses: [] });
    const open = (url: string, secret: string) => () =>
      openSealWebhook({
        name: 'archive',
        settings: { url, secret, allow_http: false },
        timeoutMs: 1,
        post,
        now: () => NOW,
      });
    expect(open('http://a.example/key-1', SECRET)).toThrow('https://');
    expect(open('https://a.example/key-1', 'short')).toThrow('at least 16 bytes');
    expect(open('https://a.example/key-1', 'short')).not.toThrow(/key-1|short\b/);
  });
});

describe('seals that go to a webhook', () => {
  let run: SealedRun;
  let serial = 0;
  beforeAll(async () => {
    run = new SealedRun();
    await run.open();
    await run.append(generateLog(5));
    await run.settle();
  });

  it('come in order and none is lost, although it fails, stalls, and the process starts anew', async () => {
    const { logs, state } = run.stores;
    const failing = [status(500), breakOff, status(429, { 'retry-after': '3600' }), stalling().behaviour];
    const kept: string[] = [];
    const taking: Behaviour = (response, { body }) => {
      kept.push(body);
      response.writeHead(204).end();
    };
    const { receiver, holder } = await opened(taking, ['127.0.0.0/8'], 300);
    const open = async () => {
      const handOver = new HandOver({ logs, state, holder, nonce: () => `w${serial++}` });
      await handOver.open();
      return handOver;
    };
    let handOver = await open();
    await handOver.run();
    for (const behaviour of failing) {
      receiver.behave(behaviour);
      const failure: unknown = await handOver.run().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(SealNotTaken);
      expect(handOver.failing).toBe(true);
      expect(handOver.position).toBe(kept.length);
      handOver = await open();
      expect(handOver.failing).toBe(true);
      receiver.behave(taking);
      await handOver.run();
      expect(handOver.failing).toBe(false);
    }
    while ((await handOver.run()) > 0);
    const seals = await run.seals();
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual(seals);
    expect(handOver.position).toBe(seals.length);
    // What came again came under the id that it had.
    const ids = receiver.received.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(ids)).toEqual(new Set(seals.map(({ id }) => id)));
    expect(ids).toHaveLength(seals.length + failing.length);
    const alerts = (await logs.operator.read(0, 0, 1_000))
      .map(({ value }) => decodeJson<{ alert: { code: string; message: string } }>(value).alert)
      .filter(({ code }) => code === 'SEAL_NOT_HANDED_OVER');
    expect(alerts).toHaveLength(failing.length);
    expect(alerts[0]?.message).toContain('webhook-archive, seal 1: HTTP 500');
  });
});
