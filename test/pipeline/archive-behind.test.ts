// A store of state that forgot its last moments: what the warehouse has beyond it is not inserted again, nor left out.
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
import { rulesOf } from '../alerts/timeline.js';
import { ForgetfulStores } from '../simulation/forgetful-stores.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const AT = Date.UTC(2026, 2, 2);
const KEY = 'subject:sim:a';
const CUT = new Error('cut off');

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
const registration = (id: number, region = '110105') =>
  event(id, { stream: 'registration', data: { kind: 'enterprise', name: `甲店${id}`, region } });
const gap = (id: number) => encodeRecord({ kind: 'gap', from: AT, at: AT + id });

interface Way {
  /** Offset below which evaluate has decided. */
  readonly decided: number;
  /** After how many inserts it is cut off, if at all. */
  readonly inserts?: number;
}

describe.runIf(await chdbRuns())('an archive behind its warehouse', () => {
  let test: TestWarehouse;
  let warehouse: OpenWarehouse;
  let partition = -1;
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

  /** An archive of a partition of its own, in blocks of three records. */
  async function opened(records: readonly Uint8Array[]) {
    const stores = openMemory();
    const logs = new Proxy({}, { get: (_, name) => stores.log(name as 'events') }) as Logs;
    partition += 1;
    await stores.log('events').append(partition, records);
    let serial = 0;
    const rules = rulesOf();
    const archived = async (state: StateStore, { decided, inserts = Infinity }: Way) => {
      const nonce = () => `n${serial++}`;
      let left = inserts;
      const probe = (point: string) => {
        if (point === 'before-insert' && --left < 0) throw CUT;
      };
      const registry = { warehouse, rules: () => rules };
      const source = new EventsSource(logs, () => decided, partition, undefined, registry);
      const archive = new Archive(source, { logs, state, warehouse, nonce, probe, batch: 3 });
      await archive.open(false);
      while ((await archive.run()) > 0);
      expect(archive.settled).toBe(true);
      return archive.position;
    };
    return { stores, archived };
  }

  /** Of the partition opened last. */
  async function rowsOf(table: string): Promise<string[]> {
    const sign = table === 'gaps' ? '' : ', sign';
    const rows = await warehouse.query(
      `SELECT concat_ws(' ', toString(offset)${sign === '' ? '' : ', toString(sign)'}) AS row, count() AS times
       FROM ${table} WHERE partition = {partition:UInt16} GROUP BY offset${sign} ORDER BY offset${sign}`,
      { partition },
    );
    return rows.map(({ row, times }) => `${String(row)} x${String(times)}`);
  }

  it('passes over what is there, and goes on with the same rows as if nothing had been forgotten', async () => {
    const records = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((id) => event(id, id === 3 ? { revokes: 's 0' } : {}));
    const { stores, archived } = await opened(records);
    const verdict = { verdict: 'revokes', code: 'REVOKED', position: { partition, offset: 3 } };
    const original = { original: { partition, offset: 0 } };
    const origin = { source: 'events/0', offset: 3, ordinal: 0 };
    await stores
      .log('verdicts')
      .append(partition, [encodeJson({ origin, verdict: { ...verdict, ...original } })]);
    const kept = openMemory().state;
    expect(await archived(kept, { decided: 2 })).toBe(2);
    // Another store took the next steps; the first one never hears of them.
    expect(await archived(openMemory().state, { decided: 5 })).toBe(5);
    expect(await archived(kept, { decided: 9 })).toBe(9);
    expect(await rowsOf('events')).toEqual([
      '0 -1 x1',
      '0 1 x1',
      '1 1 x1',
      '2 1 x1',
      '3 0 x1',
      ...[4, 5, 6, 7, 8].map((offset) => `${offset} 1 x1`),
    ]);
  });

  it.each([1, 2, 3, 4])('brings in what a crash kept out of a block after %i inserts', async (inserts) => {
    const region = String(110100 + inserts);
    const registered = (id: number) => registration(id, region);
    const { archived } = await opened([event(0), registered(1), gap(2), event(3), registered(4), event(5)]);
    const kept = openMemory().state;
    // Whatever was recorded in it is forgotten; the next range has another end.
    await expect(archived(openMemory().state, { decided: 5, inserts })).rejects.toBe(CUT);
    expect(await archived(kept, { decided: 6 })).toBe(6);
    expect(await rowsOf('events')).toEqual(['0 1 x1', '1 1 x1', '3 1 x1', '4 1 x1', '5 1 x1']);
    expect(await rowsOf('gaps')).toEqual(['2 x1']);
    expect(await rowsOf('profiles')).toEqual(['1 1 x1', '4 -1 x1', '4 1 x1']);
    const [places] = await warehouse.query(
      'SELECT sum(total) AS n FROM subjects_by_place WHERE region = {region:String}',
      { region },
    );
    expect(places).toEqual({ n: 1 });
  });

  it('does not insert again what has no row in the first table of its block', async () => {
    const { archived } = await opened([gap(0), gap(1), event(2)]);
    expect(await archived(openMemory().state, { decided: 1 })).toBe(1);
    expect(await archived(openMemory().state, { decided: 3 })).toBe(3);
    expect(await rowsOf('gaps')).toEqual(['0 x1', '1 x1']);
    expect(await rowsOf('events')).toEqual(['2 1 x1']);
  });

  it('inserts the range that is recorded under its own token, though later ones are forgotten', async () => {
    const { archived } = await opened([event(0), event(1), event(2), event(3), registration(4)]);
    const stores = new ForgetfulStores(() => 0);
    await expect(archived(stores.state, { decided: 2, inserts: 0 })).rejects.toBe(CUT);
    stores.settle();
    expect(await archived(stores.state, { decided: 4 })).toBe(4);
    await stores.putBack(0);
    expect(await archived(stores.state, { decided: 5 })).toBe(5);
    expect(await rowsOf('events')).toEqual([0, 1, 2, 3, 4].map((offset) => `${offset} 1 x1`));
  });
});
