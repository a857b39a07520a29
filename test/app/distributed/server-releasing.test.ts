// Events at the end of their term where several processes share the work: they go from a real warehouse, once.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { ArchiveWorker } from '../../../src/app/distributed/archive-worker.js';
import { toldHistory } from '../../../src/app/distributed/priming.js';
import { ServerModels } from '../../../src/app/distributed/server-models.js';
import { ServerReleasing } from '../../../src/app/distributed/server-releasing.js';
import { ServerRetaining } from '../../../src/app/distributed/server-retaining.js';
import type { ServerStores } from '../../../src/app/distributed/server-stores.js';
import type { WholeServers } from '../../../src/app/servers-file.js';
import { StoredRules } from '../../../src/app/stored-rules.js';
import { encodeRecord } from '../../../src/events/codec.js';
import type { Key, LogRecord, StreamName } from '../../../src/events/event.js';
import { loadRules } from '../../../src/model/load.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { CheckpointCursor, decodeJson, NO_CHANGES } from '../../../src/pipeline/checkpoint.js';
import { Holds } from '../../../src/pipeline/retention/holds.js';
import { TicksCursor } from '../../../src/pipeline/wide/ticks-meta.js';
import type { Log } from '../../../src/ports/log.js';
import { chdbRuns, openTestWarehouse, type TestWarehouse } from '../../support/warehouse.js';
import { RULE_FILES } from '../office.js';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const TERMS = 'events: { complaint: 40d, sensor-reading: 20d }';
const RULES = loadRules(new Map([...RULE_FILES, ['catalogue/retention.yaml', TERMS]])).rules as RuleSet;
const PARTITIONS = { events: 2, derived: 1 };
/** By partition, who speaks each day. */
const KEYS: readonly (readonly [StreamName, Key])[][] = [
  [
    ['complaint', 'subject:shop:1'],
    ['complaint', 'subject:shop:2'],
    ['registration', 'subject:shop:1'],
  ],
  [
    ['complaint', 'subject:shop:3'],
    ['sensor-reading', 'device:1'],
  ],
];
const NAMES = [
  ...(['events', 'inbox', 'verdicts', 'deliveries', 'actions', 'dead-letters', 'operator'] as const),
  ...(['audit', 'withheld', 'cases', 'seals', 'derived', 'transitions'] as const),
];
const runs = await chdbRuns();

/** The stores of a deployment in memory, and its warehouse. */
class Site {
  readonly memory = openMemory();
  readonly logs = Object.fromEntries(
    NAMES.map((name) => [name, this.memory.log(name)]),
  ) as unknown as ServerStores['logs'];
  readonly stores = {
    ...{ state: this.memory.state, vault: this.memory.vault, values: this.memory.meta, logs: this.logs },
    ...{ partitions: PARTITIONS, begin: async () => 0 },
  } as unknown as ServerStores;
  readonly holds = new Holds({ state: this.memory.state, logs: this.logs, nonce: randomUUID });
  readonly archive: ArchiveWorker;
  now = START;

  constructor(readonly clickhouse: WholeServers['clickhouse']) {
    const rules = { current: () => RULES, of: async () => RULES };
    const never = { probe: () => undefined, tracing: null };
    this.archive = new ArchiveWorker({ stores: this.stores, rules, clickhouse, ...never });
  }

  async days(count: number): Promise<void> {
    for (let day = 0; day < count; day++, this.now += DAY_MS)
      for (const [partition, keys] of KEYS.entries())
        await this.logs.events.append(partition, [
          ...keys.map(([stream, key]) => encodeRecord(eventOf(stream, key, this.now))),
          encodeRecord({ kind: 'tick', at: this.now }),
        ]);
    await this.evaluated({});
    while ((await this.archive.run()) > 0);
  }

  /** Says that all was evaluated. */
  async evaluated(more: object): Promise<void> {
    for (let partition = 0; partition < PARTITIONS.events; partition++) {
      const cursor = new CheckpointCursor<object>(this.stores.state, `evaluate/${partition}`, randomUUID);
      await cursor.load();
      const offset = await this.logs.events.end(partition);
      const meta = { offset, revision: RULES.revision, telling: null, stages: [], ...more };
      await cursor.commit(meta, NO_CHANGES);
    }
  }

  /** A process that archives. @param noted what happens once it has noted what goes */
  process(noted: () => Promise<unknown> = async () => undefined): ServerRetaining {
    const { stores, archive, clickhouse } = this;
    const { audit } = this.logs;
    const noting: Log = {
      append: async (partition, values) => {
        const offset = await audit.append(partition, values);
        await noted();
        return offset;
      },
      read: (partition, offset, limit) => audit.read(partition, offset, limit),
      end: (partition) => audit.end(partition),
    };
    const { state, values } = stores;
    const models = new ServerModels({
      ...{ state, values, logs: this.logs, storedRules: new StoredRules(values), first: RULES.revision },
      ...{ partitions: PARTITIONS.events, now: () => this.now },
    });
    const releasing = {
      ...{ stores: { ...stores, logs: { ...this.logs, audit: noting } }, clickhouse, archive, models },
      probe: () => undefined,
    };
    return new ServerRetaining({
      ...{ stores, warehouse: archive.warehouse, rules: () => RULES, holds: () => true },
      releasing: (parts) => new ServerReleasing(releasing, parts),
      now: () => this.now,
      log: {
        info: () => undefined,
        failure: (_what, error) => {
          throw error;
        },
      },
    });
  }

  async count(sql: string): Promise<number> {
    return Number((await this.archive.warehouse.query(`SELECT ${sql} AS total`))[0]?.['total']);
  }

  /** Rows of a stream, and of a key, in both tables that hold single events. */
  rows(stream: StreamName, key = '%'): Promise<number[]> {
    const where = `stream = '${stream}' AND key LIKE '${key}'`;
    return Promise.all(
      ['events', 'events_by_key'].map((table) => this.count(`(SELECT count() FROM ${table} WHERE ${where})`)),
    );
  }

  async noted(): Promise<string[]> {
    const { audit } = this.logs;
    const entries = (await audit.read(0, 0, await audit.end(0))).map(({ value }) =>
      decodeJson<{ what: string; stream: string; count: number }>(value),
    );
    return entries.flatMap(({ what, stream, count }) =>
      what === 'release-events' ? [`${stream} ${count}`] : [],
    );
  }
}

function eventOf(stream: StreamName, key: Key, at: number): LogRecord {
  const data =
    stream === 'registration'
      ? { kind: 'enterprise', name: '某店', region: '330106' }
      : stream === 'sensor-reading'
        ? { metric: 'temperature', value: 4, unit: 'Cel' }
        : { category: '食品' };
  return {
    ...{ kind: 'event', id: `urn:x ${stream} ${key} ${at}`, stream, source: 'urn:x', key, time: at, at },
    data: data,
  };
}

describe.skipIf(!runs)('events at the end of their term on servers', { timeout: 240_000 }, () => {
  let warehouse: TestWarehouse;
  let site: Site;
  beforeAll(async () => {
    warehouse = await openTestWarehouse();
    site = new Site({ ...warehouse.options, database: 'fenghuo' });
    await site.archive.open();
    await site.days(60);
  }, 120_000);
  afterAll(async () => {
    await site?.archive.close();
    await warehouse?.close();
  });
  const hold = (id: string, shop: number, days: number) =>
    site.holds.add(
      {
        ...{ id: id.repeat(16), subject: `subject:shop:${shop}`, reason: '行政复议', by: '张三' },
        until: site.now + days * DAY_MS,
      },
      site.now,
    );

  it('stay while other rules come into force, and while their history is read', async () => {
    const process = site.process();
    const ticks = new TicksCursor(site.stores.state, randomUUID);
    await ticks.request({ kind: 'revision', revision: 'other' });
    expect(await process.releaseDaily()).toBe(false);
    await ticks.update((meta) => ({ ...meta, change: null }));
    await site.evaluated({ telling: { epoch: 1, cut: 0, at: START } });
    expect(await process.releaseDaily()).toBe(false);
    await site.evaluated({ revision: 'other' });
    expect(await process.releaseDaily()).toBe(false);
    await site.evaluated({});
    expect(await site.rows('complaint')).toEqual([180, 180]);
    expect(await site.noted()).toEqual([]);
  });

  it('go from the warehouse once a day by one process; the log, totals and what has no term stay', async () => {
    await hold('1', 2, 20);
    const totals = () => site.count('(SELECT sum(total) FROM events_by_region)');
    const before = await totals();
    const [first, second] = [site.process(), site.process()];
    const swept = await Promise.all([first.releaseDaily(), second.releaseDaily()]);
    expect(swept.filter(Boolean)).toHaveLength(1);
    expect(await second.releaseDaily()).toBe(false);
    // Sixty days have passed since the first: those of the first twenty, and of the twentieth itself, are over.
    expect(await site.rows('complaint', 'shop:1')).toEqual([39, 39]);
    expect(await site.rows('complaint', 'shop:2')).toEqual([60, 60]);
    expect(await site.rows('complaint', 'shop:3')).toEqual([39, 39]);
    expect(await site.rows('sensor-reading')).toEqual([19, 0]);
    expect(await site.rows('registration')).toEqual([60, 60]);
    expect(await totals()).toBe(before);
    expect(await site.count('(SELECT sum(samples) FROM readings_per_hour)')).toBe(60);
    expect(await site.noted()).toEqual(['complaint 21', 'sensor-reading 41', 'complaint 21']);
    const released = swept[0] ? first.released : second.released;
    expect(Object.fromEntries(released)).toEqual({ complaint: 42, 'sensor-reading': 41 });
    expect(await site.logs.events.read(0, 0, 1_000)).toHaveLength(240);
  });

  it('are gone for whoever reads the history, although the log still has them', async () => {
    const history = toldHistory(site.stores, site.archive.warehouse);
    const days = new Set<number>();
    const asked = { begin: 0, end: 240, sinceMs: -Infinity, always: [] };
    for await (const page of history.read(0, asked))
      for (const { record } of page)
        if (record.kind === 'event' && record.stream === 'complaint' && record.key === 'subject:shop:1')
          days.add((record.at - START) / DAY_MS);
    expect([days.size, Math.min(...days), Math.max(...days)]).toEqual([39, 21, 59]);
  });

  it('stay for a hold, also one ordered once it was noted what goes, until the first sweep after its end', async () => {
    await site.days(10);
    let isOrdered = false;
    const process = site.process(async () => {
      if (!isOrdered) await hold('2', 1, 15);
      isOrdered = true;
    });
    expect(await process.releaseDaily()).toBe(true);
    expect(await site.rows('complaint', 'shop:1')).toEqual([49, 49]);
    expect(await site.rows('complaint', 'shop:2')).toEqual([70, 70]);
    expect(await site.rows('complaint', 'shop:3')).toEqual([39, 39]);
    await site.days(20);
    expect(await site.process().releaseDaily()).toBe(true);
    for (const shop of [1, 2, 3]) expect(await site.rows('complaint', `shop:${shop}`)).toEqual([39, 39]);
  });

  it('stay above the place up to which they were evaluated', async () => {
    await site.days(1);
    await site.evaluated({ offset: 0 });
    expect(await site.process().releaseDaily()).toBe(true);
    expect(await site.rows('complaint', 'shop:1')).toEqual([40, 40]);
    await site.days(1);
    expect(await site.process().releaseDaily()).toBe(true);
    expect(await site.rows('complaint', 'shop:1')).toEqual([39, 39]);
  });
});
