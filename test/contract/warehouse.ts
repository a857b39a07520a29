// What every warehouse does, server or embedded.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickHouseInput } from '../../src/adapters/clickhouse/config.js';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import {
  openWarehouse,
  WarehouseError,
  type OpenWarehouse,
} from '../../src/adapters/clickhouse/warehouse.js';
import type { Row } from '../../src/ports/warehouse.js';
import { MIGRATIONS } from '../support/warehouse.js';

export interface WarehouseUnderTest {
  readonly options: ClickHouseInput;
  close(): Promise<void>;
}

const JANUARY = Date.UTC(2025, 0, 10);
const DAY_MS = 86_400_000;

/** A row of `events`. */
export function eventRow(offset: number, changes: Row = {}): Row {
  return {
    partition: 0,
    offset,
    id: `test ${offset}`,
    stream: 'complaint',
    source: 'test',
    scope: 'subject',
    key: `subject-${offset % 7}`,
    region: '110105',
    time: JANUARY + offset * 1000,
    at: JANUARY + offset * 1000 + 5,
    sign: 1,
    data: JSON.stringify({ text: '油烟扰民' }),
    ...changes,
  };
}

export function eventRows(from: number, to: number, changes: Row = {}): Row[] {
  return Array.from({ length: to - from + 1 }, (_, index) => eventRow(from + index, changes));
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<WarehouseError> {
  const error: unknown = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WarehouseError);
  return error as WarehouseError;
}

async function total(warehouse: OpenWarehouse, source: string): Promise<{ table: unknown; view: unknown }> {
  const [inTable] = await warehouse.query('SELECT sum(sign) AS n FROM events WHERE region = {r:String}', {
    r: source,
  });
  const [inView] = await warehouse.query(
    'SELECT sum(total) AS n FROM events_per_day WHERE region = {r:String}',
    {
      r: source,
    },
  );
  return { table: inTable?.['n'], view: inView?.['n'] };
}

/** Runs the contract of `Warehouse`, on a warehouse that has not been migrated. */
export function warehouseContract(name: string, open: () => Promise<WarehouseUnderTest>): void {
  describe(`warehouse on ${name}`, () => {
    let under: WarehouseUnderTest;
    let warehouse: OpenWarehouse;
    beforeAll(async () => {
      under = await open();
      await migrate(under.options, MIGRATIONS);
      warehouse = openWarehouse(under.options);
    });
    afterAll(async () => {
      await warehouse?.close();
      await under?.close();
    });

    describe('blocks', () => blockContract(() => warehouse));
    describe('reads', () => readContract(() => warehouse));
    describe('tables', () => tableContract(() => warehouse));

    it('answers when asked whether it is ready, and says no where nobody listens', async () => {
      expect(await warehouse.ready()).toBe(true);
      const nobody = openWarehouse({ ...under.options, url: 'http://127.0.0.1:9' });
      expect(await nobody.ready()).toBe(false);
      const error = await failureOf(nobody.query('SELECT 1'));
      expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retriable: true });
      await nobody.close();
    });
  });
}

function blockContract(of: () => OpenWarehouse): void {
  it('keeps a block once that is sent three times with one token, in the table and in its view', async () => {
    const rows = eventRows(0, 99, { region: 'once' });
    for (let attempt = 0; attempt < 3; attempt += 1) await of().insert('events', 'once-0-99', rows);
    expect(await total(of(), 'once')).toEqual({ table: 100, view: 100 });
    await of().insert('events', 'once-100-100', [eventRow(100, { region: 'once' })]);
    expect(await total(of(), 'once')).toEqual({ table: 101, view: 101 });
  });

  it('keeps two blocks of equal rows that have different tokens', async () => {
    await of().insert('events', 'twice-a', [eventRow(0, { region: 'twice' })]);
    await of().insert('events', 'twice-b', [eventRow(0, { region: 'twice' })]);
    expect(await total(of(), 'twice')).toEqual({ table: 2, view: 2 });
  });

  it('keeps a block once that spans many months', async () => {
    const rows = Array.from({ length: 104 }, (_, month) => {
      return eventRow(month, {
        region: 'years',
        at: Date.UTC(2012, month, 3),
        time: Date.UTC(2012, month, 2),
      });
    });
    await of().insert('events', 'years', rows);
    await of().insert('events', 'years', rows);
    expect(await total(of(), 'years')).toEqual({ table: 104, view: 104 });
  });

  it('completes a block that reached the table and not its view when the same token comes again', async () => {
    await of().command('CREATE TABLE gate (shut UInt8) ENGINE = MergeTree ORDER BY shut');
    await of().command(
      'CREATE TABLE gated (n UInt32) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100',
    );
    await of().command(
      'CREATE TABLE gated_sum (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100',
    );
    await of().command(
      'CREATE MATERIALIZED VIEW gated_feed TO gated_sum AS ' +
        'SELECT toUInt64(sum(n)) + throwIf((SELECT count() FROM gate) > 0) AS n FROM gated',
    );
    await of().insert('gate', 'shut', [{ shut: 1 }]);
    await failureOf(of().insert('gated', 'block', [{ n: 1 }, { n: 2 }]));
    await of().command('TRUNCATE TABLE gate');
    await of().insert('gated', 'block', [{ n: 1 }, { n: 2 }]);
    await of().insert('gated', 'block', [{ n: 1 }, { n: 2 }]);
    expect(await of().query('SELECT n FROM gated ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await of().query('SELECT n FROM gated_sum')).toEqual([{ n: 3 }]);
  });

  it('takes a revoked event out of every aggregate, however often the block is sent', async () => {
    await of().insert('events', 'revoked-0-1', eventRows(0, 1, { region: 'revoked' }));
    const block = [
      eventRow(2, { region: 'revoked', sign: 0, verdict: 'revokes', revokes: 'test 0' }),
      eventRow(0, { region: 'revoked', sign: -1, verdict: 'revoked', cause_offset: 2 }),
    ];
    await of().insert('events', 'revoked-2-2', block);
    await of().insert('events', 'revoked-2-2', block);
    expect(await total(of(), 'revoked')).toEqual({ table: 1, view: 1 });
  });

  it('refuses a column that the table does not have, and keeps nothing of the block', async () => {
    const rows = [eventRow(0, { region: 'wrong' }), eventRow(1, { region: 'wrong', colour: 'red' })];
    const error = await failureOf(of().insert('events', 'wrong', rows));
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', retriable: false, clickhouseCode: 117 });
    expect(await total(of(), 'wrong')).toEqual({ table: 0, view: 0 });
  });

  it('refuses names, tokens and blocks that are none, before anything is sent', async () => {
    const refusals = [
      of().insert('events; DROP TABLE events', 'token', [eventRow(0)]),
      of().insert('events', "'", Array<Row>(100_001).fill(eventRow(0))),
      of().insert('events', 'a b', [eventRow(0)]),
      of().insert('events', 'bigint', [eventRow(0, { offset: 1n })]),
    ];
    for (const refusal of refusals) {
      expect(await failureOf(refusal)).toMatchObject({ code: 'WAREHOUSE_REQUEST', retriable: false });
    }
    await expect(of().insert('events', 'empty', [])).resolves.toBeUndefined();
  });
}

function readContract(of: () => OpenWarehouse): void {
  it('returns parameters as they were given, whatever they hold', async () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 40 });
    const hostile = fc.constantFrom(
      "'; DROP TABLE events; --",
      "\\'; SELECT 1; --",
      '\\N',
      '{x:String}',
      '\0',
      '\n\n;',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyText, hostile),
        fc.array(anyText, { maxLength: 4 }),
        async (text, list) => {
          const rows = await of().query('SELECT {text:String} AS text, {list:Array(String)} AS list', {
            text,
            list,
          });
          expect(rows).toEqual([{ text, list }]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not let a parameter become SQL, a table name included', async () => {
    const error = await failureOf(
      of().query('SELECT * FROM {table:Identifier}', { table: 'events; DROP TABLE events' }),
    );
    expect(error.clickhouseCode).toBe(60);
    await failureOf(of().query('SELECT {n:UInt32} AS n', { n: '1 OR 1 = 1' }));
    expect(await of().query('EXISTS TABLE events')).toEqual([{ result: 1 }]);
  });

  it('keeps parameters of reads that run side by side apart', async () => {
    const values = Array.from({ length: 40 }, (_, index) => `value-${index}`);
    const answers = await Promise.all(
      values.map((v) => of().query('SELECT {v:String} AS v, sum(number) AS n FROM numbers(10000)', { v })),
    );
    expect(answers).toEqual(values.map((v) => [{ v, n: 49_995_000 }]));
  });

  it('says what is wrong with a statement by the number of ClickHouse', async () => {
    const cases: [string, number][] = [
      ['SELEC 1', 62],
      ['SELECT 1; SELECT 2', 62],
      ['SELECT * FROM nowhere', 60],
      ['SELECT nothing FROM events', 47],
      ['DROP TABLE events', 164],
      ['INSERT INTO gate SELECT 1', 164],
      ["SELECT throwIf(1, 'as asked')", 395],
    ];
    for (const [sql, clickhouseCode] of cases) {
      const error = await failureOf(of().query(sql));
      expect(error, sql).toMatchObject({ code: 'WAREHOUSE_REFUSED', retriable: false, clickhouseCode });
    }
  });

  it('reads instants as ISO 8601 and large counts as numbers', async () => {
    const rows = await of().query(
      "SELECT fromUnixTimestamp64Milli({t:Int64}, 'UTC') AS t, toUInt64(9007199254740991) AS n, true AS b",
      { t: 883_612_800_123 },
    );
    expect(rows).toEqual([{ t: '1998-01-01T00:00:00.123Z', n: Number.MAX_SAFE_INTEGER, b: true }]);
  });
}

function tableContract(of: () => OpenWarehouse): void {
  it('keeps instants to the millisecond, given as epoch milliseconds or as ISO 8601', async () => {
    const instants = [0, 5, 999_999_999, 1_000_000_000, 883_612_800_123, 1_736_500_000_999];
    const rows = instants.map((time, offset) =>
      eventRow(offset, { region: 'instants', time, at: new Date(JANUARY + time / 1000).toISOString() }),
    );
    await of().insert('events', 'instants', rows);
    const read = await of().query(
      "SELECT toUnixTimestamp64Milli(time) AS time, at FROM events WHERE region = 'instants' ORDER BY offset",
    );
    expect(read).toEqual(rows.map((row) => ({ time: row['time'], at: row['at'] })));
  });

  it('counts an event on the day on which it happened in China', async () => {
    const time = Date.UTC(2025, 4, 1, 15, 59, 59, 999);
    const rows = [time, time + 1, time - DAY_MS].map((t, offset) =>
      eventRow(offset, { region: 'days', time: t }),
    );
    await of().insert('events', 'days', rows);
    const read = await of().query(
      "SELECT day, sum(total) AS n FROM events_per_day WHERE region = 'days' GROUP BY day ORDER BY day",
    );
    expect(read).toEqual([
      { day: '2025-04-30', n: 1 },
      { day: '2025-05-01', n: 1 },
      { day: '2025-05-02', n: 1 },
    ]);
  });

  it('shows each warning as its latest transition left it', async () => {
    const transition = (warning: string, ordinal: number, level: string, previous: string): Row => ({
      warning: warning.repeat(32),
      ordinal,
      model: 'food/repeat-complaints',
      domain: 'food',
      item: 'food-operation',
      scope: 'subject',
      key: '91110000802100433B',
      region: '110105',
      level,
      previous,
      clock: JANUARY + ordinal,
      raised: JANUARY,
      reason: ordinal === 0 ? 'raised' : 'escalated',
      quiet: false,
      departments: ['market-regulation'],
      revision: 'r1',
      indicators: '{"complaints":3}',
      params: '{}',
      title: '重复投诉',
      partition: 0,
      offset: ordinal,
    });
    await of().insert('warnings', 'w-0-1', [
      transition('a', 1, 'red', 'blue'),
      transition('a', 0, 'blue', 'none'),
    ]);
    await of().insert('warnings', 'w-2-2', [transition('b', 0, 'yellow', 'none')]);
    const read = await of().query(
      "SELECT level, previous, ordinal, reason, clock, title, departments FROM warnings_current WHERE level > 'yellow'",
    );
    expect(read).toEqual([
      {
        level: 'red',
        previous: 'blue',
        ordinal: 1,
        reason: 'escalated',
        clock: '2025-01-10T00:00:00.001Z',
        title: '重复投诉',
        departments: ['market-regulation'],
      },
    ]);
  });

  it('has a place for deliveries, dead letters and operator alerts', async () => {
    const place = { partition: 0, offset: 7 };
    await of().insert('deliveries', 'd', [
      {
        id: 'd1',
        warning: 'w',
        ordinal: 0,
        department: 'fire',
        role: 'lead',
        channel: 'inbox',
        at: 1,
        state: 'sent',
        ...place,
      },
    ]);
    await of().insert('dead_letters', 'l', [
      {
        at: 1,
        code: 'EVENT_DATA',
        message: 'm',
        source: 's',
        field: 'data.amount',
        original: 'dead:00',
        length: 12,
        ...place,
      },
    ]);
    await of().insert('operator_alerts', 'o', [
      { code: 'EVENT_DATA', clock: 1, model: null, key: null, message: 'm', count: 2, ...place },
    ]);
    expect(await of().query('SELECT role, state FROM deliveries')).toEqual([{ role: 'lead', state: 'sent' }]);
    expect(await of().query('SELECT field, original, length FROM dead_letters')).toEqual([
      { field: 'data.amount', original: 'dead:00', length: 12 },
    ]);
    expect(await of().query('SELECT model, key, count FROM operator_alerts')).toEqual([
      { model: '', key: '', count: 2 },
    ]);
  });
}
