// What a reader of a topic gets of a channel over Kafka, and what the channel says where nothing gets there.
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaChannel } from '../../../src/adapters/kafka/channel.js';
import type { KafkaChannelSettings } from '../../../src/adapters/kafka/config.js';
import { openKafka } from '../../../src/adapters/kafka/connection.js';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { messageOf } from '../../../src/pipeline/deliver/message.js';
import type { Channel, Delivery } from '../../../src/ports/channel.js';
import { POLICY } from '../../pipeline/deliver/staged.js';
import { freePort, type TestServer } from '../../support/servers/process.js';
import { kafkaRuns, openTestBroker } from '../../support/servers/kafka.js';

const runs = await kafkaRuns();
const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
const { signal } = new AbortController();
const body = { warning: 'w1', level: 'red', message: '【红色预警】某单位：燃气泄漏。', id: 'not the id' };
const delivery = (id: string, department = 'fire', more = {}): Delivery => {
  return { id, department, channel: 'bus', body: { ...body, ...more } };
};

function settingsFor(address: string, more: Partial<KafkaChannelSettings> = {}): KafkaChannelSettings {
  const topics = { fire: { topic: 'warnings-fire' }, default: { topic: 'warnings' } };
  return { brokers: [address], tls: false, mechanism: 'scram-sha-512', topics, ...more };
}

function channelOn(settings: KafkaChannelSettings, allowed = dial): Channel {
  return openKafkaChannel({ name: 'bus', settings, policy: POLICY, timeoutMs: 10_000, dial: allowed });
}

interface Read {
  readonly key: string;
  readonly value: unknown;
  readonly headers: Record<string, string>;
}

/** The first so many records of a topic. */
async function read(kafka: Kafka, topic: string, count: number): Promise<Read[]> {
  const consumer = kafka.consumer({ groupId: `reads ${topic} ${count}` });
  const got: Read[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((done, fail) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            const headers: Record<string, string> = {};
            for (const [name, one] of Object.entries(message.headers ?? {})) headers[name] = String(one);
            const value = JSON.parse(String(message.value)) as unknown;
            got.push({ key: String(message.key), value, headers });
            if (got.length === count) done();
          },
        })
        .catch(fail);
    });
  } finally {
    await consumer.disconnect();
  }
  return got;
}

describe.runIf(runs)('a channel over Kafka', () => {
  let broker: TestServer;
  let kafka: Kafka;
  beforeAll(async () => {
    broker = await openTestBroker();
    kafka = openKafka({ settings: settingsFor(broker.address), clientId: 't', timeoutMs: 10_000, dial });
    const admin = kafka.admin();
    await admin.connect();
    const small = [{ name: 'max.message.bytes', value: '200' }];
    const topics = [
      { topic: 'warnings-fire' },
      { topic: 'warnings' },
      { topic: 'small', configEntries: small },
    ];
    await admin.createTopics({ topics });
    await admin.disconnect();
  }, 240_000);
  afterAll(() => broker?.close());

  it('appends the message to the topic of the department, keyed by its warning, with its id and attempt', async () => {
    const channel = channelOn(settingsFor(broker.address));
    expect(await channel.send([messageOf(delivery('d1'), 1, () => null)], signal)).toEqual({ ok: true });
    expect(await channel.send([messageOf(delivery('d1'), 2, () => null, true)], signal)).toEqual({
      ok: true,
    });
    const elsewhere = messageOf(delivery('d2', 'urban', { warning: undefined }), 1, () => null);
    expect(await channel.send([elsewhere], signal)).toEqual({ ok: true });
    await channel.close();
    const [first, second] = await read(kafka, 'warnings-fire', 2);
    expect(first?.key).toBe('w1');
    expect(first?.value).toEqual({ ...body, id: 'd1', channel: 'bus', department: 'fire' });
    expect(first?.headers).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': 'd1',
      ce_id: 'd1',
      'fenghuo-attempt': '1',
    });
    expect(second?.value).toEqual(first?.value);
    expect(second?.headers).toMatchObject({ 'fenghuo-attempt': '2', 'fenghuo-test': '1' });
    expect((await read(kafka, 'warnings', 1))[0]?.key).toBe('d2');
  }, 60_000);

  it('says that a topic is missing, and that a message is too large for one', async () => {
    const topics = { fire: { topic: 'nowhere' }, default: { topic: 'small' } };
    const channel = channelOn(settingsFor(broker.address, { topics }));
    const missing = await channel.send([messageOf(delivery('d1'), 1, () => null)], signal);
    expect(missing).toMatchObject({ ok: false, reason: 'CHANNEL_REFUSED', retriable: true });
    const large = await channel.send([messageOf(delivery('d1', 'urban'), 1, () => null)], signal);
    expect(large).toMatchObject({ ok: false, reason: 'CHANNEL_TOO_LARGE', retriable: false });
    const huge = delivery('d1', 'urban', { message: '火'.repeat(100_000) });
    const refused = await channel.send([messageOf(huge, 1, () => null)], signal);
    expect(refused).toEqual({ ok: false, reason: 'CHANNEL_TOO_LARGE', retriable: false });
    await channel.close();
  }, 60_000);

  it('goes no way to an address that is not allowed, and sends again once the broker is back', async () => {
    const shut = openOutbound({ allowAddresses: [] });
    const refused = channelOn(settingsFor(broker.address), shut.dial);
    const outcome = await refused.send([messageOf(delivery('d1'), 1, () => null)], signal);
    expect(outcome).toEqual({ ok: false, reason: 'CHANNEL_ADDRESS_REFUSED', retriable: false });
    const channel = channelOn(settingsFor(broker.address));
    expect((await channel.send([messageOf(delivery('d3'), 1, () => null)], signal)).ok).toBe(true);
    await broker.kill();
    const down = await channel.send([messageOf(delivery('d4'), 1, () => null)], signal);
    expect(down).toMatchObject({ ok: false, retriable: true });
    await broker.start();
    expect((await channel.send([messageOf(delivery('d4'), 2, () => null)], signal)).ok).toBe(true);
    await channel.close();
  }, 120_000);
});

describe.runIf(runs)('a channel over Kafka that proves who it is', () => {
  let broker: TestServer;
  beforeAll(async () => {
    broker = await openTestBroker({ users: { fenghuo: 'a password' } });
  }, 240_000);
  afterAll(() => broker?.close());

  it('is let in with its password only', async () => {
    const named = (password: string) => settingsFor(broker.address, { user: 'fenghuo', password });
    const client = openKafka({ settings: named('a password'), clientId: 't', timeoutMs: 10_000, dial });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'warnings-fire' }] });
    await admin.disconnect();
    const message = messageOf(delivery('d1'), 1, () => null);
    const good = channelOn(named('a password'));
    expect(await good.send([message], signal)).toEqual({ ok: true });
    await good.close();
    const bad = channelOn(named('another'));
    const outcome = await bad.send([message], signal);
    expect(outcome).toMatchObject({ ok: false, reason: 'CHANNEL_CREDENTIALS', retriable: true });
    expect(JSON.stringify(outcome)).not.toContain('another');
    await bad.close();
  }, 60_000);
});

describe('a channel over Kafka without a broker', () => {
  it('says that none can be reached, and shows what it would send', async () => {
    const channel = channelOn(settingsFor(`127.0.0.1:${await freePort()}`));
    const message = messageOf(delivery('d1'), 1, () => null);
    const outcome = await channel.send([message], signal);
    expect(outcome).toMatchObject({ ok: false, reason: 'CHANNEL_UNREACHABLE', retriable: true });
    expect(outcome).not.toHaveProperty('inDoubt');
    const preview = channel.preview(message);
    expect(preview).toContain('topic warnings-fire, key w1');
    expect(preview).toContain('燃气泄漏');
    await channel.close();
  }, 30_000);

  it('refuses a user without a password', () => {
    expect(() => channelOn(settingsFor('127.0.0.1:1', { user: 'fenghuo' }))).toThrow(/belong together/);
  });
});
