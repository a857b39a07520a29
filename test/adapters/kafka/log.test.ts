// Logs on a real broker: the contract of every log, readers beside each other, and a broker that dies.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafka, type Dial } from '../../../src/adapters/kafka/connection.js';
import { openKafkaLogs, type KafkaLogs } from '../../../src/adapters/kafka/kafka.js';
import { createTopics } from '../../../src/adapters/kafka/topics.js';
import type { Log } from '../../../src/ports/log.js';
import { logContract } from '../../contract/log.js';
import { freePort, type TestServer } from '../../support/servers/process.js';
import { kafkaRuns, openTestBroker } from '../../support/servers/kafka.js';
import { clientOf, dial, oneBroker, openAgain, openLogs } from './cluster.js';

const runs = await kafkaRuns();
/** Of those that wait for what never comes. */
const SHORT = { timeoutMs: 1_000, sendTimeoutMs: 3_000 };
/** Requests are short, and there is time for their failure to be what is said. */
const PATIENT = { timeoutMs: 1_000, sendTimeoutMs: 20_000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (records: readonly { readonly value: Uint8Array }[]) =>
  records.map(({ value }) => new TextDecoder().decode(value));

if (runs) {
  logContract(
    'Kafka',
    async () => {
      const broker = await openTestBroker();
      let logs = await openLogs(broker, 'contract', 256);
      return {
        log: logs.log('events'),
        reopen: async () => {
          await logs.close();
          logs = openAgain(broker, 'contract');
          return logs.log('events');
        },
        close: async () => {
          await logs.close();
          await broker.close();
        },
      };
    },
    40,
  );
}

/** Reads to the end, so many records a time. */
async function all(log: Log, partition: number, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const records = await log.read(partition, found.length, limit);
    if (records.length === 0) return found;
    found.push(...texts(records));
  }
}

/** The records `prefix 0`, `prefix 1` ... as a writer sends them that looks at the end of the log after each doubt. */
async function appendAll(log: Log, prefix: string, count: number, batch: number): Promise<number> {
  let doubts = 0;
  for (let sent = 0; sent < count;) {
    const size = Math.min(batch, count - sent);
    const values = Array.from({ length: size }, (_, index) => bytes(`${prefix} ${sent + index}`));
    try {
      expect(await log.append(0, values)).toBe(sent);
      sent += size;
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_UNREACHABLE' });
      doubts += 1;
      sent = await eventually(() => log.end(0));
    }
  }
  return doubts;
}

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

describe.runIf(runs)('a log on Kafka', () => {
  let broker: TestServer;
  let logs: KafkaLogs;
  beforeAll(async () => {
    broker = await openTestBroker();
    logs = await openLogs(broker, 'one', 8);
  }, 240_000);
  afterAll(async () => {
    await logs?.close();
    await broker?.close();
  });

  it('is read by two readers side by side, from the middle, and again', async () => {
    const log = logs.log('events');
    const expected = numbered('r', 5_000);
    await log.append(0, expected.map(bytes));
    const [fast, slow] = await Promise.all([all(log, 0, 700), all(log, 0, 90)]);
    expect(fast).toEqual(expected);
    expect(slow).toEqual(expected);
    expect(texts(await log.read(0, 2_500, 3))).toEqual(expected.slice(2_500, 2_503));
    expect(texts(await log.read(0, 2_501, 1))).toEqual(['r 2501']);
    expect(texts(await log.read(0, 4_999, 10))).toEqual(['r 4999']);
    await log.append(0, [bytes('later')]);
    expect(texts(await log.read(0, 5_000, 10))).toEqual(['later']);
  });

  it('keeps records of 16 MiB, alone and beside small ones', async () => {
    const log = logs.log('events');
    const large = new Uint8Array(16 * 1024 * 1024).fill(3);
    expect(await log.append(1, [bytes('a'), large, bytes('z')])).toBe(0);
    const records = await log.read(1, 0, 10);
    expect(records.map(({ value }) => value.byteLength)).toEqual([1, large.byteLength, 1]);
    expect(Buffer.compare(records[1]?.value ?? large.subarray(1), large)).toBe(0);
  });

  it('says that it has no such partition, and that a topic is missing', async () => {
    const log = logs.log('events');
    await expect(log.append(8, [bytes('a')])).rejects.toMatchObject({ code: 'STORE_RANGE' });
    await expect(log.read(8, 0, 1)).rejects.toMatchObject({ code: 'STORE_RANGE' });
    await expect(log.end(8)).rejects.toMatchObject({ code: 'STORE_RANGE' });
    const others = openAgain(broker, 'nowhere', PATIENT);
    const refused = {
      code: 'STORE_UNREACHABLE',
      message: expect.stringContaining('nowhere.events') as string,
    };
    await expect(others.log('events').append(0, [bytes('a')])).rejects.toMatchObject(refused);
    await expect(others.log('events').end(0)).rejects.toMatchObject(refused);
    await others.close();
  });

  it('says that another writer came in between a batch too large for one send', async () => {
    const other = openAgain(broker, 'one');
    const [mine, theirs] = [logs.log('events'), other.log('events')];
    const large = Array.from({ length: 30_000 }, (_, index) => bytes(`m ${index}`));
    const appending = mine.append(2, large).catch((error: unknown) => error);
    let isSettled = false;
    void appending.finally(() => (isSettled = true));
    for (let count = 0; !isSettled; count++) await theirs.append(2, [bytes(`t ${count}`)]);
    expect(await appending).toMatchObject({
      code: 'STORE_SHARED',
      message: expect.stringMatching(
        /\d+ of 30000 records are in one\.events\/2 from offset \d+ on/,
      ) as string,
    });
    await other.close();
  });

  it('has every record once where connections break off before the answer comes', async () => {
    let [writes, cuts] = [0, 0];
    const breaking: Dial = (place, onConnect) => {
      const socket = dial(place, onConnect);
      const write = socket.write.bind(socket);
      const counted = (data: Uint8Array) => {
        writes += 1;
        if (writes % 9 > 0) return write(data);
        cuts += 1;
        return write(data, () => socket.destroy(new Error('cut')));
      };
      return Object.assign(socket, { write: counted });
    };
    const broken = openAgain(broker, 'one', { by: breaking });
    expect(await appendAll(broken.log('deliveries'), 'c', 1_000, 5)).toBe(0);
    await broken.close();
    expect(cuts).toBeGreaterThan(20);
    expect(await all(logs.log('deliveries'), 0, 1_000)).toEqual(numbered('c', 1_000));
  });

  it('says that records are gone, and that there is a hole', async () => {
    // The broker makes the topic of its transactions when it is first asked for it.
    const retry = { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 };
    const kafka = openKafka({ ...clientOf(broker.address), retry });
    const log = logs.log('operator');
    await log.append(0, numbered('o', 10).map(bytes));
    const producer = kafka.producer({
      transactionalId: 't',
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'one.operator', messages: [{ value: 'o 10' }] });
    await transaction.commit();
    await producer.disconnect();
    // The end of the transaction is written a little after it is acknowledged.
    while ((await log.end(0)) < 12);
    await log.append(0, [bytes('o 12')]);
    expect(texts(await log.read(0, 5, 6))).toEqual(numbered('o', 11).slice(5));
    await expect(log.read(0, 0, 100)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining('Record 11 of one.operator/0 is missing') as string,
    });
    const admin = kafka.admin();
    await admin.connect();
    // The client finds the leader in what it asked for before.
    await admin.fetchTopicMetadata({ topics: ['one.operator'] });
    const partitions = [{ partition: 0, offset: '4' }];
    await admin.deleteTopicRecords({ topic: 'one.operator', partitions });
    await admin.disconnect();
    await expect(log.read(0, 3, 1)).rejects.toMatchObject({
      code: 'RECORD_GONE',
      message: expect.stringContaining('the topic begins at 4') as string,
    });
    expect(texts(await log.read(0, 4, 1))).toEqual(['o 4']);
  });

  it('refuses everything once closed, and closing waits for the appends under way', async () => {
    const other = openAgain(broker, 'one');
    const log = other.log('events');
    const appended = Array.from({ length: 20 }, () => log.append(3, [bytes('x')]));
    await other.close();
    expect(await Promise.all(appended)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    await expect(log.append(3, [])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(log.read(3, 0, 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(log.end(3)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  it('refuses more waiting appends than it has room for, and keeps those it took', async () => {
    const log = logs.log('events');
    const results = await Promise.allSettled(
      Array.from({ length: 10_020 }, () => log.append(4, [new Uint8Array(1)])),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBe(20);
    expect(refused.every(({ reason }) => (reason as { code: string }).code === 'STORE_BUSY')).toBe(true);
    expect(await log.end(4)).toBe(10_000);
  });
});

describe.runIf(runs)('a log on a broker that dies', () => {
  let broker: TestServer;
  let logs: KafkaLogs;
  beforeAll(async () => {
    broker = await openTestBroker();
    logs = await openLogs(broker, 'dies');
  }, 240_000);
  afterAll(async () => {
    await logs?.close();
    await broker?.close();
  });

  it('between appends goes on with what it had, and reads ahead nothing that is wrong', async () => {
    const log = logs.log('audit');
    await appendAll(log, 'b', 3_000, 500);
    expect(texts(await log.read(0, 0, 100))).toEqual(numbered('b', 100));
    await broker.kill();
    await broker.start();
    expect(await eventually(() => log.append(0, [bytes('b 3000')]))).toBe(3_000);
    expect(await all(log, 0, 100)).toEqual(numbered('b', 3_001));
  }, 120_000);

  it.each([
    ['inbox', 'rides it out', 60_000],
    ['verdicts', 'gives up soon', 300],
  ] as const)(
    'during appends loses none that it acknowledged and has none twice (%s, where a writer %s)',
    async (name, _, sendTimeoutMs) => {
      const writing = openAgain(broker, 'dies', { sendTimeoutMs });
      const log = logs.log(name);
      const appending = appendAll(writing.log(name), 'd', 40_000, 100);
      for (let crash = 1; crash <= 2; crash++) {
        const before = crash * 2_000;
        while ((await eventually(() => log.end(0))) < before);
        await broker.kill();
        await broker.start();
      }
      const doubts = await appending;
      if (sendTimeoutMs < 1_000) expect(doubts).toBeGreaterThan(0);
      await writing.close();
      expect(await all(log, 0, 10_000)).toEqual(numbered('d', 40_000));
    },
    240_000,
  );

  it('says so within its time limits, refuses what waits behind, and goes on when it is back', async () => {
    const waiting = openAgain(broker, 'dies', SHORT);
    const log = waiting.log('actions');
    expect(await log.append(0, [bytes('a 0')])).toBe(0);
    await broker.kill();
    const large = Array.from({ length: 2_500 }, () => bytes('never'));
    const results = await Promise.allSettled([
      log.append(0, large),
      log.append(0, [bytes('behind')]),
      log.read(0, 1, 1),
      log.end(0),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNREACHABLE' } });
      expect(String((result as PromiseRejectedResult).reason)).not.toContain('127.0.0.1');
    }
    await broker.start();
    expect(await eventually(() => log.append(0, [bytes('a 1')]))).toBe(1);
    expect(await all(log, 0, 10)).toEqual(['a 0', 'a 1']);
    await waiting.close();
  }, 240_000);
});

describe.runIf(runs)('a log on a broker that asks for a password', () => {
  let broker: TestServer;
  beforeAll(async () => {
    broker = await openTestBroker({ users: { fenghuo: 'a password' } });
  }, 240_000);
  afterAll(() => broker?.close());

  it('is written and read with it only', async () => {
    const { settings, ...client } = clientOf(broker.address);
    const named = (password: string) => ({ ...settings, user: 'fenghuo', password });
    await createTopics({ ...client, settings: named('a password') }, 'secret', await oneBroker());
    const logs = openKafkaLogs({ settings: named('a password'), dial, prefix: 'secret' });
    expect(await logs.log('seals').append(0, [bytes('a'), bytes('b')])).toBe(0);
    expect(texts(await logs.log('seals').read(0, 1, 10))).toEqual(['b']);
    await logs.close();
    const wrong = openKafkaLogs({ settings: named('another'), dial, prefix: 'secret', timeoutMs: 2_000 });
    const log = wrong.log('seals');
    for (const result of await Promise.allSettled([log.append(0, [bytes('c')]), log.read(0, 0, 1)])) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNREACHABLE' } });
      expect(String((result as PromiseRejectedResult).reason)).not.toContain('another');
    }
    await wrong.close();
  });
});

describe('a log on Kafka without a broker', () => {
  it('says that none can be reached, and closes', async () => {
    const logs = openAgain({ address: `127.0.0.1:${await freePort()}` }, 'none', PATIENT);
    const unreached = {
      code: 'STORE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    };
    const log = logs.log('events');
    await Promise.all([
      expect(log.append(0, [bytes('a')])).rejects.toMatchObject(unreached),
      expect(log.read(0, 0, 1)).rejects.toMatchObject(unreached),
    ]);
    await expect(log.append(0, [new Uint8Array(16 * 1024 * 1024 + 1)])).rejects.toMatchObject({
      code: 'STORE_TOO_LARGE',
    });
    await logs.close();
  }, 120_000);

  it('does not wait for ever for one that takes connections and never answers', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const logs = openAgain({ address: `127.0.0.1:${port}` }, 'mute', SHORT);
    const log = logs.log('events');
    await Promise.all([
      expect(log.append(0, [bytes('a')])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' }),
      expect(log.end(0)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' }),
    ]);
    await logs.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
