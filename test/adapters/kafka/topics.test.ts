// The topics of the logs on a real broker: made once, compared afterwards; and the file that says how they are to be.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafka } from '../../../src/adapters/kafka/connection.js';
import { LOG_NAMES, createTopics } from '../../../src/adapters/kafka/topics.js';
import { InvalidFiles } from '../../../src/app/invalid-files.js';
import { readTopics } from '../../../src/app/kafka-topics.js';
import { kafkaRuns, openTestBroker } from '../../support/servers/kafka.js';
import type { TestServer } from '../../support/servers/process.js';
import { clientOf, oneBroker } from './cluster.js';

const runs = await kafkaRuns();

describe.runIf(runs)('topics of the logs', () => {
  let broker: TestServer;
  beforeAll(async () => {
    broker = await openTestBroker();
  }, 240_000);
  afterAll(() => broker?.close());

  it('are made where they are missing, and stay as they are', async () => {
    const settings = await oneBroker();
    const made = await createTopics(clientOf(broker.address), 'made', settings);
    expect(made).toEqual(LOG_NAMES.map((name) => `made.${name}`));
    expect(await createTopics(clientOf(broker.address), 'made', settings)).toEqual([]);
  });

  it('are not begun where there are fewer brokers than replicas', async () => {
    const settings = { ...(await oneBroker()), replication: 3 };
    await expect(createTopics(clientOf(broker.address), 'replicated', settings)).rejects.toMatchObject({
      code: 'TOPICS_BROKERS',
      message: expect.stringMatching(/replication: 3, and 1 of them answer/) as string,
    });
    const admin = openKafka(clientOf(broker.address)).admin();
    await admin.connect();
    expect((await admin.listTopics()).filter((topic) => topic.startsWith('replicated.'))).toEqual([]);
    await admin.disconnect();
  });

  it('that are set otherwise are named, each difference by itself', async () => {
    const admin = openKafka(clientOf(broker.address)).admin();
    await admin.connect();
    const configEntries = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'max.message.bytes', value: '1000000' },
    ];
    await admin.createTopics({
      topics: [
        { topic: 'wrong.events', numPartitions: 3, configEntries },
        { topic: 'wrong.audit', numPartitions: 1 },
      ],
    });
    await admin.disconnect();
    const failure: unknown = await createTopics(clientOf(broker.address), 'wrong', await oneBroker()).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'TOPICS_DIFFER' });
    const text = String(failure);
    expect(text).toContain('wrong.events has partitions 3, not 4.');
    expect(text).toContain('wrong.events has cleanup.policy compact, not delete.');
    expect(text).toContain('wrong.events has max.message.bytes 1000000, not 16842752.');
    expect(text).toContain('wrong.audit has retention.ms 604800000, not -1.');
    expect(text).not.toContain('wrong.inbox');
  });
});

describe('the file of topics', () => {
  it('that comes with the program has every log', async () => {
    const { logs, replication } = await readTopics();
    expect(Object.keys(logs).sort()).toEqual([...LOG_NAMES].sort());
    expect(logs.audit.retention_days).toBeNull();
    expect(logs.events.retention_days).toBe(35);
    expect(replication).toBe(3);
  });

  it('is refused with the place of each fault', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fenghuo-topics-'));
    const path = join(folder, 'topics.yaml');
    await writeFile(path, 'replication: 2\nmin_in_sync: many\nmax_message_byte: 1\nlogs: {}\n');
    const failure: unknown = await readTopics(path).catch((error: unknown) => error);
    await rm(folder, { recursive: true });
    expect(failure).toBeInstanceOf(InvalidFiles);
    const codes = (failure as InvalidFiles).diagnostics.map(({ code }) => code);
    expect(codes).toContain('TOPICS_UNKNOWN_KEY');
    expect(codes).toContain('TOPICS_MISSING_KEY');
    expect(codes).toContain('TOPICS_VALUE');
  });
});
