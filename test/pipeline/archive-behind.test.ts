// A store of state that forgot its last moments: what the warehouse has beyond it is not inserted again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { encodeRecord } from '../../src/events/codec.js';
import { Archive } from '../../src/pipeline/archive.js';
import { EventsSource } from '../../src/pipeline/archive-events.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import type { Logs } from '../../src/ports/log.js';
import type { StateStore } from '../../src/ports/state.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const AT = Date.UTC(2026, 2, 2);
const KEY = 'subject:sim:a';

describe.runIf(await chdbRuns())('an archive behind its warehouse', () => {
  let test: TestWarehouse;
  let warehouse: OpenWarehouse;
  beforeAll(async () => {
    test = await openTestWarehouse();
    const settings = { ...test.options, database: 'fenghuo' };
    await migrate(settings, MIGRATIONS);
    warehouse = openWarehouse(settings);
  }, 120_000);
  afterAll(async () => {
    await warehouse?.close();
    await test?.close();
  });

  it('passes over what is there, and goes on with the same rows as if nothing had been forgotten', async () => {
    const stores = openMemory();
    const logs = new Proxy({}, { get: (_, name) => stores.log(name as 'events') }) as Logs;
    const event = (id: number, more: object = {}) =>
      encodeRecord({
        kind: 'event',
        id: `s ${id}`,
        stream: 'penalty',
        source: 's',
        key: KEY,
        time: AT,
        at: AT + id,
        data: { amount: 1 },
        ...more,
      });
    const revocation = event(3, { revokes: 's 0' });
    const records = [
      event(0),
      event(1),
      event(2),
      revocation,
      event(4),
      event(5),
      event(6),
      event(7),
      event(8),
    ];
    await stores.log('events').append(0, records);
    const verdict = { verdict: 'revokes', code: 'REVOKED', position: { partition: 0, offset: 3 } };
    const original = { original: { partition: 0, offset: 0 } };
    const origin = { source: 'events/0', offset: 3, ordinal: 0 };
    await stores.log('verdicts').append(0, [encodeJson({ origin, verdict: { ...verdict, ...original } })]);
    let serial = 0;
    const archived = async (state: StateStore, decided: number) => {
      const nonce = () => `n${serial++}`;
      const options = { logs, state, warehouse, nonce, probe: () => undefined, batch: 3 };
      const archive = new Archive(new EventsSource(logs, () => decided), options);
      await archive.open(false);
      while ((await archive.run()) > 0);
      return archive.position;
    };
    const kept = openMemory().state;
    expect(await archived(kept, 2)).toBe(2);
    // Another store took the next steps; the first one never hears of them.
    expect(await archived(openMemory().state, 5)).toBe(5);
    expect(await archived(kept, 9)).toBe(9);
    const rows = await warehouse.query(
      'SELECT offset, sign, count() AS times FROM events GROUP BY ALL ORDER BY offset, sign',
    );
    const told = rows.map(({ offset, sign, times }) => `${String(offset)} ${String(sign)} x${String(times)}`);
    expect(told).toEqual([
      '0 -1 x1',
      '0 1 x1',
      '1 1 x1',
      '2 1 x1',
      '3 0 x1',
      ...[4, 5, 6, 7, 8].map((offset) => `${offset} 1 x1`),
    ]);
  });
});
