// A feed on a real broker: what Java's producer writes in each compression, and that nothing is lost or out of order.
import { Partitioners, type Kafka, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decompress } from '../../../src/adapters/compression/compression.js';
import { openKafka, type Dial } from '../../../src/adapters/kafka/connection.js';
import type { Decompress } from '../../../src/ports/decompression.js';
import { kafkaRuns, openTestBroker, produceWithJava } from '../../support/servers/kafka.js';
import type { TestServer } from '../../support/servers/process.js';
import { clientOf, dial } from './cluster.js';
import { Taker } from './feeds.js';
import { openCuttable } from './members.js';

const runs = await kafkaRuns();
const POLLING = { timeout: 30_000, interval: 20 };
const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

/** Connections on which a byte of a word is another, the first so many times that it comes. */
function damaging(word: string, times: number): Dial {
  let left = times;
  return (place, onConnect) => {
    const socket = dial(place, onConnect);
    const emit = socket.emit.bind(socket) as (event: string, ...more: unknown[]) => boolean;
    const damaged = (event: string, ...more: unknown[]) => {
      const [chunk] = more;
      const at = event === 'data' && Buffer.isBuffer(chunk) && left > 0 ? chunk.indexOf(word) : -1;
      if (at >= 0 && Buffer.isBuffer(chunk)) {
        left -= 1;
        chunk[at] = 0;
      }
      return emit(event, ...more);
    };
    return Object.assign(socket, { emit: damaged });
  };
}

describe.runIf(runs)('a feed', () => {
  let broker: TestServer;
  let kafka: Kafka;
  let producer: Producer;
  const topicOf = async (
    topic: string,
    numPartitions = 1,
    configEntries: { name: string; value: string }[] = [],
  ) => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
    await admin.disconnect();
    return topic;
  };
  const send = (topic: string, values: readonly string[], partition = 0) =>
    producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
  beforeAll(async () => {
    broker = await openTestBroker();
    kafka = openKafka({ ...clientOf(broker.address), retry: { retries: 10, initialRetryTime: 200 } });
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
  }, 240_000);
  afterAll(async () => {
    await producer?.disconnect();
    await broker?.close();
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'takes what the Java producer writes with %s: offsets, keys, headers, tombstones',
    async (compression) => {
      const topic = await topicOf(`java-${compression}`);
      const values = numbered('对象', 3_000).map((value) => value.padEnd(200, '监管'));
      const lines = values.map((value, index) => `ce_id:${index},city:杭州\tk${index}\t${value}`);
      await produceWithJava(broker.address, topic, compression, [...lines, 'NULL\tgone\tNULL']);
      const found = new Set<string>();
      const noting: Decompress = (name, ...more) => {
        found.add(name);
        return decompress(name, ...more);
      };
      const reader = await new Taker(broker.address, [topic], { decompress: noting }).start();
      await reader.until(() => reader.taken.length > 3_000);
      expect([...found]).toEqual(compression === 'none' ? [] : [compression]);
      expect(reader.taken.map(({ offset }) => offset)).toEqual(numbered('', 3_001).map(Number));
      expect(reader.values.slice(0, 3_000)).toEqual(values);
      const [first] = reader.taken;
      expect(first?.headers).toEqual(
        new Map([
          ['ce_id', '0'],
          ['city', '杭州'],
        ]),
      );
      expect(Buffer.from(first?.key ?? []).toString()).toBe('k0');
      expect(Math.abs((first?.timestamp ?? 0) - Date.now())).toBeLessThan(120_000);
      const tombstone = reader.taken.at(-1);
      expect(tombstone).toMatchObject({ value: null, headers: new Map() });
      expect(Buffer.from(tombstone?.key ?? []).toString()).toBe('gone');
      await reader.feed.close();
      expect(reader.failures).toEqual([]);
    },
    90_000,
  );

  it('goes on where another of its group ended, and tells how far it has read', async () => {
    const topic = await topicOf('on');
    await send(topic, numbered('a', 10));
    const one = new Taker(broker.address, [topic]);
    expect(one.feed.readUpTo(Date.now())).toBe(-Infinity);
    await one.start();
    await one.until(() => one.taken.length === 10);
    const afterwards = Date.now();
    await vi.waitUntil(() => one.feed.readUpTo(Date.now()) >= afterwards, POLLING);
    expect(one.feed.readUpTo(4_000)).toBe(4_000);
    expect(one.feed.lag()).toEqual(new Map([['on/0', 0]]));
    let go: () => void = () => undefined;
    one.before = () => new Promise((resolve) => (go = resolve));
    const sent = await producer.send({ topic, messages: [{ value: 'b', timestamp: '1000' }] });
    expect(sent.length).toBe(1);
    await vi.waitUntil(() => one.feed.lag().get('on/0') === 1, POLLING);
    // It stands at the last look before the record came, whose time says nothing.
    const stands = one.feed.readUpTo(Date.now());
    expect(stands).toBeGreaterThanOrEqual(afterwards);
    expect(one.feed.readUpTo(Date.now() + 60_000)).toBe(stands);
    go();
    await one.until(() => one.taken.length === 11);
    await vi.waitUntil(() => one.feed.readUpTo(Date.now()) > stands, POLLING);
    await one.feed.close();
    const ended = one.feed.readUpTo(Date.now() + 60_000);
    expect(ended).toBeLessThanOrEqual(Date.now());
    const two = await new Taker(broker.address, [topic]).start();
    await send(topic, ['c']);
    await two.until(() => two.taken.length > 0);
    expect(two.values).toEqual(['c']);
    await two.feed.close();
  });

  it('has taken again what was refused, skips nothing, and meanwhile takes other partitions', async () => {
    const topic = await topicOf('refused', 2);
    await send(topic, numbered('zero', 2_500), 0);
    await send(topic, numbered('one', 5), 1);
    const reader = new Taker(broker.address, [topic]);
    let refusals = 0;
    reader.before = ({ partition, records }) => {
      if (partition === 1 || records[0]?.offset === 0 || refusals >= 3) return Promise.resolve();
      refusals += 1;
      return Promise.reject(new Error('the store is full'));
    };
    await reader.start();
    await reader.until(() => reader.taken.length === 2_505);
    const of = (partition: number) => reader.taken.filter((one) => one.partition === partition);
    expect(of(0).map(({ offset }) => offset)).toEqual(numbered('', 2_500).map(Number));
    expect(of(1).length).toBe(5);
    expect(reader.failures.map(String)).toEqual(Array(3).fill('Error: the store is full'));
    // Its second batch was refused for long enough that the other partition came first.
    expect(reader.taken.at(-1)?.partition).toBe(0);
    await reader.feed.close();
  });

  it('takes nothing while paused, and all of it afterwards', async () => {
    const topic = await topicOf('paused', 2);
    await send(topic, ['a'], 0);
    const reader = await new Taker(broker.address, [topic]).start();
    await reader.until(() => reader.taken.length === 1);
    reader.feed.pause();
    await send(topic, numbered('b', 50), 0);
    await send(topic, numbered('c', 50), 1);
    const other = await new Taker(broker.address, [topic], { group: 'another' }).start();
    await other.until(() => other.taken.length === 101);
    const stands = reader.feed.readUpTo(Date.now());
    expect(reader.taken.length).toBe(1);
    reader.feed.resume();
    await reader.until(() => reader.taken.length === 101);
    await vi.waitUntil(() => reader.feed.readUpTo(Date.now()) > stands, POLLING);
    await Promise.all([reader.feed.close(), other.feed.close()]);
  });

  it('loses nothing when members of its group come, leave and are cut off', async () => {
    const topic = await topicOf('shared', 6);
    const way = openCuttable();
    const all = new Set<string>();
    const members: Taker[] = [];
    const member = async (options = {}) => {
      const taker = new Taker(broker.address, [topic], { group: 'share', ...options });
      members.push(taker);
      return taker.start();
    };
    const sendAll = async (prefix: string) => {
      for (let partition = 0; partition < 6; partition++) {
        const values = numbered(`${prefix} ${partition}`, 400);
        await send(topic, values, partition);
        for (const value of values) all.add(value);
      }
    };
    const complete = async () => {
      const isComplete = () => new Set(members.flatMap((one) => one.values)).size === all.size;
      while (!isComplete()) {
        const counts = members.map((one) => one.taken.length);
        await Promise.race(members.map((one, index) => one.until(() => one.taken.length !== counts[index])));
      }
    };
    await sendAll('a');
    await member();
    const cut = await member({ dial: way.by });
    await sendAll('b');
    await complete();
    way.cut();
    await sendAll('c');
    const last = await member();
    await sendAll('d');
    await complete();
    await members[0]?.feed.close();
    await sendAll('e');
    await complete();
    expect(last.values.length).toBeGreaterThan(0);
    await Promise.all([cut.feed.close(), last.feed.close()]);
  }, 120_000);

  it('leaves out what a transaction gave up, and passes the marks of their ends', async () => {
    const topic = await topicOf('transactions');
    const writer = kafka.producer({
      transactionalId: 'feed',
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await writer.connect();
    for (const [value, isKept] of [
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', false],
      // The broker lets it begin only when the mark of the one before is written, which ending that does not wait for.
      ['e', true],
    ] as const) {
      const transaction = await writer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await (isKept ? transaction.commit() : transaction.abort());
    }
    await writer.disconnect();
    const reader = await new Taker(broker.address, [topic]).start();
    await reader.until(() => reader.taken.length === 3);
    expect(reader.values).toEqual(['a', 'c', 'e']);
    expect(reader.taken.map(({ offset }) => offset)).toEqual([0, 4, 8]);
    await reader.feed.close();
  });

  it('hands over as it came what stands for more than is taken, and goes on behind it', async () => {
    const topic = await topicOf('bomb');
    await send(topic, ['before']);
    await produceWithJava(broker.address, topic, 'zstd', [`NULL\tk\t${'0'.repeat(900_000)}`]);
    await send(topic, ['after']);
    const reader = await new Taker(broker.address, [topic], { clearMaxBytes: 100_000 }).start();
    await reader.until(() => reader.taken.length === 3);
    const [before, bomb, after] = reader.taken;
    expect([before?.offset, bomb?.offset, after?.offset]).toEqual([0, 1, 2]);
    expect(bomb).toMatchObject({ unreadable: 'COMPRESSION_TOO_LARGE', key: null });
    expect(bomb?.value?.byteLength).toBeLessThan(2_000);
    expect(after).not.toHaveProperty('unreadable');
    await reader.feed.close();
  }, 60_000);

  it('says that records are gone before they were read, and reads the rest', async () => {
    const topic = await topicOf('gap');
    await send(topic, ['a']);
    const one = await new Taker(broker.address, [topic]).start();
    await one.until(() => one.taken.length === 1);
    await one.feed.close();
    await send(topic, numbered('b', 10));
    const admin = kafka.admin();
    await admin.connect();
    await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] });
    await admin.disconnect();
    const two = await new Taker(broker.address, [topic]).start();
    await two.until(() => two.taken.length === 7);
    expect(two.values[0]).toBe('b 3');
    expect(two.failures.length).toBe(1);
    expect(two.failures[0]).toMatchObject({
      code: 'FEED_GAP',
      message: expect.stringContaining('gap/0: from 1 to 4') as string,
    });
    await two.feed.close();
  });

  it.each([
    [2, 'comes whole when it is asked for again'],
    [Infinity, 'is handed over as it came, and what follows is taken'],
  ])('says where a record came damaged %s times, which %s', async (times, _) => {
    const topic = await topicOf(`damaged-${times}`.toLowerCase());
    await send(topic, ['before', 'DAMAGED']);
    await send(topic, ['after']);
    const reader = await new Taker(broker.address, [topic], { dial: damaging('DAMAGED', times) }).start();
    await reader.until(() => reader.values.includes('after'));
    const place = expect.stringContaining(`${topic}/0@0.`) as string;
    expect(reader.failures.length).toBe(Math.min(times, 3));
    for (const failure of reader.failures) {
      expect(failure).toMatchObject({ code: 'FEED_DAMAGED', message: place });
    }
    expect(reader.taken.map(({ unreadable }) => unreadable)).toEqual(
      times === 2 ? [undefined, undefined, undefined] : ['FEED_DAMAGED', undefined],
    );
    await reader.feed.close();
  });

  it('says that a topic is missing, waits for none, and reads it once it is made', async () => {
    const missing = {
      code: 'FEED_NO_TOPIC',
      message: expect.stringContaining('made-later') as string,
    };
    const topic = await topicOf('there');
    await send(topic, ['a']);
    const reader = await new Taker(broker.address, [topic, 'made-later'], { lookMs: 200 }).start();
    await reader.until(() => reader.values.includes('a'));
    expect(reader.failures).toEqual([expect.objectContaining(missing)]);
    const before = Date.now();
    await vi.waitFor(() => expect(reader.feed.readUpTo(Date.now())).toBeGreaterThan(before), POLLING);

    await topicOf('made-later');
    await send('made-later', ['b']);
    await reader.until(() => reader.values.includes('b'));
    expect(reader.values).toEqual(['a', 'b']);

    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: ['made-later'] });
    await admin.disconnect();
    const said = () => reader.failures.filter((one) => (one as { code: string }).code === 'FEED_NO_TOPIC');
    await reader.until(() => said().length > 1);
    const deleted = Date.now();
    await vi.waitFor(() => expect(reader.feed.readUpTo(Date.now())).toBeGreaterThan(deleted), POLLING);
    await send(topic, ['c']);
    await reader.until(() => reader.values.includes('c'));
    await reader.feed.close();
  });

  it('lets time pass where none of its topics is there', async () => {
    const reader = await new Taker(broker.address, ['nowhere'], { lookMs: 200 }).start();
    const now = Date.now();
    expect(reader.feed.readUpTo(now)).toBe(now);
    expect(reader.failures).toMatchObject([{ code: 'FEED_NO_TOPIC' }]);
    await reader.feed.close();
  });

  it('goes on when the broker is back', async () => {
    const topic = await topicOf('restart', 3);
    // The one of the other tests asks for all their topics anew, and some are not there any more.
    const own = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await own.connect();
    const send = (value: string, partition: number) => own.send({ topic, messages: [{ value, partition }] });
    const reader = await new Taker(broker.address, [topic]).start();
    await send('a', 0);
    await reader.until(() => reader.taken.length === 1);
    await broker.kill();
    const before = reader.feed.readUpTo(Date.now());
    await reader.until(() => reader.failures.length > 0);
    expect(reader.feed.readUpTo(Date.now())).toBeLessThanOrEqual(before + 1_000);
    await broker.start();
    await send('b', 2);
    await reader.until(() => reader.values.includes('b'));
    for (const failure of reader.failures) expect(failure).toMatchObject({ code: 'STORE_UNREACHABLE' });
    await own.disconnect();
    await reader.feed.close();
  }, 120_000);
});
