// How many events a hold keeps, as the warehouse has them, and that no failure of it is one of the hold.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { answered, type HeldSubject, type HoldRequest } from '../../src/app/retaining.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import { EVENTS } from '../dashboards/given-rows.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const adds = (subject: string): HoldRequest => ({
  ...{ do: 'add', subject, reason: '行政复议', by: '张三', until: 1 },
});
const KNOWN = ['k/subject:s1', 'k/device:d1', 'k/subject:s3'];
const state: HeldSubject['state'] = {
  load: (_, keys) => Promise.resolve(keys.map((key) => (KNOWN.includes(key) ? encodeJson({}) : undefined))),
};
const about = (warehouse: HeldSubject['warehouse']) => ({ state, partitions: 1, warehouse });

describe.skipIf(!(await chdbRuns()))('the events of a subject on hold', () => {
  let under: TestWarehouse;
  let warehouse: OpenWarehouse;
  beforeAll(async () => {
    under = await openTestWarehouse();
    await migrate({ ...under.options, database: 'held' }, MIGRATIONS);
    warehouse = openWarehouse({ ...under.options, database: 'held' });
    await warehouse.insert('events', 'events/0', EVENTS);
  });
  afterAll(async () => {
    await warehouse?.close();
    await under?.close();
  });

  it.each([
    ['subject:s1', 4, 'without the penalty that was revoked'],
    ['device:d1', 1, 'without readings'],
    ['subject:s3', 0, 'none that was archived'],
  ])('%s: %i, %s', async (subject, events) => {
    expect(await answered([], adds(subject), about(warehouse))).toEqual({
      ...{ holds: [], isUnknown: false, events },
    });
  });

  it('make it known, whatever evaluate kept of it; and no hold is ordered by a list', async () => {
    const nobody = await answered([], adds('subject:s9'), about(warehouse));
    expect(nobody).toEqual({ holds: [], isUnknown: true, events: 0 });
    const archived = await answered([], adds('subject:s2'), about(warehouse));
    expect(archived).toEqual({ holds: [], isUnknown: false, events: 1 });
    const listed = await answered([], { do: 'list' }, about(warehouse));
    expect(listed).toEqual({ holds: [], isUnknown: false, events: null });
  });
});

it('a warehouse that fails, or is none, leaves the number open, and the hold stands', async () => {
  const failing = { query: () => Promise.reject(new Error('gone')) };
  for (const one of [failing, null])
    expect(await answered([], adds('subject:s1'), about(one))).toEqual({
      ...{ holds: [], isUnknown: false, events: null },
    });
});
