// The history out of the warehouse and the rest of the log is the history of the log, but for ticks and what is of rules.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { encodeRecord } from '../../../src/events/codec.js';
import { STREAMS, type LogRecord } from '../../../src/events/event.js';
import { Archive } from '../../../src/pipeline/archive.js';
import { EventsSource } from '../../../src/pipeline/archive-events.js';
import { Evaluate } from '../../../src/pipeline/evaluate.js';
import { ArchivedHistory } from '../../../src/pipeline/history/archived-history.js';
import { LoggedHistory } from '../../../src/pipeline/history/logged-history.js';
import type { History, HistoryAsked } from '../../../src/ports/history.js';
import type { Logs } from '../../../src/ports/log.js';
import { randomFrom } from '../../simulation/generate.js';
import { generateStrataLog } from '../../simulation/strata-generate.js';
import { strataRules } from '../../simulation/strata-models.js';
import { split } from '../../simulation/strata-runs.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../../support/warehouse.js';
import { LOG_NAMES } from '../losing-stores.js';

const PARTITIONS = 2;
const rules = strataRules();

/** What a history tells of a partition, without ticks. */
async function toldBy(history: History, partition: number, asked: HistoryAsked): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const page of history.read(partition, asked)) {
    expect(page.length).toBeGreaterThan(0);
    for (const { offset, record } of page) {
      expect(offset).toBeLessThan(asked.end);
      if (record.kind === 'event' || record.kind === 'gap') records.push(record);
    }
  }
  return records;
}

describe.runIf(await chdbRuns())('the history out of the warehouse', () => {
  let test: TestWarehouse;
  let warehouse: OpenWarehouse;
  beforeAll(async () => {
    test = await openTestWarehouse();
    const options = { ...test.options, database: 'fenghuo' };
    await migrate(options, MIGRATIONS);
    warehouse = openWarehouse(options);
  }, 60_000);
  afterAll(async () => {
    await warehouse?.close();
    await test?.close();
  });

  it('is that of the log, wherever the archive has come to and from whatever instant it is asked for', async () => {
    const { state, ...stores } = openMemory();
    const names = [...LOG_NAMES, 'actions'] as const;
    const logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
    const log = generateStrataLog(5);
    const partitionLogs = split(log, PARTITIONS);
    let serial = 0;
    const common = { logs, state, nonce: () => `n${serial++}`, probe: () => undefined };
    for (const [partition, records] of partitionLogs.entries()) {
      await logs.events.append(partition, records.map(encodeRecord));
      const evaluate = new Evaluate({ ...common, rules, partition, batch: 100, cachedKeys: 100 });
      await evaluate.open();
      while ((await evaluate.run()) > 0);
    }
    // The first partition is archived in part, the second whole; what is refused, doubled or taken back lies there as well.
    const limits = [Math.floor((partitionLogs[0]?.length ?? 0) / 2), partitionLogs[1]?.length ?? 0];
    const positions: number[] = [];
    for (const [partition, limit] of limits.entries()) {
      const source = new EventsSource(logs, () => limit, partition);
      const archive = new Archive(source, { ...common, warehouse, batch: 17 });
      await archive.open(false);
      while ((await archive.run()) > 0);
      positions.push(archive.position);
    }
    expect(positions).toEqual(limits);
    const options = { warehouse, events: logs.events, partitions: PARTITIONS, page: 13 };
    const archived = new ArchivedHistory({ ...options, archived: async (one) => positions[one] ?? 0 });
    const logged = new LoggedHistory(logs.events, PARTITIONS);
    const random = randomFrom(3);
    const instants = log.map(({ at }) => at);
    const [first = 0, last = 0] = [Math.min(...instants), Math.max(...instants)];
    for (let round = 0; round < 12; round++) {
      const partition = round % PARTITIONS;
      const length = partitionLogs[partition]?.length ?? 0;
      const asked: HistoryAsked = {
        begin: round < 6 ? 0 : Math.floor((random() * length) / 2),
        end: round < 4 ? length : Math.floor(length * (0.5 + random() / 2)),
        sinceMs: round < 2 ? -Infinity : round < 4 ? Infinity : first + random() * 0.4 * (last - first),
        always: round % 3 === 0 ? [] : STREAMS.slice(0, 2),
      };
      const expected = await toldBy(logged, partition, { ...asked, sinceMs: Math.floor(asked.sinceMs) });
      const told = await toldBy(archived, partition, { ...asked, sinceMs: Math.floor(asked.sinceMs) });
      expect(told, JSON.stringify(asked)).toEqual(expected);
      if (round < 2) expect(told.some(({ kind }) => kind === 'gap')).toBe(true);
    }
  }, 120_000);
});
