// From topics of other systems on a real broker to the events log: what is an event is there once, the rest is a dead letter.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompressionTypes, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafka } from '../../src/adapters/kafka/connection.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { openRawFeed, readRawTopics } from '../../src/app/raw-topics.js';
import { decodeRecord } from '../../src/events/codec.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import type { Logs } from '../../src/ports/log.js';
import { clientOf, dial } from '../adapters/kafka/cluster.js';
import { kafkaRuns, openTestBroker } from '../support/servers/kafka.js';
import type { TestServer } from '../support/servers/process.js';

const runs = await kafkaRuns();
const MAPPING = `mapping: hotline
format: csv
zone: Asia/Shanghai
source: urn:example:hotline
stream: complaint
id: row-hash
subject: { column: SHOP, prefix: 'shop:' }
time: { column: DAY, format: yyyy-MM-dd }
data:
  category: { column: KIND }
`;

describe('the topics of other systems', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fenghuo-raw-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it('are refused with a mapping that has faults, or is not there', async () => {
    const read = (path: string) => readRawTopics([{ topic: 'hotline', mapping: path }]);
    await expect(read(join(folder, 'nowhere.yaml'))).rejects.toMatchObject({ code: 'FILE_READ' });
    await expect(read(await file('faulty.yaml', 'mapping: x'))).rejects.toThrow();
  });

  describe.runIf(runs)('on a broker', () => {
    let broker: TestServer;
    beforeAll(async () => {
      broker = await openTestBroker();
    }, 240_000);
    afterAll(() => broker?.close());

    /** Four rows, of which one is none, and three records of CloudEvents in binary mode, of which one is a tombstone. */
    const writeAll = async () => {
      const kafka = openKafka(clientOf(broker.address));
      const admin = kafka.admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'hotline' }, { topic: 'posts' }], waitForLeaders: true });
      await admin.disconnect();
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      const compression = CompressionTypes.GZIP;
      const rows = [1, 2, 1].map((shop) => ({ SHOP: shop, DAY: '2026-03-02', KIND: 'food' }));
      const messages = rows.map((row) => ({ value: JSON.stringify(row) }));
      await producer.send({ topic: 'hotline', compression, messages: [...messages, { value: 'no JSON' }] });
      const headers = {
        ce_specversion: '1.0',
        ce_id: 'k1',
        ce_source: 'urn:example:posts',
        ce_subject: 'shop:1',
      };
      const post = {
        value: JSON.stringify({ category: 'food' }),
        headers: { ...headers, ce_type: 'fenghuo.complaint', 'content-type': 'application/json' },
      };
      await producer.send({ topic: 'posts', messages: [post, { key: 'shop:1', value: null }, post] });
      await producer.disconnect();
    };

    it('reach the events log, and what is none the dead letters, with the place', async () => {
      await writeAll();
      const raw = [
        { topic: 'hotline', mapping: await file('hotline.yaml', MAPPING) },
        { topic: 'posts', mapping: null },
      ];
      const stores = openMemory();
      const logs = new Proxy({}, { get: (_, name) => stores.log(name as never) }) as Logs;
      const ingest = new Ingest({
        logs,
        vault: stores.vault,
        siteKey: new Uint8Array(32),
        probe: () => undefined,
      });
      await ingest.open();
      const topics = await readRawTopics(raw);
      const access = { settings: clientOf(broker.address).settings, dial, prefix: 'fenghuo' };
      const now = () => Date.parse('2026-03-05T00:00:00Z');
      const { feed, take: takeAll } = openRawFeed({ access, topics, intake: ingest, now });
      const failures: unknown[] = [];
      let taken = 0;
      await new Promise<void>((resolve, reject) => {
        const take = async (batch: Parameters<typeof takeAll>[0]) => {
          await takeAll(batch);
          taken += batch.records.length;
          if (taken === 7) resolve();
        };
        feed.start({ take, failed: (error) => failures.push(error) }).catch(reject);
      });
      await feed.close();
      expect(failures).toEqual([]);
      const records = (await stores.log('events').read(0, 0, 100)).map(({ value }) => decodeRecord(value));
      const ids = records.flatMap((one) => (one.kind === 'event' ? [one.id] : []));
      // Twice the same row and twice the same event: evaluate counts each once, by its id.
      expect(ids.length).toBe(5);
      expect(new Set(ids).size).toBe(3);
      expect(ids).toContain('urn:example:posts k1');
      const letters = await stores.log('dead-letters').read(0, 0, 100);
      const dead = letters.map(
        ({ value }) => JSON.parse(Buffer.from(value).toString()) as { message: string },
      );
      expect(dead.map(({ message }) => message.split(':')[0]).sort()).toEqual(['hotline/0@3', 'posts/0@1']);
    }, 60_000);
  });
});
