// What several logs of a process append by the one connection that they have to a broker.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafka, type Dial } from '../../../src/adapters/kafka/connection.js';
import type { KafkaLogs } from '../../../src/adapters/kafka/kafka.js';
import type { Log } from '../../../src/ports/log.js';
import type { TestServer } from '../../support/servers/process.js';
import { kafkaRuns, openTestBroker } from '../../support/servers/kafka.js';
import { clientOf, dial, openAgain, openLogs } from './cluster.js';

const runs = await kafkaRuns();
const bytes = (text: string) => new TextEncoder().encode(text);

async function all(log: Log, partition: number): Promise<string[]> {
  return (await log.read(partition, 0, 1_000)).map(({ value }) => new TextDecoder().decode(value));
}

describe.runIf(runs)('appends of several logs', () => {
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

  it('go in one request where they come in one turn', async () => {
    const requests: number[] = [];
    const counting: Dial = (place, onConnect) => {
      const socket = dial(place, onConnect);
      const write = socket.write.bind(socket);
      const counted = (data: Uint8Array) => {
        // The key of the request stands behind its length: 0 for batches that are to be kept.
        if (Buffer.from(data).readInt16BE(4) === 0) requests.push(data.length);
        return write(data);
      };
      return Object.assign(socket, { write: counted });
    };
    const other = openAgain(broker, 'one', { by: counting });
    const partitions = [5, 6, 7];
    const append = (text: string) =>
      Promise.all([
        ...partitions.map((partition) =>
          other.log('events').append(partition, [bytes(`${text} ${partition}`)]),
        ),
        other.log('audit').append(0, [bytes(text)]),
      ]);
    await append('first');
    requests.length = 0;
    await append('second');
    expect(requests.length).toBe(1);
    for (const partition of partitions) {
      expect(await all(other.log('events'), partition)).toEqual([
        `first ${partition}`,
        `second ${partition}`,
      ]);
    }
    expect(await all(other.log('audit'), 0)).toEqual(['first', 'second']);
    await other.close();
  });

  it('go on beside one whose topic is missing, or that has no such partition', async () => {
    const admin = openKafka(clientOf(broker.address)).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'part.inbox' }, { topic: 'part.events' }] });
    await admin.disconnect();
    const part = openAgain(broker, 'part', { sendTimeoutMs: 2_000 });
    const failing = Promise.allSettled([
      part.log('deliveries').append(0, [bytes('x')]),
      part.log('events').append(99, [bytes('x')]),
    ]);
    for (let count = 0; count < 50; count++) {
      expect(await part.log('inbox').append(0, [bytes(`i ${count}`)])).toBe(count);
    }
    const codes = (await failing).map((one) => one.status === 'rejected' && (one.reason as Error));
    expect(codes).toMatchObject([{ code: 'STORE_UNREACHABLE' }, { code: 'STORE_RANGE' }]);
    expect(await all(part.log('inbox'), 0)).toEqual(Array.from({ length: 50 }, (_, count) => `i ${count}`));
    await part.close();
  });

  it('each stand once where the connection that they share breaks off again and again', async () => {
    let [writes, cuts] = [0, 0];
    const breaking: Dial = (place, onConnect) => {
      const socket = dial(place, onConnect);
      const write = socket.write.bind(socket);
      const counted = (data: Uint8Array) => {
        writes += 1;
        if (writes % 11 > 0) return write(data);
        cuts += 1;
        return write(data, () => socket.destroy(new Error('cut')));
      };
      return Object.assign(socket, { write: counted });
    };
    const broken = openAgain(broker, 'one', { by: breaking });
    const partitions = [0, 1, 2, 3];
    const appended = partitions.map(async (partition) => {
      for (let count = 0; count < 60; count++) {
        expect(await broken.log('events').append(partition, [bytes(`${count}`)])).toBe(count);
      }
    });
    await Promise.all(appended);
    await broken.close();
    expect(cuts).toBeGreaterThan(5);
    for (const partition of partitions) {
      const expected = Array.from({ length: 60 }, (_, count) => `${count}`);
      expect(await all(logs.log('events'), partition)).toEqual(expected);
    }
  });
});
